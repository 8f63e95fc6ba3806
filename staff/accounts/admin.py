"""Pages of administrators: accounts and the audit log."""

from __future__ import annotations

from typing import Any, cast

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.functional import cached_property
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminPasswordChangeForm

from accounts.forms import AccountForm, NewAccountForm, save_role
from accounts.roles import role_of
from config.plain_admin import PlainAdmin

_MOST_ENTRIES = 10_000

for _model in (User, Group, LogEntry, TOTPDevice):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(User)
class AccountAdmin(PlainAdmin, UserAdmin):  # type: ignore[misc]
    """Accounts are switched off rather than deleted: the audit log goes on naming them."""

    form = AccountForm
    add_form = NewAccountForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "role", "is_active", "second_factor", "last_login")
    list_filter = ()
    filter_horizontal = ()
    search_fields = ("username",)
    search_help_text = "Search by name"
    list_title, add_title = "Accounts", "New account"
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "role", "is_active")}),
        ("Second factor", {"fields": ("reset_second_factor",)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "role")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes an account."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Save the account with its role; a reset second factor is set up anew at the next sign-in."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)
        save_role(obj, form.cleaned_data["role"])
        if form.cleaned_data.get("reset_second_factor"):
            TOTPDevice.objects.filter(user=obj).delete()

    @admin.display(description="Role")
    def role(self, user: User) -> str:
        """The role, in words."""
        return role_of(user).capitalize() or "None"

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, user: User) -> bool:
        """Whether an authenticator app is set up."""
        return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


class RecentEntries(Paginator):
    """Pages through the newest entries; counts no further."""

    @cached_property
    def count(self) -> int:
        """How many can be paged through."""
        return cast(QuerySet[LogEntry], self.object_list).order_by()[:_MOST_ENTRIES].count()


@admin.register(LogEntry)
class AuditLogAdmin(PlainAdmin):
    """The audit log: read, never written. The database refuses changes as well."""

    list_display = ("when", "who", "did", "subject", "details", "address")
    list_display_links = None
    list_per_page = 50
    list_select_related = ("actor", "content_type")
    search_fields = ("actor__username", "object_repr")
    search_help_text = "Search by name, or by #number"
    ordering = ("-timestamp", "-id")
    sortable_by = ()
    list_title = "Audit log"
    paginator = RecentEntries
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds an entry by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes an entry."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes an entry."""
        return False

    @admin.display(description="When (UTC)")
    def when(self, entry: LogEntry) -> str:
        """The moment, to the second."""
        return f"{entry.timestamp:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Who")
    def who(self, entry: LogEntry) -> str:
        """The account, or the app itself."""
        return entry.actor.username if entry.actor else "the app"

    @admin.display(description="Did")
    def did(self, entry: LogEntry) -> str:
        """What was done."""
        return (entry.additional_data or {}).get("did") or str(entry.get_action_display()) + "d"

    @admin.display(description="To")
    def subject(self, entry: LogEntry) -> str:
        """What it was done to."""
        model = entry.content_type.name.capitalize()
        return entry.object_repr if entry.object_repr.startswith(model) else f"{model} {entry.object_repr}"

    @admin.display(description="From")
    def address(self, entry: LogEntry) -> str:
        """The network address that the request came from."""
        return entry.remote_addr or "–"

    @admin.display(description="Details")
    def details(self, entry: LogEntry) -> str:
        """What changed, or what was exported."""
        known = {k: v for k, v in (entry.additional_data or {}).items() if k != "did"}
        changed = [f"{name}: {_change(values)}" for name, values in (entry.changes_dict or {}).items()]
        return "; ".join([*changed, *(f"{name}: {value}" for name, value in known.items())]) or "–"


def _change(values: Any) -> str:
    if isinstance(values, dict):
        return f"{values.get('operation', '')} {', '.join(map(str, values.get('objects', [])))}"
    return " → ".join(str(value) for value in values)
