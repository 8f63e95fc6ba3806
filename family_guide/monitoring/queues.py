"""How many messages of messaging channels wait, read from the outbox when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine

from family_guide.channels.messaging import tables
from family_guide.monitoring.metrics import WAITING


class OutboxQueues(Collector):
    """Gives the lengths of both queues; none while the database does not answer.

    Args:
        engine: of the database of the outbox.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count what waits."""
        waiting = GaugeMetricFamily(
            WAITING, "Messages that wait: in (to be answered), out (to be delivered).", labels=["queue"]
        )
        try:
            with self._engine.connect() as connection:
                for queue, table in (("in", tables.inbound), ("out", tables.outbound)):
                    count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                    waiting.add_metric([queue], float(count))
        except sa.exc.SQLAlchemyError:
            return
        yield waiting

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing: the database is not asked when the collector is registered."""
        return []
