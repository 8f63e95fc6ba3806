"""`manage.py ready`: ask the web server on this machine whether it is ready."""

import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

_SECONDS = 8


class Command(BaseCommand):
    """Ends with an error while the server is not ready."""

    help = "Ask the running app whether it is ready."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask.

        Raises:
            CommandError: it does not answer, or not that it is ready.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{settings.ENVIRONMENT.port}/ready", headers={"Host": settings.ALLOWED_HOSTS[0]}
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                self.stdout.write(answer.read().decode())
        except (urllib.error.URLError, OSError) as error:
            raise CommandError(f"not ready ({type(error).__name__})") from error
