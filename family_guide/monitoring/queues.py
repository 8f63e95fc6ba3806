"""How many messages of messaging channels wait, read from the outbox when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine

from family_guide.channels.messaging.outbox import Outbox
from family_guide.monitoring.metrics import WAITING


class OutboxQueues(Collector):
    """Gives the lengths of both queues; none while the database does not answer.

    Args:
        engine: of the database of the outbox.
    """

    def __init__(self, engine: Engine) -> None:
        self._outbox = Outbox(engine)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count what waits."""
        waiting = GaugeMetricFamily(
            WAITING, "Messages that wait: in (to be answered), out (to be delivered).", labels=["queue"]
        )
        try:
            counts = self._outbox.waiting()
        except sa.exc.SQLAlchemyError:
            return
        for queue, count in zip(("in", "out"), counts, strict=True):
            waiting.add_metric([queue], float(count))
        yield waiting

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing: the database is not asked when the collector is registered."""
        return []
