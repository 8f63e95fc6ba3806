"""No process of ours looks up or calls a host outside this machine."""

import os
import subprocess
import sys

from family_guide.settings import ROOT
from tests.conftest import start_assistant, stop

HOOK = """
import os, sys
def note(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "", "127.0.0.1", "localhost", "0.0.0.0", "::1"):
        line = f"{event} {arguments[0]}"
    elif event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        line = f"{event} {arguments[0]}"
    elif event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in ("127.0.0.1", "::1"):
        line = f"{event} {arguments[1][0]}"
    else:
        return
    with open(os.environ["LOOKUPS"], "a") as file:
        file.write(line + "\\n")
sys.addaudithook(note)
"""


def watched(folder, **more):
    """Return an environment in which every Python process notes the hosts it looks up or calls."""
    (folder / "sitecustomize.py").write_text(HOOK)
    (folder / "lookups").touch()
    # As a user would have it who switched telemetry on.
    return {
        "PYTHONPATH": str(folder),
        "LOOKUPS": str(folder / "lookups"),
        "RASA_TELEMETRY_ENABLED": "true",
        "HOME": str(folder),
        **more,
    }


def test_the_watch_notices_a_look_up(tmp_path):
    environment = {**os.environ, **watched(tmp_path)}
    code = "import socket\ntry: socket.getaddrinfo('example.invalid', 80)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert "example.invalid" in (tmp_path / "lookups").read_text()


def test_the_running_assistant_calls_nobody(model, tmp_path):
    running = start_assistant(tmp_path / "var", model.parent, **watched(tmp_path))
    try:
        session = running.session()
        running.send(session, "is asps cancer")
        running.send(session, "check my daughter's symptoms")
        running.send(session, "my son can't breathe")
    finally:
        stop(running)
    assert (tmp_path / "lookups").read_text() == ""


def test_training_calls_nobody(tmp_path):
    (tmp_path / "config.yml").write_text(
        "recipe: default.v1\nlanguage: en\nassistant_id: test\n"
        "pipeline:\n- name: WhitespaceTokenizer\npolicies:\n- name: RulePolicy\n"
    )
    (tmp_path / "domain.yml").write_text('version: "3.1"\nintents: [a]\nresponses: {utter_a: [{text: A}]}\n')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rules.yml").write_text(
        'version: "3.1"\nrules:\n- rule: a\n  steps:\n  - intent: a\n  - action: utter_a\n'
    )
    code = (
        "import family_guide\nfrom rasa.model_training import train\n"
        "assert train('domain.yml', 'config.yml', ['data'], 'models').model"
    )
    environment = {**os.environ, **watched(tmp_path)}
    environment["PYTHONPATH"] += f":{ROOT}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "lookups").read_text() == ""


def test_telemetry_is_off_whatever_the_settings():
    code = "import family_guide\nfrom rasa import telemetry\nassert not telemetry.is_telemetry_enabled()"
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "true"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
