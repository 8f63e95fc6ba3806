"""The chat widget as a family meets it: by roles and words, in a real browser."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

# A browser reports a request that failed on the console; the widget deals with those.
FAILED_REQUEST = "Failed to load resource"
SLOW = 20_000
"""Milliseconds that an answer may take on a busy machine."""

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

ANSWERS = (
    "My child",
    "None of these",
    "5 to 11 years",
    "Yes",
    "No",
    "No",
    "No",
    "No",
    "Leg, foot or hip",
    "2 to 6 weeks",
    "No",
    "Not yet",
)
"""To the symptom check, of a family whose check ends in a visit to book."""


@dataclass
class Chat:
    """A page with the chat.

    Attributes:
        page: the page.
        problems: errors of scripts and violations of the Content-Security-Policy so far.
        sent: bodies of the messages sent so far, in order.
    """

    page: Page
    problems: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def watch(cls, context: BrowserContext) -> "Chat":
        """Return a chat on a new page, not yet opened, whose problems are recorded."""
        chat = cls(context.new_page())

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error" and FAILED_REQUEST not in message.text:
                chat.problems.append(message.text)

        def requested(request: Request) -> None:
            if request.method == "POST" and request.url.endswith("/messages"):
                chat.sent.append(request.post_data_json)

        chat.page.on("console", heard)
        chat.page.on("pageerror", lambda error: chat.problems.append(str(error)))
        chat.page.on("request", requested)
        return chat

    def open(self, url: str) -> "Chat":
        """Open the page and wait for the welcome."""
        self.page.goto(url)
        expect(self.log).to_contain_text("I am the Family Guide", timeout=SLOW)
        return self

    @property
    def panel(self) -> Locator:
        """The open chat."""
        return self.page.get_by_role("dialog", name="Family Guide")

    @property
    def launcher(self) -> Locator:
        """The button that opens the chat."""
        return self.page.get_by_role("button", name="Ask the Family Guide")

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log", name="Conversation")

    @property
    def field(self) -> Locator:
        """The text field."""
        return self.page.get_by_label("Your question")

    @property
    def messages(self) -> Locator:
        """All messages that are shown."""
        return self.page.locator("family-guide .message")

    @property
    def answers(self) -> Locator:
        """The guide's messages."""
        return self.page.locator("family-guide .guide")

    @property
    def last(self) -> Locator:
        """The guide's last message."""
        return self.answers.last

    @property
    def notice(self) -> Locator:
        """What is said about the line."""
        return self.page.locator("family-guide .notice")

    def button(self, name: str) -> Locator:
        """Return the last button of that name in the chat."""
        return self.panel.get_by_role("button", name=name, exact=True).last

    def waits_for_answer(self, act: Callable[[], object]) -> Locator:
        """Do something that is answered, and return the first message of the answer."""
        before = self.answers.count()
        act()
        expect(self.answers.nth(before)).to_be_visible(timeout=SLOW)
        expect(self.page.locator("family-guide .typing")).to_be_hidden()
        return self.answers.nth(before)

    def ask(self, text: str) -> Locator:
        """Type, send, and return the first message of the answer."""
        self.field.fill(text)
        return self.waits_for_answer(lambda: self.field.press("Enter"))

    def choose(self, name: str) -> Locator:
        """Press a button that is answered, and return the first message of the answer."""
        return self.waits_for_answer(self.button(name).click)

    def menu(self, name: str) -> None:
        """Choose from the menu."""
        self.button("More").click()
        self.button(name).click()

    def focused(self) -> str:
        """Return what has the focus: its name, or its text."""
        return str(
            self.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    return at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent.trim();
                }"""
            )
        )

    def kept(self) -> dict[str, Any]:
        """Return what the tab keeps."""
        return dict(
            self.page.evaluate(
                "() => JSON.parse(Object.entries(sessionStorage).find(([k]) => k.startsWith('family-guide'))[1])"
            )
        )
