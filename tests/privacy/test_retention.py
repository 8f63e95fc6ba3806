"""Deletion when the time is over, and its note for audit."""

import pytest
import structlog

from family_guide.privacy.retention import delete_expired


class Store:
    """Notes what it is asked to delete."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float | None]] = []

    def delete_older_than(self, days: float, now: float | None = None) -> int:
        self.asked.append((days, now))
        return 7


def test_what_was_deleted_is_noted_without_content() -> None:
    store = Store()
    with structlog.testing.capture_logs() as entries:
        assert delete_expired(store, 30, 1000.0) == 7
    assert store.asked == [(30, 1000.0)]
    assert entries == [{"event": "retention.deleted", "events": 7, "days": 30, "store": "Store", "log_level": "info"}]


def test_the_default_is_the_setting() -> None:
    store = Store()
    delete_expired(store)
    assert store.asked[0][0] == 90


def test_zero_switches_deletion_off() -> None:
    store = Store()
    with structlog.testing.capture_logs() as entries:
        assert delete_expired(store, 0) == 0
    assert store.asked == []
    assert entries == [{"event": "retention.off", "log_level": "info"}]


def test_a_negative_number_of_days_is_refused() -> None:
    with pytest.raises(ValueError, match="FAMILY_GUIDE_RETENTION_DAYS"):
        delete_expired(Store(), -1)
