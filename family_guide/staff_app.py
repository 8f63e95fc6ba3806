"""The staff app beside the assistant: started, watched and stopped with it, and never in its way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from family_guide.settings import ROOT

FOLDER = ROOT / "staff"
"""The folder of the staff app, with an environment of its own in `.venv`."""

_SECONDS_TO_STOP = 20


@contextmanager
def staff_app_beside(folder: Path = FOLDER) -> Iterator[None]:
    """Run the staff app as long as the block lasts.

    Whatever is wrong with it, the block runs: families are answered without it too, and what happened is
    said on standard error.

    Args:
        folder: the staff app's folder.
    """
    python = folder / ".venv" / "bin" / "python"
    if not python.is_file():
        _tell("is not installed; make install-staff installs it")
        yield
        return
    try:
        # In a session of its own: Ctrl-C in the terminal reaches it through us, once and in order.
        process = subprocess.Popen(
            [python, folder / "manage.py", "run", "--stop-with-parent"], cwd=ROOT, start_new_session=True
        )
    except OSError as error:
        _tell(f"could not be started ({error.strerror})")
        yield
        return
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(process, stopping), daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        _stop(process)


def _watch(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Say that the staff app ended, if nobody stopped it."""
    status = process.wait()
    if not stopping.is_set():
        _tell(f"ended by itself (code {status}). Its reason stands above. To start it again: make staff")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tell(what: str) -> None:
    print(f"The staff app {what}. Families are answered without it.", file=sys.stderr, flush=True)
