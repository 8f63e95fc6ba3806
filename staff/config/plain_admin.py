"""Unfold's lists and forms with our titles, and with one way to save."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

_ONE_BUTTON = {"show_save_and_add_another": False, "show_save_and_continue": False}


class PlainAdmin(ModelAdmin):
    """A list and a form that say what they are.

    Attributes:
        list_title: the title of the list.
        add_title: the title of the form for something new.
    """

    list_title = ""
    add_title = ""
    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form."""
        shown = self.get_object(request, object_id) if object_id else None
        title = {"title": str(shown) if shown else self.add_title}
        return super().changeform_view(request, object_id, form_url, {**title, **_ONE_BUTTON, **(extra_context or {})})
