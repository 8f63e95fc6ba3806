/**
 * The chat of the Family Guide as a web component:
 *
 *     <script type="module" src="https://assistant.example/widget/family-guide.js"></script>
 *     <family-guide></family-guide>
 *
 * Attributes, properties and parts are described in docs/embedding.md.
 */

import { Client } from "./client.js";
import { Conversation, openStore } from "./conversation.js";
import { callable, element, icon } from "./dom.js";
import { expireChoices, familyMessage, guideMessage } from "./messages.js";
import { style } from "./styles.js";
import { TEXTS, fill } from "./texts.js";

/** @typedef {import("./client.js").Entry} Entry */
/** @typedef {import("./client.js").Message} Message */
/** @typedef {import("./client.js").Outgoing} Outgoing */
/** @typedef {import("./texts.js").Texts} Texts */

const WIDE = matchMedia("(min-width: 36rem) and (min-height: 28rem)");
/** Where a finger is the pointer, focus in the text field would bring up a keyboard over the answers. */
const TOUCH = matchMedia("(pointer: coarse)");
const DEFAULT_LIMIT = 2000;
/** The count of characters is shown from this share of the limit on. */
const NEAR = 0.8;
const TYPING_SHOWN_AFTER = 500;

export class FamilyGuide extends HTMLElement {
  static observedAttributes = ["open", "heading"];

  /** @type {Partial<Texts>} */
  #ownTexts = {};
  /** @type {Conversation | undefined} */
  #conversation;
  /** @type {ReturnType<typeof openStore>} */
  #store = openStore("family-guide");
  #limit = DEFAULT_LIMIT;
  /** Messages of the family on their way, with what shows them. @type {Map<Outgoing, HTMLElement>} */
  #onTheWay = new Map();
  /** The button that was pressed last, until it is answered. @type {HTMLElement | undefined} */
  #pressed;
  #typingTimer = 0;
  /** @type {ReturnType<FamilyGuide["build"]> | undefined} */
  #ui;

  constructor() {
    super();
    style(this.attachShadow({ mode: "open" }));
  }

  connectedCallback() {
    // The script's own address is the assistant's, so that a page need not name it.
    const server = this.getAttribute("server") || new URL("..", import.meta.url).href;
    this.#store = openStore(`family-guide ${server}`);
    this.#conversation = new Conversation(new Client(server), this.#store, this);
    this.#render();
    WIDE.addEventListener("change", this.#reopen);
    addEventListener("pageshow", this.#shownAgain);
    addEventListener("online", this.#lineChanged);
    addEventListener("offline", this.#lineChanged);
    if (this.open || this.#store.kept.open) this.#show(false);
  }

  disconnectedCallback() {
    this.#conversation?.stop();
    WIDE.removeEventListener("change", this.#reopen);
    removeEventListener("pageshow", this.#shownAgain);
    removeEventListener("online", this.#lineChanged);
    removeEventListener("offline", this.#lineChanged);
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} value
   */
  attributeChangedCallback(name, before, value) {
    if (!this.#ui || before === value) return;
    if (name === "heading") this.#render();
    else if (this.open !== this.#ui.panel.open) {
      if (this.open) this.#show(true);
      else this.#hide();
    }
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
    const heading = this.getAttribute("heading");
    return { ...TEXTS, ...this.#textsInPage(), ...this.#ownTexts, ...(heading && { heading }) };
  }

  /** @param {Partial<Texts>} texts */
  set texts(texts) {
    this.#ownTexts = texts;
    if (this.#ui) this.#render();
  }

  /** @returns {Partial<Texts>} */
  #textsInPage() {
    const script = this.querySelector('script[type="application/json"]');
    return script ? JSON.parse(script.textContent || "{}") : {};
  }

  get #locale() {
    return this.lang || TEXTS.guideLanguage;
  }

  /** @returns {import("./messages.js").Around} */
  get #around() {
    return {
      texts: this.texts,
      locale: this.#locale,
      choose: (button, pressed) => this.#choose(button, pressed),
      rate: (about, rating, comment) => /** @type {Conversation} */ (this.#conversation).rate(about, rating, comment),
    };
  }

  #render() {
    const wasOpen = this.#ui?.panel.open;
    this.#ui = this.build();
    const { region, panel, field } = this.#ui;
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.replaceChildren(region, panel);
    field.value = this.#store.kept.draft;
    this.#count();
    if (wasOpen) {
      this.#show(false);
      this.#conversation?.refresh();
    }
  }

  /** Return the parts of the widget, not yet shown. */
  build() {
    const texts = this.texts;
    const lang = this.#locale;
    const launcher = element(
      "button",
      { type: "button", class: "launcher", part: "launcher", "aria-haspopup": "dialog", click: () => (this.open = true) },
      icon("chat"),
      element("span", {}, texts.launcher),
      element("span", { class: "unread", part: "unread", hidden: true }, texts.unread),
    );
    const region = element("section", { "aria-label": texts.heading, lang }, launcher);

    const heading = element("h2", { id: "heading", tabindex: "-1" }, texts.heading);
    const menu = element(
      "div",
      { id: "menu", class: "menu", part: "menu", hidden: true },
      this.#menuButton(texts.check, () => this.#say(texts.check)),
      this.#menuButton(texts.startOver, () => this.#confirm(texts.startOverAsk, texts.startOver, () => this.#startOver())),
      this.#menuButton(texts.stored, () => this.#say(texts.storedAsk)),
      this.#menuButton(texts.remove, () => this.#confirm(texts.removeAsk, texts.remove, () => this.#forget())),
    );
    const more = element(
      "button",
      {
        type: "button",
        class: "icon",
        "aria-label": texts.menu,
        title: texts.menu,
        "aria-expanded": "false",
        "aria-controls": "menu",
        click: () => this.#toggleMenu(menu.hidden),
      },
      icon("menu"),
    );
    const close = element(
      "button",
      { type: "button", class: "icon", "aria-label": texts.close, title: texts.close, click: () => (this.open = false) },
      icon("close"),
    );
    const header = element(
      "div",
      { class: "header", part: "header" },
      heading,
      more,
      close,
      element("p", { id: "note" }, ...callable(texts.note)),
      menu,
    );

    const log = element("div", {
      class: "log",
      part: "log",
      role: "log",
      "aria-label": texts.conversation,
      tabindex: "0",
    });
    const typing = element("div", { class: "typing", "aria-hidden": "true", hidden: true }, ...[0, 1, 2].map(() => element("i")));
    const status = element("p", { class: "hidden", role: "status" });
    const notice = element("div", { class: "notice", part: "notice", role: "status" });

    const field = element("textarea", {
      id: "field",
      part: "field",
      rows: "1",
      placeholder: texts.placeholder,
      "aria-describedby": "privacy error",
      autocomplete: "off",
      enterkeyhint: "send",
      dir: "auto",
      input: () => this.#typed(),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#submit();
      },
    });
    const left = element("span", { class: "left" });
    const error = element("p", { id: "error", class: "error", part: "error", role: "alert" });
    const form = element(
      "form",
      {
        part: "form",
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      element("label", { for: "field" }, texts.label),
      left,
      error,
      element("div", { class: "row" }, field, element("button", { class: "send", part: "send" }, icon("send"), texts.send)),
      element("p", { id: "privacy" }, texts.privacy),
    );

    const confirm = element("dialog", {
      class: "confirm",
      part: "confirm",
      role: "alertdialog",
      "aria-labelledby": "asked",
      keydown: (/** @type {Event} */ event) => event.stopPropagation(),
      cancel: (/** @type {Event} */ event) => event.stopPropagation(),
    });
    const panel = element(
      "dialog",
      {
        class: "panel",
        part: "panel",
        lang,
        "aria-labelledby": "heading",
        "aria-describedby": "note",
        keydown: (/** @type {KeyboardEvent} */ event) => this.#escape(event),
        cancel: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.open = false;
        },
      },
      header,
      log,
      typing,
      status,
      notice,
      form,
      confirm,
    );
    return { region, launcher, panel, heading, menu, more, log, typing, status, notice, field, left, error, confirm };
  }

  get #shown() {
    return /** @type {NonNullable<typeof this.#ui>} */ (this.#ui);
  }

  // Opening and closing

  /** @param {boolean} takeFocus */
  #show(takeFocus) {
    const { panel, launcher, field, heading } = this.#shown;
    this.open = true;
    this.#store.kept.open = true;
    this.#store.save();
    launcher.hidden = true;
    this.#unread(false);
    if (WIDE.matches) panel.setAttribute("open", "");
    else if (!panel.open) panel.showModal();
    // A dialog over the whole screen has the focus in any case; it belongs at its beginning.
    if (takeFocus || !WIDE.matches) (TOUCH.matches || !takeFocus ? heading : field).focus({ preventScroll: true });
    this.#conversation?.start();
    this.#toEnd();
  }

  #hide() {
    const { panel, launcher } = this.#shown;
    this.#toggleMenu(false);
    this.#store.kept.open = false;
    this.#store.save();
    launcher.hidden = false;
    if (panel.matches(":modal")) panel.close();
    else panel.removeAttribute("open");
    launcher.focus({ preventScroll: true });
  }

  /** The window became wide or narrow: beside the page, or over all of it. */
  #reopen = () => {
    const { panel } = this.#shown;
    if (!panel.open) return;
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const focused = /** @type {HTMLElement | null} */ (root.activeElement);
    if (panel.matches(":modal")) panel.close();
    else panel.removeAttribute("open");
    if (WIDE.matches) panel.setAttribute("open", "");
    else panel.showModal();
    focused?.focus({ preventScroll: true });
  };

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    const { menu, more } = this.#shown;
    if (menu.hidden) {
      this.open = false;
    } else {
      this.#toggleMenu(false);
      more.focus();
    }
  }

  /** @param {PageTransitionEvent} event */
  #shownAgain = (event) => {
    if (event.persisted) this.#conversation?.refresh();
  };

  #lineChanged = () => {
    if (!navigator.onLine) this.connection({ reachable: false });
    else if (this.#shown.notice.dataset.text === this.texts.offline) this.connection(null);
  };

  // The menu

  /**
   * @param {string} title
   * @param {() => void} chosen
   */
  #menuButton(title, chosen) {
    const click = () => {
      this.#toggleMenu(false);
      this.#shown.more.focus();
      chosen();
    };
    return element("button", { type: "button", click }, title);
  }

  /** @param {boolean} open */
  #toggleMenu(open) {
    const { menu, more } = this.#shown;
    menu.hidden = !open;
    more.setAttribute("aria-expanded", String(open));
    if (open) menu.querySelector("button")?.focus();
  }

  /**
   * Ask before something that cannot be undone.
   * @param {string} asked
   * @param {string} yes
   * @param {() => void} then
   */
  #confirm(asked, yes, then) {
    const { confirm } = this.#shown;
    const keep = element("button", { type: "button", class: "choice", click: () => confirm.close() }, this.texts.keep);
    const click = () => {
      confirm.close();
      then();
    };
    confirm.replaceChildren(
      element("p", { id: "asked" }, asked),
      element("button", { type: "button", class: "choice danger", click }, yes),
      keep,
    );
    confirm.showModal();
    keep.focus();
  }

  async #startOver() {
    this.#shown.log.replaceChildren();
    this.#shown.field.focus();
    await this.#conversation?.startOver();
  }

  async #forget() {
    const { log, field, status } = this.#shown;
    try {
      await this.#conversation?.forget();
    } catch {
      this.#notify(this.texts.notRemoved);
      return;
    }
    this.#store.kept.draft = field.value = "";
    this.#store.save();
    this.#count();
    log.prepend(element("p", { class: "event" }, this.texts.removed));
    status.replaceChildren(this.texts.removed);
    field.focus();
  }

  // Writing

  #typed() {
    this.#store.kept.draft = this.#shown.field.value;
    this.#store.save();
    this.#error("");
    this.#count();
  }

  #count() {
    const { field, left } = this.#shown;
    const remaining = this.#limit - field.value.length;
    const near = this.#limit > 0 && field.value.length >= this.#limit * NEAR;
    left.replaceChildren(near ? fill(this.texts.left, { left: remaining.toLocaleString(this.#locale) }) : "");
    left.classList.toggle("over", remaining < 0);
  }

  /** @param {string} text */
  #error(text) {
    const { error, field } = this.#shown;
    error.replaceChildren(...callable(text));
    field.setAttribute("aria-invalid", String(Boolean(text)));
  }

  #submit() {
    const { field } = this.#shown;
    const texts = this.texts;
    const text = field.value.trim();
    field.focus();
    if (!text) {
      this.#error(texts.empty);
    } else if (this.#limit && text.length > this.#limit) {
      const [length, most] = [text.length, this.#limit].map((n) => n.toLocaleString(this.#locale));
      this.#error(fill(texts.tooLong, { length: length ?? "", most: most ?? "" }));
    } else {
      field.value = "";
      this.#typed();
      this.#say(text);
    }
  }

  /**
   * @param {string} text
   * @param {string} [choice]
   */
  #say(text, choice) {
    this.#conversation?.say(text, choice);
  }

  /**
   * @param {import("./client.js").Button} button
   * @param {HTMLElement} pressed
   */
  #choose(button, pressed) {
    // It keeps the focus until the answer is there, and cannot be pressed twice meanwhile.
    if (this.#pressed) return;
    this.#pressed = pressed;
    pressed.setAttribute("aria-disabled", "true");
    this.#say(button.title, button.choice);
  }

  #release() {
    this.#pressed?.removeAttribute("aria-disabled");
    const pressed = this.#pressed;
    this.#pressed = undefined;
    return pressed;
  }

  // What the conversation shows: see View in conversation.js

  /**
   * @param {Entry[]} entries
   * @param {Outgoing[]} outbox
   */
  replay(entries, outbox) {
    const { log } = this.#shown;
    // Not read aloud: it is nothing new.
    log.setAttribute("aria-live", "off");
    this.#release();
    this.#onTheWay.clear();
    log.replaceChildren();
    for (const entry of entries) {
      const time = entry.time ?? Date.now() / 1000;
      if (entry.from === "family") {
        expireChoices(log);
        log.append(familyMessage(entry.text, time, this.#around));
      } else {
        log.append(guideMessage(entry, time, false, this.#around));
      }
    }
    for (const message of outbox) {
      this.sending(message);
      if (message.failed) this.failed(message, "");
    }
    this.#waiting();
    this.#toEnd();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 1000);
  }

  /** @param {Outgoing} message */
  sending(message) {
    const shown = familyMessage(message.text, message.time, this.#around);
    this.#onTheWay.set(message, shown);
    this.#shown.log.append(shown);
    this.#waiting();
    this.#toEnd();
  }

  /**
   * @param {Message[]} messages
   * @param {Outgoing} to
   */
  answered(messages, to) {
    const { log, panel } = this.#shown;
    const asked = this.#onTheWay.get(to);
    this.#onTheWay.delete(to);
    this.#waiting();
    const pressed = this.#release();
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const hadFocus = pressed && root.activeElement === pressed;
    if (messages.some((message) => message.data.delete_conversation)) log.replaceChildren();
    const shown = messages.map((message) => guideMessage(message, Date.now() / 1000, true, this.#around));
    expireChoices(log);
    log.append(...shown);
    // From a button the focus goes on to what it led to; whoever types goes on typing.
    if (hadFocus) {
      const next = shown.find((message) => message.querySelector("fieldset")) ?? shown[0];
      next?.focus({ preventScroll: true });
    }
    if (!panel.open) this.#unread(true);
    this.#toAnswer(asked, shown[0]);
  }

  /**
   * @param {Outgoing} message
   * @param {string} why
   */
  failed(message, why) {
    const shown = this.#onTheWay.get(message);
    this.#waiting();
    this.#release();
    const again = element(
      "button",
      {
        type: "button",
        class: "choice",
        click: () => {
          failure.remove();
          this.#shown.field.focus();
          this.#conversation?.sayAgain(message);
          this.#waiting();
        },
      },
      this.texts.sendAgain,
    );
    const failure = element("div", { class: "failure" }, ...callable(why || this.texts.notSent), " ", again);
    shown?.append(failure);
    this.#toEnd();
  }

  /**
   * @param {Outgoing} message
   * @param {string} why
   */
  refused(message, why) {
    this.#onTheWay.get(message)?.remove();
    this.#onTheWay.delete(message);
    this.#waiting();
    this.#release();
    this.#giveBack([message]);
    this.#error(why);
  }

  /** @param {Outgoing[]} waiting */
  ended(waiting) {
    for (const message of waiting) this.#onTheWay.get(message)?.remove();
    this.#onTheWay.clear();
    this.#waiting();
    this.#release();
    this.#giveBack(waiting);
    const { texts } = this;
    const startNew = async () => {
      this.#notify("");
      await this.#startOver();
    };
    this.#notify(texts.ended, texts.startNew, startNew);
  }

  /** @param {{reachable: boolean, text?: string} | null} trouble */
  connection(trouble) {
    const { texts } = this;
    if (!trouble) this.#notify("");
    else if (trouble.reachable) this.#notify(trouble.text ?? "", texts.tryNow, () => this.#conversation?.hurry());
    else if (!navigator.onLine) this.#notify(texts.offline);
    else this.#notify(texts.unreachable, texts.tryNow, () => this.#conversation?.hurry());
  }

  /** @param {number} characters */
  limit(characters) {
    this.#limit = characters;
    this.#count();
  }

  /**
   * Put texts back into the field, before what was typed since.
   * @param {Outgoing[]} messages
   */
  #giveBack(messages) {
    const { field } = this.#shown;
    const typed = messages.filter((message) => !message.choice).map((message) => message.text);
    field.value = [...typed, field.value].filter(Boolean).join("\n");
    this.#store.kept.draft = field.value;
    this.#store.save();
    this.#count();
  }

  /**
   * @param {string} text
   * @param {string} [title] of a button
   * @param {() => void} [pressed]
   */
  #notify(text, title, pressed) {
    const { notice } = this.#shown;
    // The same again would be read aloud again.
    if (notice.dataset.text === text) return;
    notice.dataset.text = text;
    notice.replaceChildren();
    if (!text) return;
    notice.append(element("p", {}, ...callable(text)));
    if (title) notice.append(element("button", { type: "button", class: "choice", click: pressed }, title));
  }

  /** Show the dots while a message is on its way, though not for a moment only. */
  #waiting() {
    clearTimeout(this.#typingTimer);
    const { typing, status, log } = this.#shown;
    const waits = [...this.#onTheWay.keys()].some((message) => !message.failed);
    if (!waits) {
      typing.hidden = true;
      status.replaceChildren();
      return;
    }
    this.#typingTimer = window.setTimeout(() => {
      typing.hidden = false;
      status.replaceChildren(this.texts.writing);
      log.scrollTop = log.scrollHeight;
    }, TYPING_SHOWN_AFTER);
  }

  /** @param {boolean} value */
  #unread(value) {
    const unread = this.#shown.launcher.querySelector(".unread");
    unread?.toggleAttribute("hidden", !value);
  }

  #toEnd() {
    const { log } = this.#shown;
    log.scrollTop = log.scrollHeight;
  }

  /**
   * Scroll so that an answer is read from its beginning, with what was asked above it where there is room.
   * @param {HTMLElement | undefined} asked
   * @param {HTMLElement | undefined} answer
   */
  #toAnswer(asked, answer) {
    const { log } = this.#shown;
    if (!answer) return;
    const room = log.clientHeight / 3;
    const above = asked?.isConnected ? Math.min(answer.offsetTop - asked.offsetTop, room) : 0;
    log.scrollTop = answer.offsetTop - log.offsetTop - above - 12;
  }
}

customElements.define("family-guide", FamilyGuide);
