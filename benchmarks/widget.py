"""What the chat widget costs a family's phone, beside the widgets that the npm registry offers for Rasa.

Run: `python -m benchmarks.widget [--asks 40] [--json FILE]`. It fetches the other widgets with `npm pack`
into a temporary folder, where nothing is kept.

Sizes are measured, in bytes: of the scripts that a page has to load, as they are and compressed with
gzip -9 (ours as the assistant sends them, styles and texts included).

Times are measured in Chromium on this machine, each widget against the same assistant in the same process:
from the click on "send" to the first frame in which the reply is on the page, in milliseconds. deep-chat is
made to ask our API. rasa-webchat speaks socket.io alone, which the assistant does not serve: its size is all
that can be measured. Beside them stands the time of the same question asked over the API without any browser.
"""

import argparse
import gzip
import http.server
import json
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from family_guide.channels.pages import read_files
from family_guide.settings import ROOT
from tests.conftest import start_assistant, stop
from tests.widget.conftest import CHROMIUM, FLAGS

BUNDLES = {
    # The file that the package's own README has a page load.
    "deep-chat": "package/dist/deepChat.bundle.js",
    "rasa-webchat": "package/lib/index.js",
}
OURS, WITHOUT = "family-guide", "no widget (API alone)"
QUESTION = "Can it come back after treatment?"
_WARM_UP = 3

# The first line of the reply, counted in all that a page shows, whatever shadow root it is in.
COUNT = """(line) => {
    const text = (node) => [...node.childNodes].map((child) => child.nodeType === 3 ? child.data
        : ["SCRIPT", "STYLE"].includes(child.nodeName) ? "" : text(child.shadowRoot ?? child)).join("");
    window.shown = () => text(document.body).split(line).length - 1;
    window.clicked = 0;
    for (const name of ["click", "keydown"]) {
        addEventListener(name, (event) => {
            if (name === "keydown" && event.key !== "Enter") return;
            window.clicked ||= performance.now();
        }, { capture: true });
    }
    window.ask = () => { window.clicked = 0; const before = shown();
        window.answered = new Promise((done) => {
            const look = () => {
                if (shown() > before) done(performance.now() - window.clicked);
                else requestAnimationFrame(look);
            };
            look();
        });
    };
}"""

DEEP_CHAT = """
    const api = "ASSISTANT/webhooks/website/";
    const post = async (path, body) => (await fetch(api + path, { method: "POST", body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" } })).json();
    const chat = document.createElement("deep-chat");
    chat.connect = { handler: async (body, signals) => {
        window.session ??= (await post("sessions", {})).session;
        const { messages } = await post("messages", { session: window.session, text: body.messages[0].text });
        signals.onResponse({ text: messages[0].text });
    } };
    document.body.append(chat);
"""


@dataclass
class Figures:
    """What one widget costs.

    Attributes:
        name: of the widget.
        version: of the package, or "here".
        files: how many scripts a page loads.
        raw: bytes of them.
        gzipped: bytes of them, compressed.
        times: milliseconds from the click to the reply, one of each ask.
    """

    name: str
    version: str
    files: int
    raw: int
    gzipped: int
    times: list[float]


def ours() -> Figures:
    """Return the size of every script of the widget."""
    scripts = [file for name, file in read_files()[0].items() if name.endswith(".js")]
    raw, gzipped = sum(len(f.body) for f in scripts), sum(len(f.compressed) for f in scripts)
    return Figures(OURS, "here", len(scripts), raw, gzipped, [])


def published(name: str, file: str, folder: Path) -> Figures:
    """Fetch a package, put its bundle into the folder, and return its size.

    Args:
        name: of the package in the npm registry.
        file: the bundle's path in it.
        folder: where the bundle is put, as `<name>.js`.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
        KeyError: the package has no such file.
    """
    command = ["npm", "pack", "--json", "--silent", name]
    packed = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout)[0]
    with tarfile.open(folder / packed["filename"]) as package:
        bundle = package.extractfile(file)
        assert bundle is not None, f"{file} is no file"
        content = bundle.read()
    (folder / f"{name}.js").write_bytes(content)
    return Figures(name, packed["version"], 1, len(content), len(gzip.compress(content, 9)), [])


@contextmanager
def website(folder: Path) -> Iterator[str]:
    """Serve the pages in a folder and give their address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def write_pages(folder: Path, url: str) -> None:
    """Write one page for each widget that is asked."""
    start = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Chat</title><body>'
    script = f'<script type="module" src="{url}/widget/family-guide.js"></script>'
    (folder / f"{OURS}.html").write_text(f"{start}{script}<family-guide open></family-guide>")
    load = '<script type="module" src="deep-chat.js"></script><script type="module">'
    (folder / "deep-chat.html").write_text(f"{start}{load}{DEEP_CHAT.replace('ASSISTANT', url)}</script>")


def ask_ours(page: Page) -> None:
    """Type and send, in our widget."""
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Send", exact=True).click()


def ask_deep_chat(page: Page) -> None:
    """Type and send, in deep-chat."""
    page.locator("deep-chat #text-input").fill(QUESTION)
    page.locator("deep-chat .input-button").first.click()


ASK: dict[str, Callable[[Page], None]] = {OURS: ask_ours, "deep-chat": ask_deep_chat}


def times_in_browser(browser: Browser, address: str, ask: Callable[[Page], None], line: str, asks: int) -> list[float]:
    """Return the milliseconds from each click to its reply.

    Args:
        browser: a running one.
        address: of the page with the widget.
        ask: types and sends.
        line: the beginning of the reply.
        asks: how often.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.evaluate(COUNT, line)
    times = []
    for _ in range(asks + _WARM_UP):
        page.evaluate("window.ask()")
        ask(page)
        times.append(float(page.evaluate("window.answered")))
    context.close()
    return times[_WARM_UP:]


def times_of_api(url: str, asks: int) -> tuple[list[float], str]:
    """Return the milliseconds of the same question without a browser, and the beginning of its reply."""
    times, text = [], ""
    with requests.Session() as connection:
        api = f"{url}/webhooks/website"
        session = connection.post(f"{api}/sessions", json={}).json()["session"]
        for _ in range(asks + _WARM_UP):
            began = time.perf_counter()
            answer = connection.post(f"{api}/messages", json={"session": session, "text": QUESTION})
            times.append((time.perf_counter() - began) * 1000)
            text = answer.json()["messages"][0]["text"]
    return times[_WARM_UP:], text.split("\n")[0]


def measure(found: list[Figures], folder: Path, var: Path, asks: int) -> list[float]:
    """Fill in the times of the widgets that can be asked, and return those of the API alone.

    Args:
        found: the widgets.
        folder: with their bundles; it becomes a website.
        var: for the assistant's conversations.
        asks: questions to each.
    """
    with website(folder) as site, sync_playwright() as playwright:
        assistant = start_assistant(var, ROOT / "var" / "models", FAMILY_GUIDE_ALLOWED_ORIGINS=site)
        write_pages(folder, assistant.url)
        alone, line = times_of_api(assistant.url, asks)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for one in found:
            if one.name in ASK:
                one.times = times_in_browser(browser, f"{site}/{one.name}.html", ASK[one.name], line, asks)
        browser.close()
        stop(assistant)
    return alone


def spread(times: list[float]) -> str:
    """Return the median and the 95th percentile, as two cells of a table."""
    return f"{median(times):.0f} | {quantiles(times, n=20)[-1]:.0f}" if len(times) > 1 else "- | -"


def table(found: list[Figures], alone: list[float]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        "| widget | version | scripts | raw, bytes | gzipped, bytes | times ours | click to reply, ms, median | p95 |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        sizes = f"{one.files} | {one.raw:,} | {one.gzipped:,} | {one.gzipped / found[0].gzipped:.1f}"
        lines.append(f"| {one.name} | {one.version} | {sizes} | {spread(one.times)} |")
    lines.append(f"| {WITHOUT} | | | | | | {spread(alone)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asks", type=int, default=40, help="questions to each widget; 0 for the sizes alone")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as var:
        folder = Path(name)
        found = [ours(), *(published(name, file, folder) for name, file in BUNDLES.items())]
        alone = measure(found, folder, Path(var), arguments.asks) if arguments.asks else []
    print(table(found, alone))
    if arguments.json:
        figures = {"widgets": [asdict(one) for one in found], "api_alone": alone}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
