"""What must survive a restart: messages to answer, replies to deliver, and what was seen.

In the database of the conversations, in tables of its own (`tables`). What is kept is
deleted as soon as it is not needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from family_guide.channels.messaging import tables
from family_guide.channels.messaging.tables import Inbound, Outbound, Report

_START_SECONDS = {"postgresql": 60, "sqlite": 5}
_PREPARING = 0x46616D48
"""Number of the PostgreSQL lock under which one server at a time makes the tables."""

_DAY = 86400
KEEP_SEEN_DAYS = 400
"""A message that is sent again after this time would be answered again."""


class Outbox:
    """Reads and writes the tables; every method waits for the database.

    Every method raises sqlalchemy.exc.SQLAlchemyError where the database fails; then
    nothing of it was written.

    Args:
        engine: of the database of the conversations.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(self) -> None:
        """Make the tables where they are missing; waits for a database that is not up yet."""
        deadline = time.monotonic() + _START_SECONDS.get(self._engine.dialect.name, 5)
        while True:
            try:
                with self._engine.begin() as connection:
                    if connection.dialect.name == "postgresql":
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PREPARING)))
                    tables.metadata.create_all(connection)
                return
            except sa.exc.DBAPIError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    # Messages of families.

    def receive(self, channel: str, conversation: str, message: str, sealed: str) -> bool:
        """Keep a message until it is answered.

        Returns:
            Whether it is new; False where it was received before, on whatever server.
        """
        now = time.time()
        try:
            with self._engine.begin() as connection:
                connection.execute(tables.seen.insert().values(message=message, at=now))
                connection.execute(
                    tables.inbound.insert().values(
                        channel=channel,
                        conversation=conversation,
                        message=message,
                        received=now,
                        tries=0,
                        sealed=sealed,
                    )
                )
        except sa.exc.IntegrityError:
            return False
        return True

    def next_inbound(self, conversation: str) -> Inbound | None:
        """Return the oldest message of a conversation that waits, and count that its answer is begun."""
        columns = [tables.inbound.c[name] for name in ("id", "conversation", "message", "received", "tries", "sealed")]
        query = (
            sa.select(*columns)
            .where(tables.inbound.c.conversation == conversation)
            .order_by(tables.inbound.c.id)
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        with self._engine.begin() as connection:
            connection.execute(
                tables.inbound.update().where(tables.inbound.c.id == row.id).values(tries=tables.inbound.c.tries + 1)
            )
        return Inbound(*row)

    def answered(
        self,
        inbound: Inbound,
        channel: str,
        parts: Iterable[str],
        offers: Iterable[tuple[str, int, str]] = (),
        forget: bool = False,
    ) -> bool:
        """Put the answer to a message in its place, in one transaction.

        Args:
            inbound: the message; what was kept of it is deleted.
            channel: name of the channel.
            parts: sealed messages to deliver, in order.
            offers: id, number and sealed content of each button; earlier ones lose their numbers.
            forget: whether to delete all that is kept of the conversation besides.

        Returns:
            False where another server answered it meanwhile; then nothing is written.
        """
        now, conversation = time.time(), inbound.conversation
        with self._engine.begin() as connection:
            if connection.execute(tables.inbound.delete().where(tables.inbound.c.id == inbound.id)).rowcount == 0:
                return False
            if forget:
                self._forget(connection, conversation)
            for sealed in parts:
                connection.execute(
                    tables.outbound.insert().values(
                        channel=channel, conversation=conversation, made=now, attempts=0, sealed=sealed
                    )
                )
            connection.execute(
                tables.offer.update().where(tables.offer.c.conversation == conversation).values(number=None)
            )
            for offer, number, sealed in offers:
                which = sa.and_(tables.offer.c.conversation == conversation, tables.offer.c.offer == offer)
                values = {"number": number, "made": now, "sealed": sealed}
                if connection.execute(tables.offer.update().where(which).values(**values)).rowcount == 0:
                    connection.execute(tables.offer.insert().values(conversation=conversation, offer=offer, **values))
        return True

    # Replies.

    def next_outbound(self, conversation: str) -> Outbound | None:
        """Return the oldest part for a conversation that waits to be delivered."""
        names = ("id", "conversation", "made", "sending_since", "attempts", "sealed")
        query = sa.select(*(tables.outbound.c[name] for name in names))
        with self._engine.connect() as connection:
            row = connection.execute(
                query.where(tables.outbound.c.conversation == conversation).order_by(tables.outbound.c.id).limit(1)
            ).first()
        return Outbound(*row) if row else None

    def begin_sending(self, outbound: int) -> bool:
        """Note that a part is about to be sent; False where another server does so."""
        changes = {"sending_since": time.time(), "attempts": tables.outbound.c.attempts + 1}
        which = sa.and_(tables.outbound.c.id == outbound, tables.outbound.c.sending_since.is_(None))
        with self._engine.begin() as connection:
            return bool(connection.execute(tables.outbound.update().where(which).values(**changes)).rowcount)

    def not_sent(self, outbound: int) -> None:
        """Note that a part was surely not sent and may be tried again."""
        with self._engine.begin() as connection:
            connection.execute(
                tables.outbound.update().where(tables.outbound.c.id == outbound).values(sending_since=None)
            )

    def delivered(self, outbound: int) -> None:
        """Delete a part that the platform took."""
        with self._engine.begin() as connection:
            connection.execute(tables.outbound.delete().where(tables.outbound.c.id == outbound))

    def instead(self, outbound: int, sealed: str) -> None:
        """Put another part in the place of one that is not tried again."""
        changes = {"sealed": sealed, "sending_since": None, "attempts": 0, "made": time.time()}
        with self._engine.begin() as connection:
            connection.execute(tables.outbound.update().where(tables.outbound.c.id == outbound).values(**changes))

    # Buttons.

    def offer(self, conversation: str, offer: str) -> str | None:
        """Return the sealed button that this conversation was offered under an id, or None."""
        which = sa.and_(tables.offer.c.conversation == conversation, tables.offer.c.offer == offer)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(tables.offer.c.sealed).where(which)).first()
        return str(row.sealed) if row else None

    def last_offers(self, conversation: str) -> dict[int, str]:
        """Return the sealed buttons of the last reply by their numbers."""
        which = sa.and_(tables.offer.c.conversation == conversation, tables.offer.c.number.isnot(None))
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(tables.offer.c.number, tables.offer.c.sealed).where(which))
            return {row.number: row.sealed for row in rows}

    # Who works on a conversation.

    def with_work(self, channel: str) -> list[str]:
        """Return the conversations of a channel that have work and that no server works on."""
        now = time.time()
        busy = sa.select(tables.lease.c.conversation).where(tables.lease.c.until > now)
        found: set[str] = set()
        with self._engine.connect() as connection:
            for table in (tables.inbound, tables.outbound):
                which = sa.and_(table.c.channel == channel, table.c.conversation.notin_(busy))
                query = sa.select(table.c.conversation).where(which).distinct()
                found.update(row.conversation for row in connection.execute(query))
        return sorted(found)

    def lease(self, conversation: str, owner: str, seconds: float) -> bool:
        """Take or keep a conversation for some time; False where another server has it."""
        now = time.time()
        free = sa.or_(tables.lease.c.owner == owner, tables.lease.c.until <= now)
        changes = {"owner": owner, "until": now + seconds}
        try:
            with self._engine.begin() as connection:
                which = sa.and_(tables.lease.c.conversation == conversation, free)
                if connection.execute(tables.lease.update().where(which).values(**changes)).rowcount:
                    return True
                connection.execute(tables.lease.insert().values(conversation=conversation, **changes))
        except sa.exc.IntegrityError:
            return False
        return True

    def release(self, conversation: str, owner: str) -> None:
        """Give a conversation back."""
        which = sa.and_(tables.lease.c.conversation == conversation, tables.lease.c.owner == owner)
        with self._engine.begin() as connection:
            connection.execute(tables.lease.delete().where(which))

    # Who does not want to be written to.

    def opt_out(self, conversation: str) -> None:
        """Note that nothing may be sent any more, and drop what waits to be."""
        with self._engine.begin() as connection:
            connection.execute(tables.outbound.delete().where(tables.outbound.c.conversation == conversation))
            connection.execute(tables.opt_out.delete().where(tables.opt_out.c.conversation == conversation))
            connection.execute(tables.opt_out.insert().values(conversation=conversation, since=time.time()))

    def opt_in(self, conversation: str) -> None:
        """Note that replies are wanted again."""
        with self._engine.begin() as connection:
            connection.execute(tables.opt_out.delete().where(tables.opt_out.c.conversation == conversation))

    def opted_out(self, conversation: str) -> bool:
        """Return whether nothing may be sent to this conversation."""
        with self._engine.connect() as connection:
            query = sa.select(tables.opt_out.c.since).where(tables.opt_out.c.conversation == conversation)
            return connection.execute(query).first() is not None

    # For staff, and tidying up.

    def report(self, channel: str, conversation: str, what: str, reason: str) -> None:
        """Tell staff that a family may be without a reply."""
        values = {"at": time.time(), "channel": channel, "conversation": conversation, "what": what}
        with self._engine.begin() as connection:
            connection.execute(tables.report.insert().values(reason=reason[:80], **values))

    def reports(self, after: int = 0) -> list[Report]:
        """Return the reports with a higher id, oldest first."""
        names = ("id", "at", "channel", "conversation", "what", "reason")
        query = (
            sa.select(*(tables.report.c[name] for name in names))
            .where(tables.report.c.id > after)
            .order_by(tables.report.c.id)
        )
        with self._engine.connect() as connection:
            return [Report(*row) for row in connection.execute(query)]

    def waiting(self) -> tuple[int, int]:
        """Return how many messages wait for an answer, and how many parts to be delivered."""
        inbound, outbound = (
            sa.select(sa.func.count()).select_from(table).scalar_subquery()
            for table in (tables.inbound, tables.outbound)
        )
        # One statement sees one moment: a message that is answered meanwhile counts once, here or there.
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(inbound, outbound)).one()
        return int(row[0]), int(row[1])

    def tidy(self, days: float) -> None:
        """Delete what is no longer needed.

        Args:
            days: how long conversations are kept; 0 for ever.
        """
        now = time.time()
        with self._engine.begin() as connection:
            connection.execute(tables.seen.delete().where(tables.seen.c.at < now - KEEP_SEEN_DAYS * _DAY))
            connection.execute(tables.lease.delete().where(tables.lease.c.until < now - _DAY))
            if days:
                connection.execute(tables.offer.delete().where(tables.offer.c.made < now - days * _DAY))
                connection.execute(tables.report.delete().where(tables.report.c.at < now - days * _DAY))

    @staticmethod
    def _forget(connection: Connection, conversation: str) -> None:
        for table in (tables.outbound, tables.offer, tables.report):
            connection.execute(table.delete().where(table.c.conversation == conversation))
