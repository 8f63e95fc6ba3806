/**
 * The chat of the Family Guide as a web component:
 *
 *     <script type="module" src="https://assistant.example/widget/family-guide.js"></script>
 *     <family-guide></family-guide>
 *
 * Attributes, properties and parts are described in docs/embedding.md.
 */

import { Client } from "./client.js";
import { Composer } from "./composer.js";
import { Conversation, openStore } from "./conversation.js";
import { callable, element } from "./dom.js";
import { shell } from "./shell.js";
import { style } from "./styles.js";
import { TEXTS } from "./texts.js";
import { Transcript } from "./transcript.js";

/** Beside the page; otherwise the chat is over all of it. The same as in styles.js. */
const WIDE = matchMedia("(min-width: 36rem) and (min-height: 28rem)");
/** Where a finger is the pointer, focus in the text field would bring up a keyboard over the answers. */
const TOUCH = matchMedia("(pointer: coarse)");

/** Pixels that no bar of a browser takes, but a keyboard does. */
const KEYBOARD = 120;

export class FamilyGuide extends HTMLElement {
  static observedAttributes = ["open", "heading", "lang", "server"];

  /** @type {Partial<Texts>} */
  #ownTexts = {};
  /** @type {AbortController | undefined} */
  #connected;
  /** @type {Store} */
  #store;
  /** @type {Conversation} */
  #conversation;
  /** @type {import("./shell.js").Shell} */
  #shell;
  /** @type {Transcript} */
  #transcript;
  /** @type {Composer} */
  #composer;

  constructor() {
    super();
    style(this.attachShadow({ mode: "open" }));
  }

  connectedCallback() {
    // The script's own address is the assistant's, so that a page need not name it.
    const server = this.getAttribute("server") || new URL("..", import.meta.url).href;
    const { texts } = this;
    const locale = this.lang || TEXTS.guideLanguage;
    this.#store = openStore(`family-guide ${server}`);
    this.#shell = shell(texts, locale);
    this.#conversation = new Conversation(new Client(server), this.#store, this);
    this.#composer = new Composer(this.#shell, texts, locale, this.#store, (text) => {
      this.#conversation.say(text);
      // So that the keyboard goes and the answer is not behind it.
      if (TOUCH.matches) this.#transcript.focusLast();
    });
    this.#transcript = new Transcript(this.#shell, {
      texts,
      locale,
      choose: (button) => this.#conversation.say(button.title, button.choice),
      rate: (about, rating, comment) => this.#conversation.rate(about, rating, comment),
    });
    this.#fillMenu();
    this.#listen();
    this.#root.replaceChildren(this.#shell.region, this.#shell.panel);
    // What the family did in this tab goes before what the page wants.
    this.open = this.#store.kept.open ?? this.open;
    if (this.open) this.#show(false);
  }

  disconnectedCallback() {
    this.#connected?.abort();
    this.#connected = undefined;
    this.#conversation.stop();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.#connected) return;
    if (name !== "open") this.#renew();
    else if (this.open && !this.#shell.panel.open) this.#show(true);
    else if (!this.open && this.#shell.panel.open) this.#hide();
  }

  /** Whether the chat is open. */
  get open() {
    return this.hasAttribute("open");
  }

  set open(value) {
    this.toggleAttribute("open", value);
  }

  /** The widget's own words; set some of them to replace these. @returns {Texts} */
  get texts() {
    const inPage = this.querySelector('script[type="application/json"]')?.textContent;
    const heading = this.getAttribute("heading");
    return { ...TEXTS, ...JSON.parse(inPage || "{}"), ...this.#ownTexts, ...(heading && { heading }) };
  }

  /** @param {Partial<Texts>} texts */
  set texts(texts) {
    this.#ownTexts = texts;
    if (this.#connected) this.#renew();
  }

  get #root() {
    return /** @type {ShadowRoot} */ (this.shadowRoot);
  }

  /** Build all of it again; the conversation is resumed. */
  #renew() {
    this.disconnectedCallback();
    this.connectedCallback();
  }

  #listen() {
    const { launcher, panel, confirm, close, more, menu } = this.#shell;
    launcher.onclick = () => (this.open = true);
    close.onclick = () => (this.open = false);
    more.onclick = () => this.#toggleMenu(menu.hidden);
    panel.onkeydown = (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      if (menu.hidden) this.open = false;
      else this.#toggleMenu(false);
    };
    // The way back of a phone closes a dialog as well.
    panel.oncancel = (event) => {
      event.preventDefault();
      this.open = false;
    };
    confirm.onkeydown = confirm.oncancel = (event) => event.stopPropagation();

    this.#connected = new AbortController();
    const { signal } = this.#connected;
    WIDE.addEventListener("change", () => this.#place(), { signal });
    visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#conversation.refresh(), { signal });
    addEventListener("offline", () => this.connection({ reachable: false }), { signal });
    addEventListener("online", () => this.#hush(this.texts.offline), { signal });
  }

  // Opening and closing

  /** @param {boolean} asked whether the family opened it, so that it takes the focus */
  #show(asked) {
    const { launcher, unread, field, heading } = this.#shell;
    this.#remember(true);
    launcher.hidden = unread.hidden = true;
    this.#place();
    if (asked) (TOUCH.matches ? heading : field).focus({ preventScroll: true });
    else if (!WIDE.matches) heading.focus();
    this.#conversation.start();
    this.#transcript.toEnd();
  }

  #hide() {
    const { panel, launcher } = this.#shell;
    this.#remember(false);
    this.#toggleMenu(false);
    this.#unplace();
    launcher.hidden = panel.open;
    launcher.focus({ preventScroll: true });
  }

  /** @param {boolean} open */
  #remember(open) {
    this.open = open;
    this.#store.kept.open = open;
    this.#store.save();
  }

  /** Show the panel beside the page, or over all of it where there is little room. */
  #place() {
    const { panel, confirm } = this.#shell;
    if (!this.open) return;
    const focused = /** @type {HTMLElement | null} */ (this.#root.activeElement);
    this.#unplace();
    // `show` would take the focus away from the page.
    if (WIDE.matches) panel.setAttribute("open", "");
    else panel.showModal();
    // What is asked stays above the panel, which was just put on top.
    if (confirm.open) {
      confirm.close();
      confirm.showModal();
    }
    focused?.focus({ preventScroll: true });
  }

  /** Keep clear of a keyboard on the screen: it covers the page and leaves it as large as it was. */
  #fit() {
    const { panel, field } = this.#shell;
    const { height, offsetTop, scale } = /** @type {VisualViewport} */ (visualViewport);
    const covered = panel.matches(":modal") && scale < 1.05 && innerHeight - height > KEYBOARD;
    panel.style.setProperty("--seen", covered ? `${height}px` : "");
    panel.style.setProperty("--seen-from", covered ? `${offsetTop}px` : "");
    if (covered && field.matches(":focus")) this.#transcript.toEnd();
  }

  #unplace() {
    const { panel } = this.#shell;
    if (panel.matches(":modal")) panel.close();
    panel.removeAttribute("open");
  }

  // The menu

  #fillMenu() {
    const { texts } = this;
    const { menu } = this.#shell;
    const pick = (/** @type {string} */ name, /** @type {string} */ text) => () => this.#conversation.pick(name, text);
    /** @type {[string, () => void][]} */
    const entries = [
      [texts.check, pick("check_symptoms", texts.check)],
      [texts.stored, pick("show_my_data", texts.storedAsk)],
      [texts.startOver, () => this.#ask(texts.startOverAsk, texts.startOver, () => this.#startOver())],
      [texts.remove, () => this.#ask(texts.removeAsk, texts.remove, () => this.#forget())],
    ];
    for (const [title, chosen] of entries) {
      const click = () => {
        this.#toggleMenu(false);
        chosen();
      };
      menu.append(element("button", { type: "button", click }, title));
    }
  }

  /** @param {boolean} open */
  #toggleMenu(open) {
    const { menu, more } = this.#shell;
    const hadFocus = menu.matches(":focus-within");
    menu.hidden = !open;
    more.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button")?.focus();
    else if (hadFocus) more.focus();
  }

  /**
   * Ask before something that cannot be undone.
   * @param {string} question
   * @param {string} yes
   * @param {() => void} then
   */
  #ask(question, yes, then) {
    const { confirm } = this.#shell;
    const keep = element("button", { type: "button", class: "choice", click: () => confirm.close() }, this.texts.keep);
    const click = () => {
      confirm.close();
      then();
    };
    confirm.replaceChildren(
      element("p", { id: "asked" }, question),
      element("button", { type: "button", class: "choice danger", click }, yes),
      keep,
    );
    confirm.showModal();
    keep.focus();
  }

  async #startOver() {
    this.#transcript.clear();
    this.#shell.field.focus();
    await this.#conversation.startOver();
  }

  async #forget() {
    const { texts } = this;
    const { log, field, status } = this.#shell;
    try {
      await this.#conversation.forget();
    } catch {
      this.#notify(texts.notRemoved);
      return;
    }
    this.#composer.write("");
    log.prepend(element("p", { class: "event" }, texts.removed));
    status.textContent = texts.removed;
    field.focus();
  }

  // What the conversation shows: View in types.d.ts

  /** @type {View["replay"]} */
  replay(entries, outbox) {
    this.#transcript.replay(entries, outbox);
    for (const message of outbox) if (message.failed) this.failed(message, this.texts.notSent);
  }

  /** @type {View["sending"]} */
  sending(message) {
    this.#transcript.sending(message);
  }

  /** @type {View["answered"]} */
  answered(messages, to) {
    this.#transcript.answered(messages, to);
    this.#shell.unread.hidden = this.open;
  }

  /** @type {View["failed"]} */
  failed(message, why) {
    this.#transcript.failed(message, why, () => {
      this.#shell.field.focus();
      this.#conversation.sayAgain(message);
      this.#transcript.settled();
    });
  }

  /** @type {View["refused"]} */
  refused(message, why) {
    this.#transcript.drop(message);
    this.#composer.giveBack([message]);
    this.#composer.complain(why);
  }

  /** @type {View["ended"]} */
  ended(waiting) {
    const { texts } = this;
    for (const message of waiting) this.#transcript.drop(message);
    this.#composer.giveBack(waiting);
    this.#notify(texts.ended, texts.startNew, () => this.#startOver());
  }

  /** @type {View["connection"]} */
  connection(trouble) {
    const { texts } = this;
    if (!trouble) this.#hush();
    else if (!trouble.reachable && !navigator.onLine) this.#notify(texts.offline);
    else this.#notify(trouble.text ?? texts.unreachable, texts.tryNow, () => this.#conversation.hurry());
  }

  /** @type {View["limit"]} */
  limit(characters) {
    this.#composer.limit = characters;
  }

  /**
   * @param {string} text
   * @param {string} [title] of a button
   * @param {() => void} [click]
   */
  #notify(text, title, click) {
    const { notice } = this.#shell;
    // The same again would be read aloud again.
    if (notice.dataset.text === text) return;
    notice.replaceChildren(element("p", {}, ...callable(text)));
    notice.dataset.text = text;
    if (title) notice.append(element("button", { type: "button", class: "choice", click }, title));
  }

  /** @param {string} [text] of the only notice that is to go; any goes without it */
  #hush(text) {
    const { notice } = this.#shell;
    if (text && notice.dataset.text !== text) return;
    notice.replaceChildren();
    notice.dataset.text = "";
  }
}

customElements.define("family-guide", FamilyGuide);
