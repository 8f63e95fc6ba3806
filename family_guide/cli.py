"""The command `family-guide`."""

import argparse
import sys
from collections.abc import Callable, Sequence

from family_guide.settings import settings


def _run(arguments: argparse.Namespace) -> int:
    from family_guide.training import trained_model

    check_content(arguments)
    configured = settings()
    model = trained_model(configured.var / "models")
    print("Starting the assistant ...", flush=True)
    from family_guide.server import PortTaken, serve

    try:
        serve(model, configured)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    return 0
