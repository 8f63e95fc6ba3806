"""For everybody: screen readers, keyboards, large text, high contrast, dark rooms, other scripts."""

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.conftest import Assistant
from tests.widget.chat import DESKTOP, NARROW, PHONE, Chat
from tests.widget.conftest import OpenChat

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return what axe finds: the rule, and where."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{violation['id']}: {violation['help']}: {[node['target'] for node in violation['nodes']]}"
        for violation in found.response["violations"]
    ]


def closed(chat: Chat) -> None:
    chat.button("Close the chat").click()
    expect(chat.launcher).to_be_visible()


def answered(chat: Chat) -> None:
    chat.ask("What is ASPS?")


def rated(chat: Chat) -> None:
    answer = chat.ask("What is ASPS?")
    answer.get_by_role("button", name="Yes, this helped").click()
    expect(answer.get_by_label("Would you say why?")).to_be_visible()


def asked(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")
    chat.page.get_by_text("Why do you ask?").last.click()


def outcome(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")
    chat.choose("Trouble breathing")


def emergency(chat: Chat) -> None:
    chat.ask("my son cannot breathe")
    expect(chat.page.locator("family-guide .emergency")).to_be_visible()


def crisis(chat: Chat) -> None:
    chat.ask("I want to kill myself")
    expect(chat.page.locator("family-guide .crisis")).to_be_visible()


def waiting(chat: Chat) -> None:
    chat.page.route("**/messages", lambda route: None)
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    expect(chat.page.locator("family-guide .typing")).to_be_visible()


def error(chat: Chat) -> None:
    chat.field.fill("a" * 5000)
    chat.field.press("Enter")
    expect(chat.panel.get_by_role("alert")).to_contain_text("5,000")


def offline(chat: Chat) -> None:
    chat.page.context.set_offline(True)
    expect(chat.notice).to_contain_text("You are offline")


def ended(chat: Chat) -> None:
    error = {"error": {"code": "session_ended", "message": "This chat has ended."}}
    chat.page.route("**/messages", lambda route: route.fulfill(status=401, json=error))
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    expect(chat.button("Start a new chat")).to_be_visible()


def menu(chat: Chat) -> None:
    chat.button("More").click()
    expect(chat.button("Start over")).to_be_visible()


def confirming(chat: Chat) -> None:
    chat.menu("Delete this conversation")
    expect(chat.page.get_by_role("alertdialog")).to_be_visible()


STATES = [
    lambda chat: None,
    closed,
    answered,
    rated,
    asked,
    outcome,
    emergency,
    crisis,
    waiting,
    error,
    offline,
    ended,
    menu,
    confirming,
]
NAMES = ["open", *(state.__name__ for state in STATES[1:])]
LOOKS: dict[str, tuple[dict[str, Any], Literal["light", "dark"]]] = {
    "desktop": (DESKTOP, "light"),
    "desktop, dark": (DESKTOP, "dark"),
    "320 px, dark": (NARROW, "dark"),
    "320 px": (NARROW, "light"),
}


@pytest.mark.parametrize("state", STATES, ids=NAMES)
def test_axe_finds_nothing(new_chat: OpenChat, assistant: Assistant, state: Callable[[Chat], None]) -> None:
    # Half-way through a movement nothing has its own colour.
    chat = new_chat(reduced_motion="reduce").open(assistant.url)
    state(chat)
    found = {}
    for look, (screen, scheme) in LOOKS.items():
        chat.page.set_viewport_size(screen["viewport"])
        chat.page.emulate_media(color_scheme=scheme)
        found[look] = violations(chat.page)
    wide = chat.page.evaluate("document.documentElement.scrollWidth")

    assert found == {look: [] for look in LOOKS}
    assert wide <= 320


def test_axe_would_find_something(chat: Chat) -> None:
    """The check above can fail: it looks into the widget, and into the colours."""
    chat.page.evaluate(
        """() => {
            const shadow = document.querySelector("family-guide").shadowRoot;
            shadow.querySelector(".send").setAttribute("aria-label", "");
            shadow.querySelector(".send").textContent = "";
            shadow.querySelector("#note").style.color = "#0b6677";
        }"""
    )
    found = " ".join(violations(chat.page))
    assert "button-name" in found
    assert "color-contrast" in found


def test_without_scripts_families_are_told_whom_to_turn_to(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(java_script_enabled=False)
    chat.page.goto(assistant.url)
    told = chat.page.locator("noscript .turn-to")

    expect(told).to_be_visible()
    assert "turn to your care team" in told.inner_text()
    expect(told.locator("a").first).to_have_attribute("href", "tel:911")


def test_what_a_screen_reader_is_told(chat: Chat) -> None:
    """axe does not notice a live region that is missing."""
    chat.ask("What is ASPS?")

    expect(chat.panel).to_match_aria_snapshot(
        """
        - dialog "Family Guide":
          - heading "Family Guide" [level=2]
          - button "More"
          - button "Close the chat"
          - paragraph:
            - text: Not a doctor. In an emergency, call
            - link "911"
          - log "Conversation":
            - text: The guide said
            - paragraph
            - text: You said
            - paragraph: What is ASPS?
            - text: The guide said
            - paragraph: /alveolar soft part sarcoma/
            - paragraph: /^From/
            - group "Did this help?":
              - button "Yes, this helped"
              - button "No, this did not help"
            - group "Related questions":
              - button
          - status
          - text: Your question
          - textbox "Your question"
          - button "Send"
        """
    )
    # A log speaks by itself; what would silence it is gone as soon as there is something to say.
    assert chat.log.get_attribute("aria-live") is None


def test_emergency_is_an_alert_in_the_log(chat: Chat) -> None:
    emergency(chat)

    expect(chat.log.get_by_role("alert")).to_contain_text("call 911")
    expect(chat.log.get_by_role("alert").get_by_role("link", name="Call 911")).to_be_visible()


def test_crisis_can_be_called_and_texted(chat: Chat) -> None:
    crisis(chat)
    alert = chat.log.get_by_role("alert")

    expect(alert.get_by_role("link", name="Call 988")).to_have_attribute("href", "tel:988")
    expect(alert.get_by_role("link", name="Text 988")).to_have_attribute("href", "sms:988")


def test_writing_is_said_as_well_as_shown(chat: Chat) -> None:
    waiting(chat)

    expect(chat.panel.get_by_role("status").filter(has_text="Writing an answer")).to_have_count(1)


def test_keyboard_order(chat: Chat) -> None:
    chat.field.focus()
    for key in ("Shift+Tab",) * 5:
        chat.page.keyboard.press(key)
    order = []
    for _ in range(8):
        order.append(chat.focused())
        chat.page.keyboard.press("Tab")

    assert order == [
        "911",
        "Conversation",
        "911",
        "What is ASPS?",
        "Check symptoms",
        "Your question",
        "Send",
        order[-1],
    ]


def test_opening_and_closing_moves_the_focus_and_brings_it_back(chat: Chat) -> None:
    chat.field.focus()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()

    chat.page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()


def test_on_a_touch_screen_opening_brings_up_no_keyboard(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(**PHONE).open(assistant.url)
    chat.button("Close the chat").tap()
    chat.launcher.tap()

    assert chat.focused() == "Family Guide"


def test_on_a_touch_screen_the_answer_is_not_behind_the_keyboard(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(**PHONE).open(assistant.url)
    chat.field.tap()
    chat.ask("What is ASPS?")
    assert chat.focused().startswith("You said")

    # A browser cannot be made to show a keyboard: this is what it tells the page when there is one.
    chat.field.tap()
    chat.page.evaluate(
        """() => {
            Object.defineProperty(visualViewport, "height", { value: 500, configurable: true });
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    box = chat.field.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 500
    expect(chat.button("Close the chat")).to_be_in_viewport()
    chat.page.evaluate("delete visualViewport.height; visualViewport.dispatchEvent(new Event('resize'))")
    assert chat.panel.evaluate("panel => panel.clientHeight === innerHeight")


def test_over_the_whole_screen_the_page_behind_is_out_of_reach(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(**NARROW).open(assistant.url)

    assert chat.panel.evaluate("panel => panel.matches(':modal')")
    chat.page.set_viewport_size({"width": 1280, "height": 900})
    expect(chat.panel).to_be_visible()
    assert not chat.panel.evaluate("panel => panel.matches(':modal')")


def test_turning_the_device_leaves_a_question_in_front(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat().open(assistant.url)
    confirming(chat)
    chat.page.set_viewport_size(NARROW["viewport"])

    chat.page.get_by_role("alertdialog").get_by_role("button", name="No, go back").click()
    expect(chat.page.get_by_role("alertdialog")).to_be_hidden()
    expect(chat.panel).to_be_visible()


def test_an_open_chat_beside_the_page_does_not_take_the_focus(chat: Chat) -> None:
    assert chat.page.evaluate("document.activeElement === document.body")


def test_choosing_moves_the_focus_to_the_next_question(chat: Chat) -> None:
    chat.button("Check symptoms").focus()
    chat.waits_for_answer(lambda: chat.page.keyboard.press("Enter"))
    assert "Who is this check for?" in chat.focused()

    chat.page.keyboard.press("Tab")
    assert chat.focused() == "Why do you ask?"
    chat.page.keyboard.press("Tab")
    assert chat.focused() == "My child"


def test_typing_keeps_the_focus_in_the_field(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    expect(chat.field).to_be_focused()


def test_menu_opens_and_closes_by_keyboard(chat: Chat) -> None:
    chat.button("More").focus()
    chat.page.keyboard.press("Enter")
    assert chat.focused() == "Check symptoms"
    expect(chat.button("More")).to_have_attribute("aria-expanded", "true")

    chat.page.keyboard.press("Escape")
    expect(chat.button("More")).to_be_focused()
    expect(chat.panel).to_be_visible()


@pytest.mark.parametrize("state", [answered, asked, crisis, confirming], ids=lambda state: state.__name__)
def test_everything_to_tap_is_large(new_chat: OpenChat, assistant: Assistant, state: Callable[[Chat], None]) -> None:
    chat = new_chat(**PHONE).open(assistant.url)
    state(chat)
    # A link in a sentence is as high as its line.
    small = chat.page.evaluate(
        """() => [...document.querySelector("family-guide").shadowRoot
            .querySelectorAll("button, textarea, input, summary, .call")]
            .filter((e) => e.checkVisibility())
            .map((e) => [e.textContent || e.id, e.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44)
            .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
    )
    assert small == []


def test_focus_is_visible(chat: Chat) -> None:
    chat.button("What is ASPS?").focus()
    chat.page.keyboard.press("Tab")
    outline = chat.button("Check symptoms").evaluate(
        "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    )
    assert outline == "solid3px"


@pytest.mark.parametrize(("width", "height"), [(320, 256), (640, 450)], ids=["400%", "200%"])
def test_zoomed_in_nothing_is_out_of_reach(new_chat: OpenChat, assistant: Assistant, width: int, height: int) -> None:
    chat = new_chat(viewport={"width": width, "height": height}).open(assistant.url)
    chat.ask("What is ASPS?")
    chat.last.get_by_role("button", name="Yes, this helped").click()
    expect(chat.last.get_by_label("Would you say why?")).to_be_visible()
    chat.field.scroll_into_view_if_needed()
    expect(chat.field).to_be_in_viewport()
    chat.button("Close the chat").scroll_into_view_if_needed()
    expect(chat.button("Close the chat")).to_be_in_viewport()
    assert chat.panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")


def test_large_text_grows_and_fits(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(**PHONE).open(assistant.url)
    before = chat.messages.first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    chat.page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = chat.messages.first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")

    assert after == 2 * before
    assert chat.log.evaluate("log => log.scrollWidth <= log.clientWidth")
    expect(chat.field).to_be_in_viewport()


def test_small_text_of_the_page_around_does_not_shrink_the_chat(chat: Chat) -> None:
    chat.page.evaluate("document.documentElement.style.fontSize = '62.5%'")

    assert chat.messages.first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") == 16


def test_reduced_motion_stands_still(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(reduced_motion="reduce").open(assistant.url)
    waiting(chat)

    assert (
        chat.page.locator("family-guide .typing i").first.evaluate("e => getComputedStyle(e).animationName") == "none"
    )
    assert chat.log.evaluate("e => getComputedStyle(e).scrollBehavior") == "auto"


def test_forced_colors_keep_every_edge(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat(forced_colors="active").open(assistant.url)
    crisis(chat)
    without_edge = chat.page.evaluate(
        """() => [...document.querySelector("family-guide").shadowRoot.querySelectorAll(
            "button, .call, .text, textarea")]
            .filter((e) => e.checkVisibility())
            .filter((e) => parseFloat(getComputedStyle(e).borderTopWidth) < 1)
            .map((e) => e.textContent)"""
    )
    assert without_edge == []


def test_right_to_left(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat().open(assistant.url)
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    answer = chat.ask("What is ASPS?")
    panel, own = chat.panel.bounding_box(), chat.log.locator(".family .text").bounding_box()

    assert panel is not None
    assert own is not None
    assert panel["x"] < 100, "the panel is at the end of the line, which is on the left"
    assert own["x"] - panel["x"] < 40, "what the family said is at the end of the line"
    # An English answer still runs from left to right.
    assert answer.locator(".text p").first.evaluate("e => getComputedStyle(e).direction") == "ltr"


def test_languages_are_marked(chat: Chat) -> None:
    expect(chat.panel).to_have_attribute("lang", "en")
    reply = chat.ask("hola, necesito ayuda por favor")

    expect(reply.locator(".text")).to_have_attribute("lang", re.compile("^es"))
