/** The field that a family types in: what is typed is kept, counted, and never lost. */

import { callable } from "./dom.js";
import { fill } from "./texts.js";

const DEFAULT_LIMIT = 2000;
/** The count of characters is shown from this share of the limit on. */
const NEAR = 0.8;

export class Composer {
  /** Most characters of a message; 0 for any number. */
  limit = DEFAULT_LIMIT;

  /**
   * @param {import("./shell.js").Shell} shell
   * @param {Texts} texts
   * @param {string} locale
   * @param {Store} store
   * @param {(text: string) => void} say
   */
  constructor(shell, texts, locale, store, say) {
    const { form, field, left, error } = shell;
    const shown = (/** @type {number} */ number) => number.toLocaleString(locale);

    /** @param {string} text */
    this.complain = (text) => {
      error.replaceChildren(...callable(text));
      field.setAttribute("aria-invalid", String(!!text));
    };

    /** @param {string} text */
    this.write = (text) => {
      field.value = text;
      typed();
    };

    /**
     * Put texts back, before what was typed since.
     * @param {Outgoing[]} messages
     */
    this.giveBack = (messages) => {
      const texts = messages.filter((message) => !message.choice).map((message) => message.text);
      this.write([...texts, field.value].filter(Boolean).join("\n"));
    };

    const typed = () => {
      store.kept.draft = field.value;
      store.save();
      this.complain("");
      const remaining = this.limit - field.value.length;
      const near = this.limit && field.value.length >= this.limit * NEAR;
      left.textContent = near ? fill(texts.left, { left: shown(remaining) }) : "";
      left.classList.toggle("over", remaining < 0);
    };

    const submit = () => {
      const text = field.value.trim();
      field.focus();
      if (!text) {
        this.complain(texts.empty);
      } else if (this.limit && text.length > this.limit) {
        this.complain(fill(texts.tooLong, { length: shown(text.length), most: shown(this.limit) }));
      } else {
        this.write("");
        say(text);
      }
    };

    form.onsubmit = (event) => {
      event.preventDefault();
      submit();
    };
    field.oninput = typed;
    field.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    };
    this.write(store.kept.draft);
  }
}
