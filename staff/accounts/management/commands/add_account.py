"""`manage.py add_account NAME --role administrator`: make an account; the password is asked for."""

import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.forms import save_role
from accounts.roles import ADMINISTRATOR, ROLES


class Command(BaseCommand):
    """Makes one account; there is no default password."""

    help = "Make an account. The password is asked for, or read from standard input when that is no terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name and the role."""
        parser.add_argument("username")
        parser.add_argument("--role", choices=ROLES, default=ADMINISTRATOR)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account.

        Raises:
            CommandError: the name is taken, or the password is too weak.
        """
        # Also before the app has ever run.
        call_command("migrate", interactive=False, verbosity=0)
        user = User(username=options["username"])
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = self._password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.is_staff = True
        user.save()
        save_role(user, options["role"])
        self.stdout.write(
            f"The account {user.username} ({options['role']}) is made. Sign in once to set up the second factor."
        )

    def _password(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password (12 characters or more): ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ. Nothing was made.")
        return password
