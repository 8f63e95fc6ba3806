"""`manage.py follow`: keep the staff database up to date with the assistant's store."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from conversations.follow import follow


class Command(BaseCommand):
    """Imports until it gets SIGINT or SIGTERM."""

    help = "Follow the assistant's conversations until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        """Import; the turn under way is finished before the end."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        follow(stop)
