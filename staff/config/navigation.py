"""What stands beside every page: queues with counts, pages, and how the import is doing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import roles

_IMPORT_IS_LATE = dt.timedelta(seconds=30)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the links that the role allows, and the import's problem if it has one."""
    user = request.user
    assert isinstance(user, User)
    from conversations.queues import QUEUES, queue_counts
    from conversations.undelivered import count_unseen

    if not user.has_perm(roles.VIEW):
        return {"staff_role": roles.role_of(user)}
    counts = queue_counts(user)
    current = request.GET.get("queue", "all") if request.path.startswith(reverse("admin:conversations")) else ""
    queues = [
        {
            "title": queue.title,
            "count": counts[queue.id],
            "address": f"{reverse('admin:conversations')}?queue={queue.id}",
            "current": queue.id == current,
            "urgent": queue.urgent and counts[queue.id] != "0",
        }
        for queue in QUEUES.values()
    ]
    unseen = count_unseen()
    queues.append(
        {
            "title": "Undelivered replies",
            "count": unseen,
            "address": reverse("admin:undelivered"),
            "current": request.path.startswith(reverse("admin:undelivered")),
            "urgent": unseen != "0",
        }
    )
    pages = [
        _page(request, "Dashboard", "admin:index"),
        _page(request, "Gaps", "admin:gaps"),
        _page(request, "Suggestions", "admin:suggestions"),
        _page(request, "Tags", "admin:conversations_tag_changelist"),
    ]
    managing = []
    if user.has_perm("auth.view_user"):
        managing.append(_page(request, "Accounts", "admin:auth_user_changelist"))
    if user.has_perm("auditlog.view_logentry"):
        managing.append(_page(request, "Audit log", "admin:auditlog_logentry_changelist"))
    return {
        "staff_queues": queues,
        "staff_pages": pages,
        "staff_managing": managing,
        "staff_role": roles.role_of(user),
        "import_problem": _import_problem(),
    }


def _page(request: HttpRequest, title: str, name: str) -> dict[str, Any]:
    address = reverse(name)
    current = request.path == address if name == "admin:index" else request.path.startswith(address)
    return {"title": title, "address": address, "current": current}


def _import_problem() -> str:
    from conversations.models import ImportPosition

    position = ImportPosition.objects.filter(pk=1).first()
    if position is None or position.read_at is None:
        return "The import has not run yet: no conversation can be read. Start the app with manage.py run."
    if position.problem:
        return position.problem
    if timezone.now() - position.read_at > _IMPORT_IS_LATE:
        since = timezone.localtime(position.read_at).strftime("%d %B, %H:%M")
        return f"The import has stood still since {since} (UTC): newer messages are missing. Restart the app."
    return ""
