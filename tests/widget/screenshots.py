"""Takes the pictures in `docs/screenshots` of a running assistant.

Run: `python -m tests.widget.screenshots http://localhost:5005`
"""

import sys
from collections.abc import Callable
from typing import Any

from playwright.sync_api import sync_playwright

from family_guide.settings import ROOT
from tests.widget.chat import ANSWERS, DESKTOP, PHONE, Chat
from tests.widget.conftest import CHROMIUM, FLAGS

FOLDER = ROOT / "docs" / "screenshots"
LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}


def answer(chat: Chat) -> None:
    """Ask and read the answer."""
    chat.ask("Can it come back after treatment?")


def question(chat: Chat) -> None:
    """Begin the symptom check."""
    chat.choose("Check symptoms")
    chat.choose("My child")


def outcome(chat: Chat) -> None:
    """Go through the whole symptom check."""
    chat.choose("Check symptoms")
    for title in ANSWERS:
        chat.choose(title)
    chat.page.locator("family-guide .outcome").evaluate("e => { e.parentNode.scrollTop = e.offsetTop - 100 }")


def emergency(chat: Chat) -> None:
    """Say something that cannot wait."""
    chat.ask("my son cannot breathe")


def crisis(chat: Chat) -> None:
    """Say something else that cannot wait."""
    chat.ask("I want to kill myself")


def closed(chat: Chat) -> None:
    """See the page with the chat closed."""
    chat.button("Close the chat").click()


PICTURES: dict[str, tuple[dict[str, Any], Callable[[Chat], None]]] = {
    "desktop-light": ({**DESKTOP, **LIGHT}, answer),
    "desktop-dark": ({**DESKTOP, **DARK}, answer),
    "desktop-symptom-check": ({**DESKTOP, **LIGHT}, question),
    "desktop-closed": ({**DESKTOP, **LIGHT}, closed),
    "phone-light": ({**PHONE, **LIGHT}, answer),
    "phone-dark": ({**PHONE, **DARK}, answer),
    "phone-symptom-check": ({**PHONE, **LIGHT}, question),
    "phone-symptom-check-dark": ({**PHONE, **DARK}, question),
    "phone-outcome": ({**PHONE, **LIGHT}, outcome),
    "phone-emergency": ({**PHONE, **LIGHT}, emergency),
    "phone-emergency-dark": ({**PHONE, **DARK}, emergency),
    "phone-crisis": ({**PHONE, **LIGHT}, crisis),
}


def main(url: str, names: list[str]) -> None:
    """Take all pictures, or those that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in names or PICTURES:
            look, act = PICTURES[name]
            context = browser.new_context(**look, reduced_motion="reduce", device_scale_factor=1)
            chat = Chat.watch(context).open(url)
            act(chat)
            chat.page.wait_for_timeout(500)
            chat.page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
