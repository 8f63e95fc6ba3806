"""The four roles, each a group with the permissions of the one before and some more."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission, User
from django.db.models.signals import post_migrate

VIEWER, REVIEWER, EDITOR, ADMINISTRATOR = "viewer", "reviewer", "editor", "administrator"

VIEW = "conversations.view_conversation"
REVIEW = "conversations.review_conversation"
DECIDE = "review.decide_suggestion"
EXPORT_SUGGESTIONS = "review.export_suggestion"
EXPORT_CONVERSATIONS = "conversations.export_conversation"

_ADDED = {
    VIEWER: (VIEW, "conversations.view_message", "conversations.view_tag"),
    REVIEWER: (
        REVIEW,
        "conversations.add_tag",
        "review.add_note",
        "review.add_flag",
        "review.delete_flag",
        "review.add_suggestion",
    ),
    EDITOR: (DECIDE, EXPORT_SUGGESTIONS, EXPORT_CONVERSATIONS, "conversations.change_tag", "conversations.delete_tag"),
    ADMINISTRATOR: ("auth.view_user", "auth.add_user", "auth.change_user", "auditlog.view_logentry"),
}


def permissions_of(role: str) -> set[str]:
    """Return the permissions of a role, those of the lesser roles included.

    Raises:
        KeyError: there is no such role.
    """
    names = list(_ADDED)
    if role not in _ADDED:
        raise KeyError(role)
    return {permission for name in names[: names.index(role) + 1] for permission in _ADDED[name]}


ROLES = tuple(_ADDED)
"""The roles from the least to the most."""


def give_role(user: User, role: str) -> None:
    """Make a role the only one of an account."""
    user.groups.set([Group.objects.get(name=role)])


def role_of(user: User) -> str:
    """Return the role of an account, or an empty string."""
    group = user.groups.first()
    return group.name if group else ""


def _make_groups(**kwargs: Any) -> None:
    """Give each role exactly its permissions."""
    known = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        wanted = {known[name] for name in permissions_of(role) if name in known}
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)


def connect(app: AppConfig) -> None:
    """Have the roles made once every app has its permissions."""
    post_migrate.connect(_make_groups, dispatch_uid="accounts.roles")
