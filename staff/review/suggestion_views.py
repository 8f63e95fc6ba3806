"""Suggestions for the training data: decided one by one or together, exported in batches."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import audit, roles
from conversations.content import content
from conversations.views import page_context, user_of
from review.models import Batch, Suggestion
from review.nlu_export import conversation_test, nlu_yaml

PER_PAGE = 50
_DECISIONS = {"accept": Suggestion.State.ACCEPTED, "reject": Suggestion.State.REJECTED}
_EXPORTS = {"nlu.yml": (nlu_yaml, "nlu_batch_{}.yml"), "test.yml": (conversation_test, "test_batch_{}.yml")}
"""How each file is made, and its name: Rasa takes only files that begin with `test_` for tests."""

_may_view = permission_required(roles.VIEW, raise_exception=True)
_may_decide = permission_required(roles.DECIDE, raise_exception=True)
_may_export = permission_required(roles.EXPORT_SUGGESTIONS, raise_exception=True)


@_may_view
def suggestion_list(request: HttpRequest) -> HttpResponse:
    """List suggestions of one state."""
    state = request.GET.get("state", Suggestion.State.PROPOSED)
    if state not in Suggestion.State.values:
        raise Http404
    found = Suggestion.objects.filter(state=state).select_related("message", "author", "decided_by", "batch")
    user = user_of(request)
    context = page_context(
        request,
        "Suggestions",
        page=Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        state=state,
        state_title=Suggestion.State(state).label,
        states=[
            (value, label, Suggestion.objects.filter(state=value).count()) for value, label in Suggestion.State.choices
        ],
        batches=Batch.objects.select_related("author")[:20],
        accepted=Suggestion.objects.filter(state=Suggestion.State.ACCEPTED).count(),
        may_decide=user.has_perm(roles.DECIDE) and state in (Suggestion.State.PROPOSED, Suggestion.State.ACCEPTED),
        may_export=user.has_perm(roles.EXPORT_SUGGESTIONS),
        topics=content().by_file(),
        query=f"state={state}",
    )
    return TemplateResponse(request, "review/suggestions.html", context)


@require_POST
@_may_decide
def decide(request: HttpRequest) -> HttpResponse:
    """Accept or reject the suggestions that were ticked; exported ones stay as they are."""
    decision = _DECISIONS.get(request.POST.get("decision", ""))
    ticked = [int(key) for key in request.POST.getlist("suggestion") if key.isdigit()]
    back = HttpResponseRedirect(f"{reverse('admin:suggestions')}?state={request.POST.get('state', 'proposed')}")
    if decision is None or not ticked:
        messages.error(request, "Tick the suggestions first, then accept or reject them.")
        return back
    with transaction.atomic():
        open_ones = Suggestion.objects.select_for_update().filter(
            pk__in=ticked, state__in=(Suggestion.State.PROPOSED, Suggestion.State.ACCEPTED)
        )
        changed = list(open_ones)
        for suggestion in changed:
            # One by one, so that each decision is in the audit log.
            suggestion.state, suggestion.decided_by = decision, user_of(request)
            suggestion.save(update_fields=["state", "decided_by"])
    messages.success(request, f"{decision.label}: {len(changed)}.")
    return back


@require_POST
@_may_export
def make_batch(request: HttpRequest) -> HttpResponse:
    """Put all accepted suggestions into a batch to export."""
    with transaction.atomic():
        accepted = list(Suggestion.objects.select_for_update().filter(state=Suggestion.State.ACCEPTED))
        if not accepted:
            messages.error(request, "No suggestion is accepted yet: accept some first.")
            return HttpResponseRedirect(reverse("admin:suggestions"))
        made = Batch.objects.create(author=user_of(request))
        for suggestion in accepted:
            suggestion.state, suggestion.batch = Suggestion.State.EXPORTED, made
            suggestion.save(update_fields=["state", "batch"])
    return HttpResponseRedirect(reverse("admin:batch", args=[made.pk]))


@_may_export
def batch(request: HttpRequest, key: int) -> HttpResponse:
    """Show a batch: what to download, and where it goes."""
    shown = get_object_or_404(Batch.objects.select_related("author"), pk=key)
    suggestions = list(shown.suggestions.select_related("message"))
    files = content().files
    context = page_context(
        request,
        f"Batch {shown.pk}",
        batch=shown,
        suggestions=suggestions,
        files=sorted({files[s.topic] for s in suggestions if s.topic in files}),
        preview=nlu_yaml(suggestions),
    )
    return TemplateResponse(request, "review/batch.html", context)


@_may_export
def export_batch(request: HttpRequest, key: int, form: str) -> HttpResponse:
    """Download a batch as training data or as a failing conversation test."""
    shown = get_object_or_404(Batch, pk=key)
    if form not in _EXPORTS:
        raise Http404
    suggestions = list(shown.suggestions.all())
    make, name = _EXPORTS[form]
    audit.record(audit.EXPORTED, shown, form=form, suggestions=len(suggestions))
    return HttpResponse(
        make(suggestions),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name.format(shown.pk)}"'},
    )
