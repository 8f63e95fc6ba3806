"""How many servers a load needs, what gives out first, and a simulation that checks it.

python -m benchmarks.capacity --measure    start proxy, two assistants, PostgreSQL and Redis, have families chat
                                           through the proxy, and note the processor time of each part per message
python -m benchmarks.capacity              work out and simulate 1, 100 and 10,000 messages a second from what was
                                           measured, and write the table into docs/capacity.md
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from family_guide.settings import ROOT

RESULTS = ROOT / "benchmarks" / "results" / "capacity.json"
DOCUMENT = ROOT / "docs" / "capacity.md"
BEGIN, END = "<!-- capacity: begin -->", "<!-- capacity: end -->"
RATES = (1, 100, 10_000)
"""Messages a second."""
MOST_BUSY = 0.6
"""Share of a core that a part may use on average, so that bursts do not wait for long."""
MOST_P95 = 0.25
"""Seconds within which 19 of 20 messages must be answered in the simulation."""
FEWEST = 2
"""Servers, so that one can fail."""
CORES = {"proxy": 4, "postgres": 16, "redis": 1}
"""Cores that one instance of a part can use: Redis runs commands on one, whatever the machine has."""
MEASURE_SECONDS = 20.0
FAMILIES = 6
TALK = ("what is asps", "can it spread", "i want to check symptoms", "my daughter", "no", "i don't know", "stop")


@dataclass(frozen=True)
class Costs:
    """Seconds of a core for one message, by part."""

    assistant: float
    proxy: float
    postgres: float
    redis: float


def _used(pid: int) -> float:
    """Return seconds of a core that a process and all below it have used, ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    total = sum(int(fields[n]) for n in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total + sum(_used(int(child)) for child in children)


def measure() -> dict[str, float]:
    """Return the seconds of a core that each part uses for a message, over the whole service."""
    import shutil
    import tempfile

    from family_guide.training import trained_model
    from tests.deploy.stack import CHAT, Stack
    from tests.services import Postgres

    folders = [Path(tempfile.mkdtemp(prefix="family-guide-capacity-")) for _ in range(2)]
    folders[0].chmod(0o755)
    postgres = Postgres(folders[1], survives_power_cuts=True)
    postgres.start()
    stack = Stack(folders[0], postgres)
    stack.make(trained_model(ROOT / "var" / "models"))
    try:
        stack.start()

        def chat(seconds: float) -> int:
            family, asked = stack.outside(CHAT), 0
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                session = family.session()
                for text in TALK:
                    assert family.say(session, text=text).status == 200
                    asked += 1
            return asked

        chat(2.0)
        leader = int((folders[1] / "data" / "postmaster.pid").read_text().split()[0])
        parts = {
            "assistant": [program.process.pid for program in stack.assistants],
            "proxy": [stack.proxy.process.pid],
            "postgres": [leader],
            "redis": [stack.redis.process.pid],
        }
        before = {part: sum(map(_used, pids)) for part, pids in parts.items()}
        with ThreadPoolExecutor(FAMILIES) as pool:
            messages = sum(pool.map(chat, [MEASURE_SECONDS] * FAMILIES))
        used = {part: sum(map(_used, pids)) - before[part] for part, pids in parts.items()}
    finally:
        stack.stop()
        postgres.stop("immediate")
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    return {"messages": messages, **{part: seconds / messages for part, seconds in used.items()}}


def servers_needed(rate: float, cost: float, cores: int = 1) -> int:
    """Return how many instances of a part a load needs.

    Args:
        rate: messages a second.
        cost: seconds of a core for a message.
        cores: that an instance can use.
    """
    return max(1, math.ceil(rate * cost / (MOST_BUSY * cores)))


def simulate(rate: float, costs: Costs, assistants: int, redis: int, postgres: int, seed: int = 1) -> float:
    """Return the 95th percentile of the seconds to a reply, by simulating each message.

    Messages come at random (Poisson). Each takes Redis, then the assistant server with the fewest messages
    waiting, then PostgreSQL; every part serves one message at a time on a core, in order, for a time that is
    spread around its cost (an exponential tail on half of it).

    Args:
        rate: messages a second.
        costs: of the parts.
        assistants, redis, postgres: instances; of PostgreSQL each with its cores.
        seed: of the random numbers.
    """
    numbers = random.Random(seed)
    count = max(2000, int(rate * 5))
    free = {
        "redis": [0.0] * redis,
        "assistant": [0.0] * assistants,
        "postgres": [0.0] * (postgres * CORES["postgres"]),
    }
    for cores in free.values():
        heapq.heapify(cores)
    waits: list[float] = []
    now = 0.0
    for _ in range(count):
        now += numbers.expovariate(rate)
        moment = now
        for part, cost in (("redis", costs.redis), ("assistant", costs.assistant), ("postgres", costs.postgres)):
            begins = max(moment, heapq.heappop(free[part]))
            moment = begins + cost * (0.5 + numbers.expovariate(2.0))
            heapq.heappush(free[part], moment)
        waits.append(moment - now)
    return sorted(waits[count // 5 :])[int(len(waits[count // 5 :]) * 0.95)]


def plan(rate: float, costs: Costs) -> dict[str, float]:
    """Return the instances that a load needs, the simulated p95, and that with a tenth less than the load needs."""
    assistants = max(FEWEST, servers_needed(rate, costs.assistant))
    redis, postgres = (
        servers_needed(rate, costs.redis, CORES["redis"]),
        servers_needed(rate, costs.postgres, CORES["postgres"]),
    )
    too_few = max(1, math.floor(rate * costs.assistant * 0.9))
    return {
        "rate": rate,
        "assistants": assistants,
        "redis": redis,
        "postgres": postgres,
        "proxies": servers_needed(rate, costs.proxy, CORES["proxy"]),
        "p95": simulate(rate, costs, assistants, redis, postgres),
        "too_few": too_few,
        "p95_too_few": simulate(rate, costs, too_few, redis, postgres),
    }


def table(costs: Costs) -> str:
    """Return the costs, the limits of one instance and the plans, in Markdown."""
    lines = ["| part | core time of a message (ms) | one instance carries (messages/s) |", "|---|---|---|"]
    for part in ("assistant", "proxy", "postgres", "redis"):
        cost, cores = getattr(costs, part), CORES.get(part, 1)
        with_cores = f"{cores} core{'s' if cores > 1 else ''}"
        lines.append(f"| {part} ({with_cores}) | {cost * 1000:.2f} | {cores * MOST_BUSY / cost:,.0f} |")
    lines += [
        "",
        "| messages/s | assistants | proxies | PostgreSQL | Redis | simulated p95 (ms) | p95 with too few (ms) |",
        "|---|---|---|---|---|---|---|",
    ]
    for rate in RATES:
        p = plan(rate, costs)
        lines.append(
            f"| {rate:,} | {p['assistants']:.0f} | {p['proxies']:.0f} | {p['postgres']:.0f} | {p['redis']:.0f} "
            f"| {p['p95'] * 1000:.0f} | {p['p95_too_few'] * 1000:,.0f} ({p['too_few']:.0f}) |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, or work out and write the document's table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true")
    if parser.parse_args().measure:
        measured = {**measure(), "load_average": round(os.getloadavg()[0], 1)}
        RESULTS.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
        print(json.dumps(measured))
    found = json.loads(RESULTS.read_text("utf-8"))
    costs = Costs(**{part: found[part] for part in ("assistant", "proxy", "postgres", "redis")})
    before, rest = DOCUMENT.read_text("utf-8").split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(costs)}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
