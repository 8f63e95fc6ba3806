"""Making a release, and having every server take it up in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from family_guide.releases import ReleaseError, Releases
from family_guide.settings import ROOT, Settings
from family_guide.training import trained_model

GATE = ("tests/test_conversations.py", "tests/test_understanding.py")
"""What a model must pass: the conversation tests, and the evaluation on the frozen questions."""
GATE_MODEL = "FAMILY_GUIDE_GATE_MODEL"
"""Variable that tells the tests which model to judge."""
_TAKE_UP_SECONDS = 120.0
_ANSWER_SECONDS = 10.0


def release(releases: Releases, configured: Settings) -> str:
    """Train a model of the files as they are, put it through the gate, sign it and store it.

    Returns:
        The name of the release.

    Raises:
        ReleaseError: it did not pass, or there is no key to sign with.
        TrainingError: no model was made.
    """
    if configured.release_signing_key is None:
        raise ReleaseError("FAMILY_GUIDE_RELEASE_SIGNING_KEY is not set: set it to the file that make-secrets made.")
    try:
        key = configured.release_signing_key.read_text("utf-8")
    except OSError as error:
        raise ReleaseError(f"{configured.release_signing_key} cannot be read ({error.strerror}).") from error
    model = trained_model(configured.model_folder)
    # Whatever else the environment sets belongs to the deployment, not to the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAMILY_GUIDE_")}
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *GATE],
        cwd=ROOT,
        env={**environment, GATE_MODEL: str(model.resolve())},
        check=False,
    )
    if tests.returncode != 0:
        raise ReleaseError("The model did not pass (see above): nothing was released, families keep the one they have.")
    return releases.add(model, key, GATE).name


def said_of(server: str) -> dict[str, Any]:
    """Return what a server's `/ready` says; nothing where it does not answer.

    Args:
        server: address of its monitor, such as http://assistant-1:9464.
    """
    try:
        with urllib.request.urlopen(f"{server.rstrip('/')}/ready", timeout=_ANSWER_SECONDS) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        try:
            return dict(json.load(error))
        except ValueError:
            return {}
    except (OSError, ValueError):
        return {}


def roll_out(releases: Releases, name: str, servers: Sequence[str], seconds: float = _TAKE_UP_SECONDS) -> str:
    """Make a release current and wait until every server answers with it.

    Args:
        releases: the folder of releases.
        name: of the release.
        servers: addresses of their monitors; without any nothing is waited for.
        seconds: that one server may take.

    Returns:
        What was done, as a sentence.

    Raises:
        ReleaseError: the release may not be loaded, or a server did not take it up:
            then the release before is current again on all of them.
    """
    try:
        before = releases.current()
    except ReleaseError:
        before = ""
    releases.choose(name)
    for server in servers:
        if _takes_up(server, name, seconds):
            print(f"{server}: {name}", flush=True)
            continue
        if before and before != name:
            releases.choose(before)
        raise ReleaseError(
            f"{server} did not take up {name}: its log says why. "
            + (f"{before} is current again." if before else "No release was current before.")
        )
    return f"{name} is current{f' on {len(servers)} server(s)' if servers else ''}."


def _takes_up(server: str, name: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said = said_of(server)
        if said.get("refused") == name:
            return False
        if said.get("model") == name and said.get("ready"):
            return True
        time.sleep(0.5)
    return False
