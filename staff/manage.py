#!/usr/bin/env python
"""Commands of the staff app: `run`, `follow`, `add_account`, `forget` and Django's own."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Carry out the command on the command line; wrong settings end in one plain sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The staff app cannot start: {error}")


if __name__ == "__main__":
    main()
