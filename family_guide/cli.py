"""The command `family-guide`."""

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from family_guide.settings import ROOT, Settings, settings

if TYPE_CHECKING:
    from family_guide.releases import Releases


def _check_content(_: argparse.Namespace) -> int:
    from family_guide.content.checks import check_content

    problems = check_content()
    for problem in problems:
        print(problem, file=sys.stderr)
    print("The content is sound." if not problems else f"{len(problems)} problem(s) in the content.")
    return 1 if problems else 0


def _channel_problems() -> int:
    from family_guide.channels.messaging.settings import channel_problems

    problems = channel_problems(os.environ)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _check_channels(_: argparse.Namespace) -> int:
    from family_guide.channels.messaging.settings import channel_status

    for status in channel_status(os.environ):
        print(status)
    return _channel_problems()


def _model(configured: Settings) -> Path:
    from family_guide.training import trained_model

    return trained_model(configured.model_folder)


def _profile_problems(configured: Settings) -> int:
    from family_guide.profile import profile_problems

    problems = profile_problems(configured, os.environ)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _train(_: argparse.Namespace) -> int:
    print(_model(settings()))
    return 0


def _do_without_tensorflow() -> None:
    """Spare the process TensorFlow if it can be; goes before anything that imports Rasa."""
    from family_guide.tensorflow_absent import import_rasa_without_tensorflow

    import_rasa_without_tensorflow(ROOT / "config.yml")


def _run(arguments: argparse.Namespace) -> int:
    from family_guide.ports import PortTaken, take_port

    configured = settings()
    if _profile_problems(configured) or _channel_problems():
        return 1
    try:
        with take_port(configured.host, configured.port) as port:
            return _run_on(port, arguments, configured)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1


def _run_on(port: socket.socket, arguments: argparse.Namespace, configured: Settings) -> int:
    if _check_content(arguments):
        return 1
    if configured.releases is not None:
        from family_guide.releases import Releases

        releases = Releases(configured.releases, configured.release_public_key)
        releases.checked(releases.current())
        model = None
    else:
        model = _model(configured)
    print("Starting the assistant ...", flush=True)
    _do_without_tensorflow()
    from family_guide.server import serve
    from family_guide.staff_app import staff_app_beside

    with staff_app_beside() if arguments.staff else nullcontext():
        serve(model, configured, port)
    return 0


def _run_actions(_: argparse.Namespace) -> int:
    from family_guide.action_server import serve_actions

    serve_actions(settings())
    return 0


def _ready(_: argparse.Namespace) -> int:
    from family_guide.rolling import said_of

    said = said_of(f"http://127.0.0.1:{settings().monitor_port}")
    print(said or "no answer")
    return 0 if said.get("ready") else 1


def _make_secrets(arguments: argparse.Namespace) -> int:
    from family_guide.secret_files import make_secrets

    for line in make_secrets(Path(arguments.folder)):
        print(line)
    return 0


def _releases(configured: Settings) -> "Releases":
    from family_guide.releases import ReleaseError, Releases

    if configured.releases is None:
        raise ReleaseError("FAMILY_GUIDE_RELEASES is not set: set it to the folder of released models.")
    return Releases(configured.releases, configured.release_public_key)


def _release(_: argparse.Namespace) -> int:
    from family_guide.rolling import release

    configured = settings()
    print(release(_releases(configured), configured))
    return 0


def _roll_out(arguments: argparse.Namespace) -> int:
    from family_guide.rolling import roll_out

    releases = _releases(settings())
    print(roll_out(releases, arguments.release or releases.names()[-1], arguments.servers))
    return 0


def _roll_back(arguments: argparse.Namespace) -> int:
    from family_guide.rolling import roll_out

    releases = _releases(settings())
    print(roll_out(releases, releases.before_current(), arguments.servers))
    return 0


def _chat(arguments: argparse.Namespace) -> int:
    configured = settings()
    model = _model(configured)
    print("Starting ...", flush=True)
    _do_without_tensorflow()
    from family_guide.terminal import chat

    chat(model, configured)
    return 0


def _delete_expired(_: argparse.Namespace) -> int:
    import logging

    from rasa.shared.exceptions import ConnectionException

    from family_guide.logs import configure_logs
    from family_guide.privacy.retention import delete_expired
    from family_guide.privacy.tracker_store import PrivateSQLTrackerStore

    configured = settings()
    configure_logs(logging.WARNING, configured.var)
    try:
        store = PrivateSQLTrackerStore()
    except ConnectionException as error:
        print(error, file=sys.stderr)
        return 1
    try:
        deleted = delete_expired(store, configured.retention_days)
    finally:
        store.close()
    kept = f"conversations are kept for {configured.retention_days} days" if configured.retention_days else "off"
    print(f"Deleted {deleted} event(s); {kept} (FAMILY_GUIDE_RETENTION_DAYS).")
    return 0


def _draw(arguments: argparse.Namespace) -> int:
    from family_guide.content import SYMPTOM_CHECK
    from family_guide.symptom_check import load_protocol
    from family_guide.symptom_check.graph import draw

    drawn = draw(load_protocol(SYMPTOM_CHECK))
    target = Path(arguments.target)
    if arguments.check:
        if target.is_file() and target.read_text("utf-8") == drawn:
            return 0
        print(f"{target} is stale. Draw it again: family-guide draw-symptom-check", file=sys.stderr)
        return 1
    target.write_text(drawn, "utf-8")
    print(target)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="family-guide", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(function=function)
        return sub

    run = command("run", _run, "Check the content, train if needed, and start the assistant.")
    run.add_argument("--staff", action="store_true", help="start the staff app beside it")
    command("train", _train, "Train a model if the content or the configuration changed; print its path.")
    command("chat", _chat, "Chat in the terminal.")
    command("delete-expired", _delete_expired, "Delete conversations whose time is over; the server does it daily.")
    command("run-actions", _run_actions, "Start a separate action server.")
    command("ready", _ready, "Ask the server on this machine whether it is ready; exit status 0 if so.")
    secrets = command("make-secrets", _make_secrets, "Make the secrets of a deployment, once.")
    secrets.add_argument("folder", help="new folder for the files")
    command("release", _release, "Train, test, sign and store a model; no family meets it yet.")
    for name, function, text in (
        ("roll-out", _roll_out, "Have the servers take up a release, one after another."),
        ("roll-back", _roll_back, "Have the servers go back to the release before."),
    ):
        rolling = command(name, function, text)
        if name == "roll-out":
            rolling.add_argument("release", nargs="?", help="name of the release; the newest by default")
        rolling.add_argument("--servers", nargs="+", default=[], metavar="URL", help="monitor address of each server")
    command("check-channels", _check_channels, "Say which messaging channels are on, and what the others need.")
    command("check-content", _check_content, "Check everything that editors and clinicians write.")
    draw = command("draw-symptom-check", _draw, "Draw the flow of the symptom check.")
    draw.add_argument("--target", default="docs/symptom-check.svg", help="file to write")
    draw.add_argument("--check", action="store_true", help="only check that the file is up to date")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words after `family-guide`; those of the process by default.

    Returns:
        The exit status: 0 where all is well.
    """
    from family_guide.releases import ReleaseError
    from family_guide.training import TrainingError

    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.function(parsed))
    except ValidationError as error:
        for one in error.errors():
            print(f"FAMILY_GUIDE_{str(one['loc'][0]).upper()}: {one['msg']}.", file=sys.stderr)
        return 1
    except (TrainingError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
