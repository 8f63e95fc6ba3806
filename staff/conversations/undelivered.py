"""Replies that did not arrive, as the assistant's messaging channels report them."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from conversations.models import Undelivered
from conversations.store import Store

MOST_KEPT = 1000
"""The latest reports that are kept and shown."""

_MOST_COUNTED = 99
_COUNT_KEPT_SECONDS = 5
_COUNT_KEY = "undelivered-count"


def import_reports(store: Store) -> None:
    """Bring the reports in line with the store's: new ones come, and deleted ones go.

    Raises:
        StoreUnavailable: the store cannot be read now.
    """
    theirs = {report.id: report for report in store.latest_reports(MOST_KEPT)}
    ours = set(Undelivered.objects.values_list("report_id", flat=True))
    if gone := ours - set(theirs):
        Undelivered.objects.filter(report_id__in=gone).delete()
    Undelivered.objects.bulk_create(
        Undelivered(
            report_id=report.id,
            at=dt.datetime.fromtimestamp(report.at, tz=dt.UTC),
            channel=report.channel[:50],
            sender_id=report.sender_id[:255],
            what=report.what[:32],
            reason=report.reason[:80],
        )
        for key, report in theirs.items()
        if key not in ours
    )


def count_unseen() -> str:
    """Return how many reports nobody has looked after, as shown: "12", or "99+"."""
    count = cache.get(_COUNT_KEY)
    if count is None:
        count = Undelivered.objects.filter(seen_at=None)[: _MOST_COUNTED + 1].count()
        cache.set(_COUNT_KEY, count, _COUNT_KEPT_SECONDS)
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count)


def mark_seen(report: Undelivered, user: User) -> None:
    """Note who looked after a report."""
    report.seen_by, report.seen_at = user, timezone.now()
    report.save(update_fields=["seen_by", "seen_at"])
    cache.delete(_COUNT_KEY)
