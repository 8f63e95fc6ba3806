/** One conversation: its session, what is on its way, and what to do when the line fails. */

import { Refused, Unreachable } from "./client.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
const TRIES_WHEN_UNAVAILABLE = 4;

/** The wait was for a conversation that is no longer shown. */
class Abandoned extends Error {}

/**
 * Return what is kept in this tab only: devices are shared.
 * @param {string} key
 * @returns {Store}
 */
export function openStore(key) {
  /** @type {Kept} */
  let kept = { outbox: [], draft: "" };
  try {
    kept = { ...kept, ...JSON.parse(sessionStorage.getItem(key) ?? "{}") };
  } catch {
    // Storage is blocked or holds something else: the chat works, a reload starts anew.
  }
  const save = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
    } catch {
      // As above.
    }
  };
  return { kept, save };
}

export class Conversation {
  #client;
  #store;
  #view;
  #tabs;
  /** Counts conversations, so that waits of an earlier one end. */
  #current = 0;
  #delivering = false;
  /** @type {Promise<void> | undefined} */
  #started;
  #goOn = () => {};
  /** @type {Offered["menu"]} */
  #menu = {};
  /** What was on its way before a reload: it may have been answered, so it is read back, not shown twice. */
  #fromBefore;

  /**
   * @param {Client} client
   * @param {Store} store
   * @param {View} view
   */
  constructor(client, store, view) {
    this.#client = client;
    this.#store = store;
    this.#view = view;
    this.#fromBefore = new Set(store.kept.outbox);
    // A duplicated tab has the same session: what is said in one is read again in the other.
    this.#tabs = new BroadcastChannel("family-guide");
    this.#tabs.onmessage = ({ data }) => data === this.#mark && this.refresh();
  }

  /** End all waits; the conversation itself can be resumed. */
  stop() {
    this.#abandon();
    this.#tabs.close();
  }

  /** Resume the conversation of this tab, or begin one. */
  start() {
    return (this.#started ??= this.#quietly(async () => {
      const { kept } = this.#store;
      if (kept.session) await this.#resume();
      else await this.#begin();
      this.#deliver();
    }));
  }

  /** Begin anew; what was said before stays stored with the assistant. */
  async startOver() {
    this.#leave();
    await this.start();
  }

  /** Delete what is stored of this conversation, and begin anew. */
  async forget() {
    const { session } = this.#store.kept;
    if (session) {
      try {
        await this.#client.forget(session);
      } catch (error) {
        // A session that has ended cannot be read or continued by anyone; there is nothing left to do here.
        if (!(error instanceof Refused && error.status === 401)) throw error;
      }
      this.#tellTabs();
    }
    await this.startOver();
  }

  /**
   * @param {string} text
   * @param {string} [choice] the button that was pressed; the text is its title
   */
  say(text, choice) {
    /** @type {Outgoing} */
    const message = { id: crypto.randomUUID?.() ?? fallbackId(), text, choice, time: Date.now() / 1000 };
    this.#store.kept.outbox.push(message);
    this.#store.save();
    this.#view.sending(message);
    this.start();
    this.#deliver();
  }

  /**
   * Choose from the menu; before it is known the words alone are sent.
   * @param {string} name
   * @param {string} text
   */
  pick(name, text) {
    this.say(text, this.#menu[name]);
  }

  /** @param {Outgoing} message one that could not be sent */
  sayAgain(message) {
    message.failed = false;
    this.#store.save();
    this.#deliver();
  }

  /** Try again at once what waits for the line. */
  hurry() {
    this.#goOn();
  }

  /**
   * @param {string} about
   * @param {"up" | "down"} rating
   * @param {string} [comment]
   */
  async rate(about, rating, comment) {
    await this.#client.rate(this.#store.kept.session ?? "", about, rating, comment);
  }

  /** Read again what was said, unless a message is on its way. */
  async refresh() {
    if (this.#store.kept.session && !this.#delivering) await this.#quietly(() => this.#resume());
  }

  get #mark() {
    // The end of a token names it among the tabs and is of no use to anyone else.
    return this.#store.kept.session?.slice(-12);
  }

  #tellTabs() {
    if (this.#mark) this.#tabs.postMessage(this.#mark);
  }

  #leave() {
    const { kept } = this.#store;
    this.#abandon();
    kept.session = undefined;
    kept.outbox = [];
    this.#menu = {};
    this.#store.save();
  }

  #abandon() {
    this.#current += 1;
    this.#delivering = false;
    this.#started = undefined;
    this.#goOn();
    this.#view.connection(null);
  }

  async #begin() {
    const { session, messages, ...offered } = await this.#persistently(() => this.#client.open());
    const { kept } = this.#store;
    kept.session = session;
    this.#store.save();
    this.#offered(offered);
    this.#view.replay(
      messages.map((message) => ({ ...message, from: "guide", time: null })),
      kept.outbox,
    );
  }

  async #resume() {
    const { kept } = this.#store;
    const session = kept.session ?? "";
    const { messages, ...offered } = await this.#persistently(() => this.#client.history(session));
    this.#offered(offered);
    this.#view.replay(messages, kept.outbox);
  }

  /** @param {Offered} offered */
  #offered({ limits, menu }) {
    this.#menu = menu;
    this.#view.limit(limits.characters);
  }

  /** Send what waits, in order, one at a time. */
  async #deliver() {
    if (this.#delivering) return;
    const current = this.#current;
    this.#delivering = true;
    const { kept } = this.#store;
    await this.start();
    await this.#quietly(async () => {
      for (let next; (next = kept.outbox.find((message) => !message.failed)); ) {
        if (!kept.session || current !== this.#current) break;
        await this.#deliverOne(next, kept.session);
      }
    });
    if (current === this.#current) this.#delivering = false;
  }

  /**
   * @param {Outgoing} message
   * @param {string} session
   */
  async #deliverOne(message, session) {
    const { kept } = this.#store;
    const taken = () => {
      kept.outbox = kept.outbox.filter((other) => other !== message);
      this.#store.save();
    };
    try {
      const { messages } = await this.#persistently(() => this.#client.send(session, message));
      taken();
      if (this.#fromBefore.has(message)) await this.#resume();
      else this.#view.answered(messages, message);
      this.#tellTabs();
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error;
      if (error.code === "unavailable") {
        message.failed = true;
        this.#store.save();
        this.#view.failed(message, error.message);
      } else {
        taken();
        this.#view.refused(message, error.message);
      }
    }
  }

  /**
   * Do something that ends early when the conversation is left or its session is over.
   * @param {() => Promise<void>} task
   */
  async #quietly(task) {
    try {
      await task();
    } catch (error) {
      if (error instanceof Abandoned) return;
      if (!(error instanceof Refused)) throw error;
      const waiting = this.#store.kept.outbox;
      this.#leave();
      this.#view.ended(waiting);
    }
  }

  /**
   * Ask until there is an answer. A message carries its id, so asking again is safe.
   * @template T
   * @param {() => Promise<T>} ask
   * @returns {Promise<T>}
   */
  async #persistently(ask) {
    const current = this.#current;
    for (let tries = 1; ; tries += 1) {
      let pause = Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE);
      try {
        const answer = await ask();
        if (current !== this.#current) throw new Abandoned();
        this.#view.connection(null);
        return answer;
      } catch (error) {
        if (current !== this.#current) throw new Abandoned();
        if (error instanceof Unreachable) {
          this.#view.connection({ reachable: false });
        } else if (error instanceof Refused && error.status === 429) {
          this.#view.connection({ reachable: true, text: error.message });
          pause = error.retryAfter * 1000;
        } else if (!(error instanceof Refused && error.code === "unavailable" && tries < TRIES_WHEN_UNAVAILABLE)) {
          this.#view.connection(null);
          throw error;
        }
      }
      // Spread out, so that a server that comes back is not asked by everybody at once.
      await this.#wait(pause * (1 + Math.random() / 2));
      if (current !== this.#current) throw new Abandoned();
    }
  }

  /**
   * Wait, or until the line is back or the family wants it now.
   * @param {number} milliseconds
   */
  async #wait(milliseconds) {
    await /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          removeEventListener("online", done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        addEventListener("online", done);
        this.#goOn = done;
      })
    );
  }
}

/** An id where `randomUUID` is missing: on a page that is not served over HTTPS. */
function fallbackId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
