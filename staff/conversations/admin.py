"""The page of tags."""

from django.contrib import admin

from config.plain_admin import PlainAdmin
from conversations.models import Tag


@admin.register(Tag)
class TagAdmin(PlainAdmin):
    """Tags that staff put on conversations."""

    list_display = ("name",)
    search_fields = ("name",)
    search_help_text = "Search by name"
    list_title, add_title = "Tags", "New tag"
