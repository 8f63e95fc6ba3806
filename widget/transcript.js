/** What was said, as it is shown: the log, the dots while an answer is written, and where to scroll. */

import { callable, element } from "./dom.js";
import { expireChoices, familyMessage, guideMessage } from "./messages.js";

const TYPING_SHOWN_AFTER = 500;
/** Milliseconds until a log that was filled anew speaks again. */
const SILENT = 1000;

export class Transcript {
  #shell;
  /** @type {Around} */
  #around;
  /** Messages of the family on their way, with what shows them. @type {Map<Outgoing, HTMLElement>} */
  #onTheWay = new Map();
  /** The button that was pressed last, until it is answered. @type {HTMLElement | undefined} */
  #pressed;
  #timer = 0;
  #silence = 0;

  /**
   * @param {import("./shell.js").Shell} shell
   * @param {Around} around
   */
  constructor(shell, around) {
    this.#shell = shell;
    this.#around = {
      ...around,
      choose: (button, pressed) => {
        // It keeps the focus until the answer is there, and cannot be pressed twice meanwhile.
        if (this.#pressed) return;
        this.#pressed = pressed;
        pressed.setAttribute("aria-disabled", "true");
        around.choose(button, pressed);
      },
    };
  }

  /** @type {View["replay"]} */
  replay(entries, outbox) {
    const { log } = this.#shell;
    // Not read aloud: it is nothing new.
    log.setAttribute("aria-live", "off");
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#speak(), SILENT);
    this.clear();
    for (const entry of entries) {
      const time = entry.time ?? Date.now() / 1000;
      if (entry.from === "family") {
        expireChoices(log);
        log.append(familyMessage(entry.text, time, this.#around));
      } else {
        log.append(guideMessage(entry, time, false, this.#around));
      }
    }
    for (const message of outbox) this.sending(message);
    this.toEnd();
  }

  #speak() {
    clearTimeout(this.#silence);
    this.#shell.log.removeAttribute("aria-live");
  }

  clear() {
    this.#onTheWay.clear();
    this.#shell.log.replaceChildren();
    this.settled();
  }

  /** @type {View["sending"]} */
  sending(message) {
    const shown = familyMessage(message.text, message.time, this.#around);
    this.#onTheWay.set(message, shown);
    this.#shell.log.append(shown);
    this.settled(false);
    this.toEnd();
  }

  focusLast() {
    /** @type {HTMLElement | null} */ (this.#shell.log.lastElementChild)?.focus({ preventScroll: true });
  }

  /** @type {View["answered"]} */
  answered(messages, to) {
    const { log } = this.#shell;
    const asked = this.#onTheWay.get(to);
    this.#onTheWay.delete(to);
    const pressedHasFocus = this.#pressed?.matches(":focus");
    this.settled();
    if (messages.some((message) => message.data.delete_conversation)) log.replaceChildren();
    const shown = messages.map((message) => guideMessage(message, Date.now() / 1000, true, this.#around));
    expireChoices(log);
    this.#speak();
    log.append(...shown);
    // From a button the focus goes on to what it led to; whoever types goes on typing.
    if (pressedHasFocus) {
      const question = shown.find((message) => message.querySelector("fieldset"));
      (question ?? shown[0])?.focus({ preventScroll: true });
    }
    if (shown[0]) this.#toAnswer(asked, shown[0]);
  }

  /**
   * Say that a message could not be sent, with a button to send it again.
   * @param {Outgoing} message
   * @param {string} why
   * @param {() => void} again
   */
  failed(message, why, again) {
    const title = this.#around.texts.sendAgain;
    const button = element("button", { type: "button", class: "choice", click: pressed }, title);
    const failure = element("div", { class: "failure" }, ...callable(why), " ", button);
    /** Send it again. */
    function pressed() {
      failure.remove();
      again();
    }
    this.#onTheWay.get(message)?.append(failure);
    this.settled();
    this.toEnd();
  }

  /** @param {Outgoing} message one that is not on its way after all */
  drop(message) {
    this.#onTheWay.get(message)?.remove();
    this.#onTheWay.delete(message);
    this.settled();
  }

  /** Show the dots while a message is on its way, though not for a moment only. */
  settled(releases = true) {
    const { typing, status } = this.#shell;
    if (releases) {
      this.#pressed?.removeAttribute("aria-disabled");
      this.#pressed = undefined;
    }
    clearTimeout(this.#timer);
    if ([...this.#onTheWay.keys()].some((message) => !message.failed)) {
      this.#timer = window.setTimeout(() => {
        typing.hidden = false;
        status.textContent = this.#around.texts.writing;
        this.toEnd();
      }, TYPING_SHOWN_AFTER);
    } else {
      typing.hidden = true;
      status.textContent = "";
    }
  }

  toEnd() {
    const { log } = this.#shell;
    log.scrollTop = log.scrollHeight;
  }

  /**
   * Scroll so that an answer is read from its beginning, with what was asked above it where there is room.
   * @param {HTMLElement | undefined} asked
   * @param {HTMLElement} answer
   */
  #toAnswer(asked, answer) {
    const { log } = this.#shell;
    const above = asked?.isConnected ? answer.offsetTop - asked.offsetTop : 0;
    log.scrollTop = answer.offsetTop - log.offsetTop - Math.min(above, log.clientHeight / 3) - 12;
  }
}
