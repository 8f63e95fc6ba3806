"""The command `family-guide`."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from family_guide.settings import Settings, settings


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


def _train(_: argparse.Namespace) -> int:
    print(_model(settings()))
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from family_guide.ports import PortTaken, check_port

    configured = settings()
    try:
        check_port(configured.host, configured.port)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    if _channel_problems() or _check_content(arguments):
        return 1
    model = _model(configured)
    print("Starting the assistant ...", flush=True)
    from family_guide.server import serve
    from family_guide.staff_app import staff_app_beside

    with staff_app_beside() if arguments.staff else nullcontext():
        serve(model, configured)
    return 0


def _chat(arguments: argparse.Namespace) -> int:
    configured = settings()
    model = _model(configured)
    print("Starting ...", flush=True)
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
    from family_guide.training import TrainingError

    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.function(parsed))
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
