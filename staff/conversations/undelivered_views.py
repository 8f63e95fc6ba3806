"""The page of replies that did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import roles
from conversations.models import Conversation, Undelivered
from conversations.undelivered import mark_seen
from conversations.views import page_context, user_of

_PER_PAGE = 50


@permission_required(roles.VIEW, raise_exception=True)
def report_list(request: HttpRequest) -> HttpResponse:
    """List the reports, those that nobody looked after first."""
    reports = Undelivered.objects.select_related("seen_by").annotate(looked_after=Q(seen_at__isnull=False))
    page = Paginator(reports.order_by("looked_after", "-at"), _PER_PAGE).get_page(request.GET.get("page"))
    senders = {report.sender_id for report in page.object_list}
    known = Conversation.objects.filter(sender_id__in=senders).in_bulk(field_name="sender_id")
    context = page_context(
        request,
        "Undelivered replies",
        page=page,
        rows=[(report, known.get(report.sender_id)) for report in page.object_list],
        may_review=user_of(request).has_perm(roles.REVIEW),
    )
    return TemplateResponse(request, "conversations/undelivered.html", context)


@require_POST
@permission_required(roles.REVIEW, raise_exception=True)
def seen(request: HttpRequest, key: int) -> HttpResponse:
    """Note that somebody looked after a report."""
    mark_seen(get_object_or_404(Undelivered, pk=key), user_of(request))
    messages.success(request, "Noted: it is looked after.")
    return HttpResponseRedirect(reverse("admin:undelivered"))
