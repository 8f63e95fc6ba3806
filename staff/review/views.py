"""What reviewers do to a conversation. Every address takes POST only and goes back to the transcript."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import roles
from conversations.filters import ConversationFilter, neighbours
from conversations.models import Conversation, Message
from conversations.views import user_of, with_defaults
from review.forms import FlagForm, NoteForm, ReviewForm, TopicForm
from review.models import Flag, Suggestion

may_review = permission_required(roles.REVIEW, raise_exception=True)


def _back(request: HttpRequest, conversation: int, place: str = "") -> HttpResponse:
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponseRedirect(reverse("admin:transcript", args=[conversation]) + query + place)


def _say_errors(request: HttpRequest, form: BaseForm) -> None:
    for name, errors in form.errors.items():
        label = form.fields[name].label or name.replace("_", " ").capitalize() if name in form.fields else ""
        messages.error(request, f"{label}: {' '.join(map(str, errors))}" if label else " ".join(map(str, errors)))


@require_POST
@may_review
def save_review(request: HttpRequest, key: int) -> HttpResponse:
    """Save state, assignee and tags."""
    with transaction.atomic():
        conversation = get_object_or_404(Conversation.objects.select_for_update(), pk=key)
        form = ReviewForm(request.POST, instance=conversation)
        if form.is_valid():
            form.save()
            messages.success(request, "The review is saved.")
        else:
            _say_errors(request, form)
    if form.is_valid() and request.POST.get("go_on"):
        chosen = ConversationFilter(with_defaults(request), user_of(request))
        _, after = neighbours(chosen.conversations(), chosen.order, conversation)
        return _back(request, after or key)
    return _back(request, key)


@require_POST
@may_review
def add_note(request: HttpRequest, key: int) -> HttpResponse:
    """Add a note to a conversation."""
    conversation = get_object_or_404(Conversation, pk=key)
    form = NoteForm(request.POST)
    if form.is_valid():
        form.instance.conversation, form.instance.author = conversation, user_of(request)
        form.save()
        messages.success(request, "The note is added.")
    else:
        _say_errors(request, form)
    return _back(request, key, "#notes")


@require_POST
@may_review
def add_flag(request: HttpRequest, key: int, message: int) -> HttpResponse:
    """Flag a message with a reason; the same reason twice is one flag."""
    flagged = get_object_or_404(Message, pk=message, conversation=key)
    form = FlagForm(request.POST)
    if not form.is_valid():
        _say_errors(request, form)
        return _back(request, key, f"#m{message}")
    form.instance.message, form.instance.author = flagged, user_of(request)
    try:
        with transaction.atomic():
            form.save()
        messages.success(request, "The message is flagged.")
    except IntegrityError:
        messages.info(request, "The message has this flag already.")
    return _back(request, key, f"#m{message}")


@require_POST
@may_review
def remove_flag(request: HttpRequest, key: int) -> HttpResponse:
    """Take a flag away."""
    flag = get_object_or_404(Flag.objects.select_related("message"), pk=key)
    conversation, message = flag.message.conversation_id, flag.message_id
    flag.delete()
    messages.success(request, "The flag is removed.")
    return _back(request, conversation, f"#m{message}")


@require_POST
@may_review
def suggest(request: HttpRequest, key: int, message: int) -> HttpResponse:
    """Propose that a message of the family should have been answered by a topic.

    The text is the stored one, so what was redacted stays so. A proposal that is still to be decided
    can be changed; one that was decided cannot.
    """
    asked = get_object_or_404(Message, pk=message, conversation=key, kind=Message.Kind.FAMILY)
    form = TopicForm(request.POST)
    if not form.is_valid():
        _say_errors(request, form)
        return _back(request, key, f"#m{message}")
    suggestion = Suggestion.objects.filter(message=asked).first() or Suggestion(message=asked, text=asked.text)
    if suggestion.state != Suggestion.State.PROPOSED:
        messages.error(request, "This suggestion was decided already; an editor can see it under Suggestions.")
        return _back(request, key, f"#m{message}")
    suggestion.topic, suggestion.author = form.cleaned_data["topic"], user_of(request)
    suggestion.save()
    messages.success(request, "Thank you: an editor will decide on the suggestion.")
    return _back(request, key, f"#m{message}")
