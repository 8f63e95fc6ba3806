"""The page of tags."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from conversations.models import Tag


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    """Tags that staff put on conversations."""

    list_display = ("name",)
    search_fields = ("name",)
    search_help_text = "Search by name"
    actions = None
