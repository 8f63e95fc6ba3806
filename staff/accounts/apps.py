"""Accounts: roles, sign-in with a second factor, and the audit log."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Makes the roles after each migration and notes who signs in and out."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the signals."""
        from accounts import audit, roles

        roles.connect(self)
        audit.connect()
