"""Family Guide beside Rasa's own ways and beside the floor, on one machine, in one run.

python -m benchmarks.peers                     train what is not trained yet, measure, write the figures,
                                               the plots and the table in benchmarks/README.md
python -m benchmarks.peers --train default     only train a peer (Rasa's default takes more than an hour
                                               with its own 100 epochs; --epochs 10 for a shorter run)
python -m benchmarks.peers --measure           only measure what is trained
python -m benchmarks.peers --only family_guide echo
                                               measure these alone and print it; writes nothing

The peers: Rasa's default pipeline and policies (`benchmarks/peer_models/default.yml`); Rasa's sparse
features with logistic regression (`sparse.yml`); an echo on the same web server. They get the same
phrases, answers, rules and actions, and are served as Rasa's guide says: `rasa run` with the REST
channel and SQLite, and an action server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from benchmarks.peer_models.prepare import prepare
from benchmarks.peer_models.servers import PEERS, Server, installed_megabytes
from family_guide.settings import ROOT
from family_guide.training import trained_model

VAR = ROOT / "var" / "peers"
RESULTS = ROOT / "benchmarks" / "results" / "peers.json"
FAMILIES = (1, 8, 32)
KINDS = ("question", "step")
SECONDS = 10.0
"""How long each kind of message is asked at each number of families, of each peer."""
ROUNDS = 5
"""In how many parts, the peers in turn."""
QUESTIONS = (
    "what is asps",
    "can it spread to the lungs?",
    "how is it treated",
    "will my daughter need chemo",
    "is it cancer",
    "what are the symptoms",
    "how do doctors find out what the lump is",
    "is there anything we did wrong",
)
STEPS = ("yes", "no", "i don't know", "no", "yes", "no")
"""Replies within a symptom check, whatever is asked."""
NAMES = {
    "family_guide": "Family Guide",
    "default": "Rasa, default (DIET, TED, UnexpecTED)",
    "sparse": "Rasa, sparse + logistic regression",
    "echo": "echo (the floor)",
}
PACKAGES = {
    "family_guide": ("family-guide",),
    "default": ("rasa", "rasa-sdk", "tensorflow-cpu", "numpy", "scipy", "scikit-learn", "dask"),
    "sparse": ("rasa", "rasa-sdk", "tensorflow-cpu", "numpy", "scipy", "scikit-learn", "dask"),
    "echo": ("sanic",),
}


def train(peer: str, epochs: int | None) -> Path:
    """Train a peer and note how long it took; return its model."""
    folder = VAR / peer
    if peer == "family_guide":
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / trained_model(ROOT / "var" / "models").name
        command = [sys.executable, "-m", "family_guide.train_model", str(target)]
    else:
        files = prepare(peer, folder, epochs)
        target = folder / "model.tar.gz"
        command = [
            str(Path(sys.executable).parent / "rasa"), "train", "-c", files["config.yml"], "-d", files["domain.yml"],
            "--data", files["data"], "--out", str(folder), "--fixed-model-name", "model", "--force",
        ]  # fmt: skip
    before, began = _children_seconds(), time.monotonic()
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
    with open(folder / "train.log", "wb") as log:
        subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=log, stderr=subprocess.STDOUT)
    if not target.is_file():
        raise SystemExit(f"{peer} was not trained; its log: {folder / 'train.log'}")
    noted = {
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(_children_seconds() - before, 1),
        "epochs": epochs,
        "load_at_end": os.getloadavg()[0],
    }
    (folder / "training.json").write_text(json.dumps(noted))
    return target


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def model_of(peer: str) -> Path | None:
    """Return a peer's trained model, None where there is none."""
    if peer == "family_guide":
        return trained_model(ROOT / "var" / "models")
    model = VAR / peer / "model.tar.gz"
    return model if model.is_file() else None


class Family:
    """One family that chats with a server."""

    def __init__(self, http: aiohttp.ClientSession, server: Server, number: int) -> None:
        self._http, self._server, self._number = http, server, number
        self._chats = 0
        self._session = ""

    async def begin(self) -> None:
        """Open a new chat."""
        self._chats += 1
        self._session = f"family-{self._number}-{self._chats}-{time.monotonic_ns()}"
        if self._server.peer == "family_guide":
            async with self._http.post(f"{self._server.url}/webhooks/website/sessions", json={}) as answer:
                self._session = (await answer.json())["session"]

    async def ask(self, text: str) -> None:
        """Send a message and wait for the whole answer.

        Raises:
            RuntimeError: there was none.
        """
        if self._server.peer == "family_guide":
            url, body = "/webhooks/website/messages", {"session": self._session, "text": text}
        else:
            url, body = "/webhooks/rest/webhook", {"sender": self._session, "message": text}
        async with self._http.post(f"{self._server.url}{url}", json=body) as answer:
            said = await answer.json()
        if answer.status != 200 or not (said["messages"] if isinstance(said, dict) else said):
            raise RuntimeError(f"{self._server.peer} gave no answer to {text!r}")

    async def start_check(self) -> None:
        """Open a chat and start a symptom check in it."""
        await self.begin()
        await self.ask("I want to check symptoms" if self._server.peer == "family_guide" else "/check_symptoms")


async def _asked(family: Family, kind: str, until: float, times: list[float], failed: list[str]) -> None:
    texts = QUESTIONS if kind == "question" else STEPS
    while time.monotonic() < until:
        await (family.begin() if kind == "question" else family.start_check())
        for text in texts:
            began = time.monotonic()
            try:
                await family.ask(text)
            except RuntimeError as error:
                failed.append(str(error))
                continue
            times.append(time.monotonic() - began)
            if time.monotonic() > until:
                return


@dataclass
class Asked:
    """What came of asking one kind of message, over all rounds.

    Attributes:
        times: seconds until each answer.
        failed: what went wrong instead.
        took: seconds of asking.
        used: seconds of a core that the peer's processes used meanwhile.
    """

    times: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    took: float = 0.0
    used: float = 0.0

    async def ask(self, server: Server, kind: str, families: int, seconds: float) -> None:
        """Let families ask a server.

        Args:
            server: the peer.
            kind: `question` or `step` (of the symptom check).
            families: how many ask at once.
            seconds: how long.
        """
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
            crowd = [Family(http, server, number) for number in range(families)]
            used, began = server.processor_seconds(), time.monotonic()
            await asyncio.gather(*(_asked(one, kind, began + seconds, self.times, self.failed) for one in crowd))
            self.took += time.monotonic() - began
            self.used += server.processor_seconds() - used

    def figures(self) -> dict[str, float]:
        """Return milliseconds, messages a second and messages for a second of a core."""
        milliseconds = np.array(self.times) * 1000
        return {
            **{f"p{q}": round(float(np.percentile(milliseconds, q)), 2) for q in (50, 95, 99)},
            "messages": len(self.times),
            "failed": len(self.failed),
            "messages_per_second": round(len(self.times) / self.took, 1),
            "messages_per_core_second": round(len(self.times) / self.used, 1) if self.used else 0.0,
        }


def measure(models: Mapping[str, Path | None], seconds: float) -> dict[str, dict[str, Any]]:
    """Return the figures of each peer while it serves.

    All of them run, and are asked in turn: the speed of a machine that others share changes from minute to minute,
    and a ratio is one of the same minutes only.

    Args:
        models: of each peer, its trained model.
        seconds: how long each kind of message is asked at each number of families, in ROUNDS parts.
    """
    servers: dict[str, Server] = {}
    try:
        for peer, model in models.items():
            servers[peer] = Server.start(peer, model, VAR / peer / "running")
        at_start = {peer: server.megabytes() for peer, server in servers.items()}
        for server in servers.values():
            for kind in KINDS:
                asyncio.run(Asked().ask(server, kind, 1, 1.0))
        asked = {(peer, kind, n): Asked() for peer in servers for kind in KINDS for n in FAMILIES}
        for _round in range(ROUNDS):
            for kind, n in product(KINDS, FAMILIES):
                for peer, server in servers.items():
                    asyncio.run(asked[peer, kind, n].ask(server, kind, n, seconds / ROUNDS))
        memory = {peer: server.megabytes() for peer, server in servers.items()}
    finally:
        for server in servers.values():
            server.stop()
    found = {}
    for peer, server in servers.items():
        latency = {kind: {str(n): asked[peer, kind, n].figures() for n in FAMILIES} for kind in KINDS}
        both = [latency[kind]["8"]["messages_per_core_second"] for kind in KINDS]
        found[peer] = {
            "seconds_to_start": round(server.seconds_to_start, 2),
            "megabytes": round(memory[peer][0], 1),
            "megabytes_with_action_server": round(sum(memory[peer]), 1),
            "megabytes_at_start": round(at_start[peer][0], 1),
            "latency": latency,
            # As many questions as steps.
            "messages_per_core_second": round(2 / sum(1 / one for one in both), 1),
        }
    return found


def understanding(peer: str, model: Path) -> dict[str, float]:
    """Return how a peer's model does on the frozen test questions; in a process of its own, for its memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", "--understanding", peer, str(model)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def print_understanding(peer: str, model: Path) -> None:
    """Print the shares of the test questions that a model gets right at once, and wrong, as JSON."""
    from dataclasses import replace

    from benchmarks.metrics import share
    from benchmarks.understanding import labelled, load, outcomes

    def named(label: str) -> str:
        return "unknown" if label == "nlu_fallback" else label.replace("__", "/")

    agent = load(model)
    if peer == "default":
        agent.parse_message = _with_leaf(agent.parse_message)
    found = [replace(o, decided=named(o.decided)) for o in outcomes(agent, labelled("test"))]
    print(json.dumps({what: round(share(found, what), 4) for what in ("right", "right_or_offered", "wrong")}))


def _with_leaf(parse: Callable[[str], Awaitable[dict[str, Any]]]) -> Callable[[str], Awaitable[dict[str, Any]]]:
    """Have the leaf that Rasa's ResponseSelector chose named with the intent, as our pipeline does."""

    async def parsed(text: str) -> dict[str, Any]:
        result = await parse(text)
        chosen = result.get("response_selector", {}).get("default", {}).get("response", {}).get("intent_response_key")
        if chosen and chosen.split("/")[0] == result["intent"]["name"]:
            result["intent"]["full_retrieval_intent_name"] = chosen
        return result

    return parsed


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", choices=PEERS[:-1])
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PEERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--understanding", nargs=2, metavar=("PEER", "MODEL"))
    parser.add_argument("--tables", action="store_true", help="only write table and plots again")
    arguments = parser.parse_args()
    if arguments.understanding:
        print_understanding(arguments.understanding[0], Path(arguments.understanding[1]))
        return
    if arguments.only:
        for peer, found in measure({peer: model_of(peer) for peer in arguments.only}, arguments.seconds).items():
            print(peer, json.dumps(found, indent=1))
        return
    if arguments.train:
        print(train(arguments.train, arguments.epochs))
        return
    from benchmarks.peer_models.report import write_report

    if not arguments.tables:
        RESULTS.write_text(json.dumps(_figures(arguments), indent=1) + "\n", "utf-8")
    write_report(json.loads(RESULTS.read_text("utf-8")), NAMES)


def _figures(arguments: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    models: dict[str, Path | None] = {}
    for peer in PEERS:
        models[peer] = None
        if peer != "echo":
            if not (VAR / peer / "training.json").is_file() and not arguments.measure:
                train(peer, arguments.epochs)
            models[peer] = model_of(peer)
            if models[peer] is None:
                raise SystemExit(f"{peer} is not trained: python -m benchmarks.peers --train {peer}")
        figures[peer] = {"installed_megabytes": round(installed_megabytes(*PACKAGES[peer]))}
        training = VAR / peer / "training.json"
        if training.is_file():
            figures[peer]["training"] = json.loads(training.read_text())
    for peer, found in measure(models, arguments.seconds).items():
        figures[peer].update(found)
        model = models[peer]
        if model is not None:
            figures[peer]["understanding"] = understanding(peer, model)
        print(peer, json.dumps(figures[peer]), flush=True)
    return figures


if __name__ == "__main__":
    main()
