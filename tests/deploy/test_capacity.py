"""The capacity model: the simulation agrees with queueing theory, and the document with the figures."""

import json
import math

import pytest

from benchmarks import capacity
from benchmarks.capacity import MOST_P95, RATES, Costs, plan, servers_needed, simulate
from family_guide.settings import ROOT

COSTS = Costs(assistant=0.02, proxy=0.0005, postgres=0.004, redis=0.0003)


def test_a_part_is_never_busier_than_allowed():
    for rate in (1, 7, 100, 10_000):
        needed = servers_needed(rate, 0.02)
        assert rate * 0.02 / needed <= capacity.MOST_BUSY + 1e-9
        assert needed == 1 or rate * 0.02 / (needed - 1) > capacity.MOST_BUSY


def test_an_idle_service_takes_as_long_as_its_parts():
    only = COSTS.assistant + COSTS.postgres + COSTS.redis
    assert only * 0.5 < simulate(0.1, COSTS, 2, 1, 1) < only * 3


def test_waiting_grows_with_the_load_as_queueing_theory_says():
    # One server at 30 % and at 90 %: the mean wait of M/G/1 grows by (0.9 / 0.1) / (0.3 / 0.7), 21 times.
    calm, busy = (simulate(share / COSTS.assistant, COSTS, 1, 1, 1, seed=3) for share in (0.3, 0.9))
    assert busy > 2.5 * calm


@pytest.mark.parametrize("rate", RATES)
def test_the_plan_holds_in_the_simulation_and_fewer_servers_do_not(rate):
    planned = plan(rate, COSTS)
    assert planned["assistants"] >= 2
    assert planned["p95"] <= MOST_P95
    if rate >= 100:
        assert planned["p95_too_few"] > 2 * planned["p95"]


def test_the_document_shows_what_was_measured_or_that_nothing_was():
    if not capacity.RESULTS.is_file():
        assert "Not measured yet" in (ROOT / "docs" / "capacity.md").read_text("utf-8")
        return
    found = json.loads(capacity.RESULTS.read_text("utf-8"))
    costs = Costs(**{part: found[part] for part in ("assistant", "proxy", "postgres", "redis")})
    assert all(math.isfinite(cost) and cost > 0 for cost in vars(costs).values())
    assert capacity.table(costs) in (ROOT / "docs" / "capacity.md").read_text("utf-8")
