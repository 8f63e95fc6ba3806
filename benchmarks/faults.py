"""Parts of a whole service fail while virtual families use it; every promise is checked afterwards.

python -m benchmarks.faults [FAULT ...] [--times 10] [--gone 60] [--families 6]
python -m benchmarks.faults load --seconds 60 --families 12

Needs what `tests/install_tools.sh` installs, `uv sync --group load`, for `disk_full` a
user who may mount, and for `clock_jump` Debian's libfaketime. Results are added to
`results/faults.json`, and printed as the table of `README.md`.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from benchmarks.load.families import SCRIPTS, converse, seen
from benchmarks.load.service import Service, Supervised
from benchmarks.load.verdict import broken, records, stored_ids
from family_guide.settings import ROOT
from tests.action_server import ActionServer
from tests.ports import free_port

RESULTS = ROOT / "benchmarks" / "results" / "faults.json"
RECOVERY_SECONDS, REPLY_SECONDS = 30, 10
"""Targets: until the service answers again, and until any message is answered."""

_FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
_CALM_SECONDS = 3
_GIVE_UP_SECONDS = 300
_DISK = "8m"
_STAFF_PYTHON = ROOT / "staff" / ".venv" / "bin" / "python"
_BOTH = ("killed", "whole")
_IMPORTED = {
    "a message": "SELECT event_id, kind, stamp, text FROM conversations_message",
    "a conversation": "SELECT sender_id, message_count FROM conversations_conversation",
}
"""What an import brings into the staff database, and how it is asked for there."""


@dataclass
class Fault:
    """What fails, and how.

    Attributes:
        service: starts the service that it needs.
        fail: makes it fail; given the service, the number of the repetition and the seconds
            that "gone" means. Returns when the cause is gone.
        stop: ends what `service` started besides.
        also_broken: promises of its own that were broken, in words, once no family writes any more.
    """

    service: Callable[[Path], Service]
    fail: Callable[[Service, int, float], None]
    stop: Callable[[], None] = lambda: None
    also_broken: Callable[[], list[str]] = list


def _whole(folder: Path) -> Service:
    return Service(folder)


def _kill_assistant(service: Service, number: int, _: float) -> None:
    service.assistants[number % len(service.assistants)].kill()


def _restart_redis(service: Service, _number: int, _: float) -> None:
    assert service.redis is not None
    service.redis.kill()
    service.redis.start()


def _redis_gone(service: Service, _number: int, seconds: float) -> None:
    assert service.redis is not None
    service.redis.kill()
    time.sleep(seconds)
    service.redis.start()


def _redis_frozen(service: Service, _number: int, seconds: float) -> None:
    assert service.redis is not None
    service.redis.freeze()
    time.sleep(seconds)
    service.redis.thaw()


def _restart_postgres(service: Service, _number: int, _: float) -> None:
    assert service.postgres is not None
    service.postgres.stop("immediate")
    service.postgres.start()


def _postgres_gone(service: Service, _number: int, seconds: float) -> None:
    assert service.postgres is not None
    service.postgres.stop("immediate")
    time.sleep(seconds)
    service.postgres.start()


def _postgres_frozen(service: Service, _number: int, seconds: float) -> None:
    assert service.postgres is not None
    service.postgres.freeze()
    time.sleep(seconds)
    service.postgres.thaw()


def _restart_proxy(service: Service, _number: int, _: float) -> None:
    service.proxy.kill()


class _SmallDisk:
    """SQLite on a disk of a few megabytes, which something else fills."""

    def __init__(self) -> None:
        self._mounted: Path | None = None

    def service(self, folder: Path) -> Service:
        """Start one server with its database on that disk."""
        disk = folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", disk], check=True)
        self._mounted = disk
        return Service(folder, servers=1, sqlite=True)

    def fill(self, service: Service, _number: int, _: float) -> None:
        """Fill it for 10 seconds."""
        filler = service.folder / "disk" / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        time.sleep(10)
        filler.unlink()

    def stop(self) -> None:
        """Take the disk away."""
        if self._mounted is not None:
            subprocess.run(["umount", "-l", self._mounted], check=True)


class _Clock:
    """One of the two servers has a clock that jumps."""

    def __init__(self) -> None:
        self._file: Path | None = None

    def service(self, folder: Path) -> Service:
        """Start two servers, the first with a clock of its own."""
        self._file = folder / "clock"
        self._file.write_text("+0s")
        faked = {
            "LD_PRELOAD": _FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        return Service(folder, preload=lambda number: faked if number == 0 else {})

    def jump(self, _service: Service, number: int, _: float) -> None:
        """Set it an hour forward, then an hour back, then right."""
        assert self._file is not None
        for offset in ("+3600s", "-3600s") if number % 2 else ("-3600s", "+3600s"):
            self._file.write_text(offset)
            time.sleep(5)
        self._file.write_text("+0s")
        time.sleep(2)


class _Actions:
    """An action server, which stock Rasa needs and this assistant can do without."""

    def __init__(self) -> None:
        self._killed: Supervised | None = None
        self._slow: ActionServer | None = None

    def killed(self, folder: Path) -> Service:
        """Start rasa-sdk's action server and a service that uses it."""
        port = free_port()
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
        self._killed = Supervised("actions", command, folder, {"SANIC_HOST": "127.0.0.1"})
        return Service(folder, action_url=f"http://127.0.0.1:{port}/webhook")

    def kill(self, _service: Service, _number: int, _: float) -> None:
        """Kill it."""
        assert self._killed is not None
        self._killed.kill()

    def slow(self, folder: Path) -> Service:
        """Start an action server that can be slow and a service that uses it."""
        self._slow = ActionServer(seconds=5)
        return Service(folder, action_url=self._slow.url)

    def hang(self, _service: Service, _number: int, _: float) -> None:
        """Let every action take 5 seconds, for 10 seconds."""
        assert self._slow is not None
        self._slow.fails = "hang"
        time.sleep(10)
        self._slow.fails = ""

    def stop(self) -> None:
        """End the action server."""
        if self._killed is not None:
            self._killed.stop()


class _Import:
    """The staff app's import, which follows the conversations while families write them."""

    def __init__(self) -> None:
        self._following: list[Supervised] = []
        self._folder, self._store = Path(), ""

    def service(self, folder: Path) -> Service:
        """Start two servers and an import into a staff database of its own."""
        service = Service(folder)
        self._folder, self._store = folder, service.database
        self._follow("killed")
        return service

    def _follow(self, name: str) -> None:
        environment = {"FAMILY_GUIDE_VAR": str(self._folder / name), "FAMILY_GUIDE_DATABASE_URL": self._store}
        (self._folder / name).mkdir()
        manage = [str(_STAFF_PYTHON), "staff/manage.py"]
        subprocess.run(
            [*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env={**os.environ, **environment}, check=True
        )
        self._following.append(Supervised(name, [*manage, "follow"], self._folder, environment))

    def kill(self, _service: Service, number: int, _: float) -> None:
        """Kill it five times, each about when it begins to read what was said since it was killed last."""
        chance = random.Random(number)
        for _time in range(5):
            time.sleep(chance.uniform(0.8, 2.5))
            self._following[0].kill()

    def also_broken(self) -> list[str]:
        """Compare what was imported with what an import brings in that nobody killed."""
        self._follow("whole")
        engine = sa.create_engine(self._store)
        last = engine.execute(sa.text("SELECT max(id) FROM events")).scalar()
        engine.dispose()
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while any(
            self._staff(name, "SELECT event_id FROM conversations_importposition") != [(last,)] for name in _BOTH
        ):
            if time.monotonic() > deadline:
                return ["the import did not come to the end"]
            time.sleep(1)
        problems = []
        for what, query in _IMPORTED.items():
            killed, whole = (Counter(self._staff(name, query)) for name in _BOTH)
            problems += [f"{what} lost by the killed import: {row}" for row in (whole - killed).elements()]
            problems += [f"{what} doubled by the killed import: {row}" for row in (killed - whole).elements()]
        return problems if last else ["nothing was imported"]

    def _staff(self, name: str, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._folder / name / "staff.db", timeout=30)) as database:
            return list(database.execute(query).fetchall())

    def stop(self) -> None:
        """End the imports."""
        for following in self._following:
            following.stop()


_disk, _clock, _actions, _import = _SmallDisk(), _Clock(), _Actions(), _Import()
FAULTS = {
    "assistant_killed": Fault(_whole, _kill_assistant),
    "redis_restarted": Fault(_whole, _restart_redis),
    "redis_gone": Fault(_whole, _redis_gone),
    "redis_frozen": Fault(_whole, _redis_frozen),
    "postgres_restarted": Fault(_whole, _restart_postgres),
    "postgres_gone": Fault(_whole, _postgres_gone),
    "postgres_frozen": Fault(_whole, _postgres_frozen),
    "proxy_restarted": Fault(_whole, _restart_proxy),
    "disk_full": Fault(_disk.service, _disk.fill, _disk.stop),
    "clock_jump": Fault(_clock.service, _clock.jump),
    "import_killed": Fault(_import.service, _import.kill, _import.stop, _import.also_broken),
    "action_server_killed": Fault(_actions.killed, _actions.kill, _actions.stop),
    "action_server_slow": Fault(_actions.slow, _actions.hang, _actions.stop),
}


def expectations(url: str) -> dict[str, list[Any]]:
    """Have every conversation once while nothing fails; return what each step was answered with."""

    def post(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        response = requests.post(f"{url}/webhooks/website/{path}", json=body, timeout=30)
        return response.status_code, response.json()

    found: dict[str, list[Any]] = {}
    for script in SCRIPTS:
        attempts = [attempt for _, _, attempt in converse(post, script, None, lambda: True, time.monotonic)]
        assert all(attempt.outcome == "right" for attempt in attempts), (script, attempts)
        found[script] = [seen(attempt.replies) for attempt in attempts]
        if script in ("check", "half-way"):
            assert any(reply["kind"] == "outcome" for reply in attempts[-1].replies), "the check comes to its end"
    return found


class Families:
    """Virtual families that use a service in the background.

    Args:
        service: what they use.
        folder: for what they note.
        expected: what each step of each script is answered with.
        how_many: at once.
    """

    def __init__(self, service: Service, folder: Path, expected: dict[str, list[Any]], how_many: int) -> None:
        folder.mkdir()
        answers, self.noted = folder / "expected.json", folder / "noted.jsonl"
        answers.write_text(json.dumps(expected))
        environment = {**os.environ, "FAMILIES_EXPECTED": str(answers), "FAMILIES_RECORDS": str(self.noted)}
        command = [sys.executable, "-m", "locust", "-f", "benchmarks/load/locustfile.py", "--headless"]
        command += ["--users", str(how_many), "--spawn-rate", "10", "--host", service.url, "--stop-timeout", "30"]
        with open(folder / "locust.log", "wb") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def stop(self) -> list[dict[str, Any]]:
        """Let each finish its message, and return what all have noted."""
        self._process.terminate()
        self._process.wait(90)
        return records(self.noted)


def judged(noted: list[dict[str, Any]], database: str) -> dict[str, Any]:
    """Return the figures of a run; its `broken` must be empty."""
    outcomes = Counter(record["outcome"] for record in noted)
    problems = broken(noted, stored_ids(database))
    right = sorted(record["seconds"] for record in noted if record["outcome"] == "right")
    if not right:
        raise RuntimeError(f"No family got a right reply ({dict(outcomes)}). Is locust installed (make load-tools)?")
    return {
        "messages": len({record["id"] for record in noted}),
        "conversations": len({record["family"] for record in noted}),
        "outcomes": dict(outcomes),
        "p50_ms": round(1000 * right[len(right) // 2]),
        "p95_ms": round(1000 * right[int(len(right) * 0.95)]),
        "slowest_seconds": round(max(record["seconds"] for record in noted), 1),
        "broken": problems[:20],
        "broken_count": len(problems),
    }


def run(names: list[str], times: int, gone: float, families: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Let parts of one service fail under load, each several times, and yield the figures of each."""
    fault = FAULTS[names[0]]
    folder = Path(tempfile.mkdtemp(prefix="family-guide-faults-"))
    folder.chmod(0o755)
    service = None
    try:
        service = fault.service(folder)
        expected = expectations(service.url)
        for name in names:
            use = Families(service, folder / name, expected, families)
            time.sleep(_CALM_SECONDS)
            recovery = []
            for number in range(times):
                FAULTS[name].fail(service, number, gone)
                recovery.append(round(service.wait(_GIVE_UP_SECONDS), 1))
                time.sleep(_CALM_SECONDS)
            found = judged(use.stop(), service.database)
            besides = FAULTS[name].also_broken()
            found["broken"], found["broken_count"] = (
                [*found["broken"], *besides][:20],
                found["broken_count"] + len(besides),
            )
            yield name, {"times": times, "recovery_seconds": max(recovery), **found}
    finally:
        if service is not None:
            service.stop()
        fault.stop()
        shutil.rmtree(folder, ignore_errors=True)


def load(seconds: float, families: int) -> dict[str, Any]:
    """Let families use two servers while nothing fails and return the figures."""
    folder = Path(tempfile.mkdtemp(prefix="family-guide-load-"))
    folder.chmod(0o755)
    service = Service(folder)
    try:
        use = Families(service, folder / "load", expectations(service.url), families)
        time.sleep(seconds)
        noted = use.stop()
        took = noted[-1]["at"] - noted[0]["at"]
        return {"families": families, "per_second": round(len(noted) / took, 1), **judged(noted, service.database)}
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def together(names: Iterable[str]) -> list[list[str]]:
    """Return the names of faults in groups that share a service."""
    groups: dict[Any, list[str]] = {}
    for name in names:
        groups.setdefault(FAULTS[name].service, []).append(name)
    return list(groups.values())


def row(name: str, found: dict[str, Any]) -> str:
    """Return a line of the table."""
    outcomes = found["outcomes"]
    return (
        f"| {name.replace('_', ' ')} | {found.get('times', '')} | {found['messages']} | {outcomes.get('right', 0)} "
        f"| {outcomes.get('safe', 0)} | {outcomes.get('lost', 0)} | {found['broken_count']} "
        f"| {found.get('recovery_seconds', '')} | {found['slowest_seconds']} |"
    )


def keep(name: str, found: dict[str, Any]) -> None:
    """Add figures to those that are kept; several runs may do so at once."""
    with open(RESULTS, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        results = json.loads(file.read() or "{}")
        file.truncate(0)
        file.write(json.dumps({**results, name: found}, indent=1) + "\n")


def main() -> int:
    """Run what was asked for; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", choices=["load", *FAULTS, []], metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--gone", type=float, default=60)
    parser.add_argument("--families", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    # Ended from outside, the service's processes are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = arguments.faults or list(FAULTS)
    results = []
    if "load" in asked:
        asked.remove("load")
        results.append(iter([("load", load(arguments.seconds, arguments.families))]))
    results += [run(names, arguments.times, arguments.gone, arguments.families) for names in together(asked)]
    ok = True
    for name, found in chain.from_iterable(results):
        keep(name, found)
        print(row(name, found), flush=True)
        for problem in found["broken"]:
            print(f"  {problem}", flush=True)
        in_time = found.get("recovery_seconds", 0) <= RECOVERY_SECONDS and found["slowest_seconds"] <= REPLY_SECONDS
        ok = ok and in_time and not found["broken_count"]
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
