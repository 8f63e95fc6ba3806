"""Thumbs up or down on an answer, kept beside the conversations and deleted with them."""

import time
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from family_guide.privacy.redaction import redact
from family_guide.privacy.retention import SECONDS_PER_DAY

Rating = Literal["up", "down"]

LONGEST_COMMENT = 500
"""Characters of a comment that are kept."""

TABLE = sa.Table(
    "feedback",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("message_timestamp", sa.Float, nullable=False),
    sa.Column("rating", sa.String(4), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
)


class Feedback:
    """What families thought of answers.

    Args:
        engine: the database of conversations; the table is made where it is missing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        try:
            TABLE.metadata.create_all(engine)
        except sa.exc.DBAPIError:
            # Another server that starts at the same time made it first.
            if not sa.inspect(engine).has_table(TABLE.name):
                raise

    def add(self, sender_id: str, message_timestamp: float, rating: Rating, comment: str) -> None:
        """Keep a rating, its comment redacted; an earlier one of the same message goes.

        Args:
            sender_id: id of the conversation.
            message_timestamp: of the rated message, in seconds since 1970.
            rating: up or down.
            comment: why, in the family's words; may be empty.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it could not be written.
        """
        same = (TABLE.c.sender_id == sender_id) & (TABLE.c.message_timestamp == message_timestamp)
        with self._engine.begin() as connection:
            connection.execute(TABLE.delete().where(same))
            connection.execute(
                TABLE.insert().values(
                    sender_id=sender_id,
                    message_timestamp=message_timestamp,
                    rating=rating,
                    comment=redact(comment[:LONGEST_COMMENT]).text,
                    created_at=time.time(),
                )
            )

    def delete(self, sender_id: str) -> None:
        """Delete the feedback of one conversation."""
        with self._engine.begin() as connection:
            connection.execute(TABLE.delete().where(TABLE.c.sender_id == sender_id))

    def delete_older_than(self, days: float, now: float) -> None:
        """Delete feedback that is older than some days at a time given in seconds since 1970."""
        with self._engine.begin() as connection:
            connection.execute(TABLE.delete().where(TABLE.c.created_at < now - days * SECONDS_PER_DAY))
