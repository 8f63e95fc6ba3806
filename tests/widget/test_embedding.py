"""The chat on the website of somebody else."""

import json

from playwright.sync_api import expect

from tests.widget.chat import SLOW
from tests.widget.conftest import OpenChat
from tests.widget.website import Embedded, Website


def page(inside: str = "", attributes: str = "open", around: str = "") -> str:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>A hospital</title>{around}
        <script type="module" src="ASSISTANT/widget/family-guide.js"></script>
        <h1>A hospital</h1><family-guide {attributes}>{inside}</family-guide></html>"""


def test_one_script_and_one_element_are_enough(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page()
    chat = new_chat().open(website.url)
    answer = chat.ask("What is ASPS?")
    expect(answer).to_contain_text("alveolar soft part sarcoma")

    chat.page.reload()
    expect(chat.messages).to_have_count(3, timeout=SLOW)
    chat.menu("Delete this conversation")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Delete this conversation").click()
    expect(chat.log).to_contain_text("The conversation is deleted.", timeout=SLOW)


def test_a_website_that_is_not_allowed_gets_no_answer(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page()
    chat = new_chat()
    chat.page.goto(website.url.replace("127.0.0.1", "localhost"))

    expect(chat.notice).to_contain_text("I cannot reach the assistant")
    assert all("CORS" in problem for problem in chat.problems)
    chat.problems.clear()


def test_words_between_the_tags_are_shown_where_the_chat_cannot_run(
    new_chat: OpenChat, website: Website, embedded: Embedded
) -> None:
    website.page = page("Call your care team.")
    chat = new_chat()
    chat.page.route("**/family-guide.js", lambda route: route.abort())
    chat.page.goto(website.url)
    expect(chat.page.get_by_text("Call your care team.")).to_be_visible()

    chat.page.unroute_all()
    chat.page.reload()
    expect(chat.panel).to_be_visible()
    expect(chat.page.get_by_text("Call your care team.")).to_be_hidden()


def test_every_word_can_be_replaced(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    texts = json.dumps({"launcher": "Preguntar", "label": "Su pregunta", "heading": "Guía", "close": "Cerrar"})
    website.page = page(f'<script type="application/json">{texts}</script>', 'lang="es"')
    chat = new_chat()
    chat.page.goto(website.url)
    chat.page.get_by_role("button", name="Preguntar").click()

    panel = chat.page.get_by_role("dialog", name="Guía")
    expect(panel).to_have_attribute("lang", "es")
    expect(panel.get_by_label("Su pregunta")).to_be_focused()
    # What the assistant says stays marked as what it is.
    expect(panel.locator(".guide .text").first).to_have_attribute("lang", "en", timeout=SLOW)
    chat.page.evaluate("document.querySelector('family-guide').texts = { close: 'Adiós' }")
    expect(panel.get_by_role("button", name="Adiós")).to_be_visible()


def test_attributes_and_property_open_and_close(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page(attributes='heading="Ask us"')
    chat = new_chat()
    chat.page.goto(website.url)
    expect(chat.launcher).to_be_visible()
    element = chat.page.locator("family-guide")
    element.evaluate("e => { e.open = true }")
    expect(chat.page.get_by_role("dialog", name="Ask us")).to_be_visible()
    element.evaluate("e => e.removeAttribute('open')")
    expect(chat.launcher).to_be_visible()


def test_nothing_is_asked_before_the_chat_is_opened(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page(attributes="")
    chat = new_chat()
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url) if "webhooks" in request.url else None)
    chat.page.goto(website.url, wait_until="networkidle")
    expect(chat.launcher).to_be_visible()
    assert asked == []

    chat.launcher.click()
    expect(chat.messages).to_have_count(1, timeout=SLOW)
    assert [url.split("/")[-1] for url in asked] == ["sessions"]


def test_colours_and_parts_can_be_themed(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page()
    chat = new_chat().open(website.url)
    chat.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`family-guide { --family-guide-accent: rgb(90, 0, 90) }
                family-guide::part(header) { padding-top: 33px }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    header = chat.page.locator("family-guide .header")

    assert header.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(90, 0, 90)"
    assert header.evaluate("e => getComputedStyle(e).paddingTop") == "33px"
    assert chat.button("Send").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(90, 0, 90)"


def test_styles_of_the_page_do_not_reach_the_chat(new_chat: OpenChat, website: Website, embedded: Embedded) -> None:
    website.page = page()
    chat = new_chat().open(website.url)
    chat.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { font: 8px/1 serif; color: red; text-align: center; letter-spacing: 9px;
                text-transform: uppercase }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    style = chat.messages.first.evaluate(
        "e => { const s = getComputedStyle(e); return [s.textTransform, s.letterSpacing, s.color] }"
    )

    assert style[0] == "none"
    assert style[1] in ("normal", "0px")
    assert style[2] != "rgb(255, 0, 0)"
