"""The tables of the outbox, and their rows.

No text, name, number or address stands in them in the clear: ids are keyed hashes,
and contents are sealed.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
metadata = sa.MetaData()

seen = sa.Table(
    "channel_seen",
    metadata,
    sa.Column("message", sa.String(64), primary_key=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
)
inbound = sa.Table(
    "channel_inbound",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("message", sa.String(64), nullable=False),
    sa.Column("received", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
outbound = sa.Table(
    "channel_outbound",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("made", sa.Float, nullable=False),
    sa.Column("sending_since", sa.Float),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
offer = sa.Table(
    "channel_offer",
    metadata,
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("offer", sa.String(24), primary_key=True),
    sa.Column("number", sa.Integer),
    sa.Column("made", sa.Float, nullable=False, index=True),
    sa.Column("sealed", sa.Text, nullable=False),
)
lease = sa.Table(
    "channel_lease",
    metadata,
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
opt_out = sa.Table(
    "channel_opt_out",
    metadata,
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("since", sa.Float, nullable=False),
)
report = sa.Table(
    "channel_report",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("conversation", sa.String(64), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(80), nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Inbound:
    """A message that was acknowledged and waits for its answer.

    Attributes:
        id: its place in the order of arrival.
        conversation: keyed hash of who sent it.
        message: keyed hash of the platform's id of it.
        received: seconds since 1970.
        tries: how often an answer was begun before.
        sealed: its content.
    """

    id: int
    conversation: str
    message: str
    received: float
    tries: int
    sealed: str


@dataclass(frozen=True)
class Outbound:
    """A part of a reply that waits to be delivered.

    Attributes:
        id: its place in the order of sending.
        conversation: keyed hash of whom it is for.
        made: seconds since 1970.
        sending_since: when a server last began to send it, and has not said how that ended.
        attempts: how often it was tried.
        sealed: its content.
    """

    id: int
    conversation: str
    made: float
    sending_since: float | None
    attempts: int
    sealed: str


@dataclass(frozen=True)
class Report:
    """What staff are told: a family may be without a reply.

    Attributes:
        id: grows with each report.
        at: seconds since 1970.
        channel: name of the channel.
        conversation: id of the conversation.
        what: `not_delivered`, `maybe_delivered` or `not_answered`.
        reason: a code of ours or of the platform.
    """

    id: int
    at: float
    channel: str
    conversation: str
    what: str
    reason: str
