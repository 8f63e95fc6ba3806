"""`manage.py forget SENDER_ID`: delete a conversation here at once, when a family asks for it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.deletion import forget_sender


class Command(BaseCommand):
    """Deletes one conversation. What is deleted in the assistant's store is followed without this."""

    help = "Delete the conversation of a sender from the staff database at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sender's id."""
        parser.add_argument("sender_id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and say whether there was anything."""
        found = forget_sender(options["sender_id"])
        self.stdout.write("Deleted." if found else "There was nothing of this conversation.")
