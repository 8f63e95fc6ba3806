"""Pages to find and read conversations."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property

from accounts import audit, roles
from conversations import exporting
from conversations.content import content
from conversations.filters import ConversationFilter, neighbours
from conversations.models import Conversation, Message, Tag, Undelivered
from conversations.queues import QUEUES, count_up_to
from conversations.transcript import MESSAGES_ON_PAGE, Transcript
from review.models import Flag

PER_PAGE = 50
MOST_LISTED = 10_000
"""Conversations that can be paged through; beyond that, filters are the way."""

can_view = permission_required(roles.VIEW, raise_exception=True)


class LimitedPaginator(Paginator):
    """Pages through the first `MOST_LISTED`, and never counts further."""

    @cached_property
    def found(self) -> int:
        """How many were found, one more than `MOST_LISTED` when there are more than that."""
        return count_up_to(cast(QuerySet[Conversation], self.object_list), MOST_LISTED)

    @cached_property
    def count(self) -> int:
        """How many can be paged through."""
        return min(self.found, MOST_LISTED)


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; every page of the site is behind the sign-in."""
    assert isinstance(request.user, User)
    return request.user


def page_context(request: HttpRequest, title: str, **values: Any) -> dict[str, Any]:
    """Return what a page of ours needs beside its own values."""
    return {**admin.site.each_context(request), "title": title, "names": content(), **values}


@can_view
def conversation_list(request: HttpRequest) -> HttpResponse:
    """List conversations, by queue, filters, words and order."""
    chosen = ConversationFilter(with_defaults(request), user_of(request))
    found = chosen.conversations()
    paginator = LimitedPaginator(
        found.select_related("assignee").prefetch_related("tags").defer("search_text"), PER_PAGE
    )
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    flags = dict(
        Flag.objects.filter(message__conversation__in=[c.pk for c in shown])
        .values_list("message__conversation")
        .annotate(Count("id"))
    )
    for conversation in shown:
        conversation.flags = flags.get(conversation.pk, 0)
    queue = (
        QUEUES[chosen.cleaned_data.get("queue") or "all"] if chosen.is_bound and chosen.is_valid() else QUEUES["all"]
    )
    query = request.GET.copy()
    query.pop("page", None)
    context = page_context(
        request,
        queue.title,
        filter=chosen,
        filter_fields=[chosen[name] for name in chosen.fields if name not in ("q", "queue", "sort")],
        queue=queue,
        page=page,
        shown=shown,
        more=paginator.found > MOST_LISTED,
        query=query.urlencode(),
        is_empty=not shown and not Conversation.objects.exists(),
        may_export=user_of(request).has_perm(roles.EXPORT_CONVERSATIONS),
    )
    return TemplateResponse(request, "conversations/list.html", context)


def with_defaults(request: HttpRequest) -> Any:
    """Return the filters in the address, with the queue and the order that hold when none is named."""
    data = request.GET.copy()
    data.setdefault("queue", "all")
    data.setdefault("sort", "latest")
    return data


@can_view
def transcript(request: HttpRequest, key: int) -> HttpResponse:
    """Show one conversation like a chat; that it was read is in the audit log."""
    conversation = get_object_or_404(Conversation.objects.select_related("assignee"), pk=key)
    audit.record(audit.READ, conversation)
    user = user_of(request)
    chosen = ConversationFilter(with_defaults(request), user)
    before, after = neighbours(chosen.conversations(), chosen.order, conversation)
    query = request.GET.copy()
    query.pop("page", None)
    context = page_context(
        request,
        f"Conversation {conversation.reference}",
        conversation=conversation,
        transcript=Transcript(conversation, request.GET.get("page")),
        before=before,
        after=after,
        query=query.urlencode(),
        queue=QUEUES.get(request.GET.get("queue", ""), QUEUES["all"]),
        states=Conversation.State.choices,
        reasons=Flag.Reason.choices,
        people=User.objects.filter(is_active=True).order_by("username"),
        all_tags=Tag.objects.all(),
        own_tags=set(conversation.tags.values_list("pk", flat=True)),
        undelivered=Undelivered.objects.filter(sender_id=conversation.sender_id).order_by("-at"),
        notes=conversation.notes.select_related("author"),
        may_review=user.has_perm(roles.REVIEW),
    )
    return TemplateResponse(request, "conversations/transcript.html", context)


@can_view
def message(request: HttpRequest, key: int, message: int) -> HttpResponse:
    """Open the transcript at one message."""
    wanted = get_object_or_404(Message.objects.exclude(kind=Message.Kind.CHECK), pk=message, conversation=key)
    shown = Message.objects.filter(conversation=key).exclude(kind=Message.Kind.CHECK)
    page = shown.filter(event_id__lt=wanted.event_id).count() // MESSAGES_ON_PAGE + 1
    query = request.GET.copy()
    query["page"] = str(page)
    return HttpResponseRedirect(f"{reverse('admin:transcript', args=[key])}?{query.urlencode()}#m{wanted.pk}")


@permission_required(roles.EXPORT_CONVERSATIONS, raise_exception=True)
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Download the conversations that the filters select, with their messages, as CSV or JSON."""
    if form not in exporting.FORMS:
        raise Http404
    chosen = ConversationFilter(with_defaults(request), user_of(request))
    found: QuerySet[Conversation] = chosen.conversations()
    if not chosen.is_valid():
        return _refused(request, "One of the filters is not right: correct it in the list first.")
    most = exporting.most_exported()
    count = count_up_to(found, most)
    if count > most:
        return _refused(request, f"These are more than {most} conversations: narrow the filters, then export again.")
    if not count:
        return _refused(request, "The filters select no conversation, so there is nothing to export.")
    audit.record(audit.EXPORTED, user_of(request), form=form, conversations=count, filters=chosen.named_values())
    return exporting.response(found, form)


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    context = page_context(
        request, "Nothing was exported", text=text, back=f"{reverse('admin:conversations')}?{request.GET.urlencode()}"
    )
    return render(request, "conversations/refused.html", context, status=400)
