"""What a reviewer sends from a transcript."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from conversations.content import content
from conversations.models import Conversation, Tag
from review.models import Flag, Note


class ReviewForm(forms.ModelForm):
    """State, assignee and tags; new tags may be typed where the role may add them."""

    new_tag = forms.CharField(max_length=40, required=False)
    tags = forms.ModelMultipleChoiceField(Tag.objects.all(), required=False)
    assignee = forms.ModelChoiceField(User.objects.filter(is_active=True), required=False)

    class Meta:
        model = Conversation
        fields = ("state", "assignee", "tags")

    def clean_new_tag(self) -> str:
        """Return a tag that is not there yet, or nothing.

        Raises:
            ValidationError: the word cannot be a tag.
        """
        name: str = " ".join(self.cleaned_data["new_tag"].split())
        if name and not Tag.objects.filter(name__iexact=name).exists():
            Tag(name=name).full_clean()
        return name

    def save(self, commit: bool = True) -> Any:
        """Keep the review, with the new tag if one was typed."""
        conversation = super().save(commit)
        name = self.cleaned_data["new_tag"]
        if name:
            tag = Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name)
            conversation.tags.add(tag)
        return conversation


class NoteForm(forms.ModelForm):
    """A note."""

    class Meta:
        model = Note
        fields = ("text",)


class FlagForm(forms.ModelForm):
    """A flag with its reason."""

    class Meta:
        model = Flag
        fields = ("reason", "comment")


class TopicForm(forms.Form):
    """The topic that should have answered a message."""

    topic = forms.ChoiceField()

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(theme, options) for theme, options in content().by_file().items()]
