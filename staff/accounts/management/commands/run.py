"""`manage.py run`: the whole app in one command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

_SECONDS_TO_STOP = 15
_SECONDS_BETWEEN_LOOKS = 0.5
_THREADS = "4"
_MANAGE = settings.BASE_DIR / "manage.py"
_ADD_ACCOUNT = f"{os.path.relpath(sys.executable)} {os.path.relpath(_MANAGE)} add_account NAME --role administrator"


class Command(BaseCommand):
    """Migrates, starts the importer and the web server, and stops both on SIGINT or SIGTERM."""

    help = "Migrate, import conversations and serve the pages until stopped."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to end with the process that started the app."""
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the starting process is gone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped.

        Raises:
            CommandError: the database or the port cannot be used, or the web server ended by itself.
        """
        environment = settings.ENVIRONMENT
        stop = threading.Event()
        parent = os.getppid() if options["stop_with_parent"] else None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        self._check_port(environment.host, environment.port)
        try:
            call_command("migrate", interactive=False, verbosity=0)
            first = not User.objects.filter(is_active=True).exists()
        except DatabaseError as error:
            raise CommandError(
                f"The staff database cannot be used: {str(error).splitlines()[0]} "
                "Check FAMILY_GUIDE_STAFF_DATABASE_URL, or the var folder for SQLite."
            ) from error
        importer, server = self._start_importer(), self._start_server()
        self.stdout.write(f"Staff app:  http://{environment.host}:{environment.port}/")
        if first:
            self.stdout.write(
                f"            No account yet. Make the first (it asks for a password):\n            {_ADD_ACCOUNT}"
            )
        self.stdout.flush()
        ended = None
        while not stop.wait(_SECONDS_BETWEEN_LOOKS):
            # A parent that was killed cannot say that it stops.
            if parent is not None and os.getppid() != parent:
                break
            if importer.poll() is not None:
                importer = self._start_importer()
            if server.poll() is not None:
                ended = server.returncode
                break
        for process in (server, importer):
            _end(process)
        if ended is not None:
            raise CommandError(f"The web server ended by itself (code {ended}). Its reason stands above.")

    def _start_importer(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(_MANAGE), "follow"])

    def _start_server(self) -> subprocess.Popen[bytes]:
        environment = settings.ENVIRONMENT
        # Threads, because a page waits for the database; recycled now and then, so that no leak adds up.
        return subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "config.wsgi:application",
                "--chdir", str(settings.BASE_DIR),
                "--bind", f"{environment.host}:{environment.port}",
                "--workers", str(environment.workers), "--worker-class", "gthread", "--threads", _THREADS,
                "--max-requests", "5000", "--max-requests-jitter", "500",
                "--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket",
            ]
        )  # fmt: skip

    def _check_port(self, host: str, port: int) -> None:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"{host}:{port} cannot be used ({error.strerror}). Stop what uses it, or set "
                    "FAMILY_GUIDE_STAFF_PORT or FAMILY_GUIDE_STAFF_HOST."
                ) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
