/** The assistant's API: one function per request, two kinds of failure. */

const TIMEOUT = 20_000;

/** The assistant answered that it will not. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {number} retryAfter seconds
   */
  constructor(status, code, message, retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** No answer came, or one that is not the assistant's. */
export class Unreachable extends Error {}

export class Client {
  /** @param {string} server address of the assistant */
  constructor(server) {
    this.base = new URL("webhooks/website/", server.replace(/\/*$/, "/"));
  }

  /** @returns {Promise<Offered & {session: string, messages: Message[]}>} */
  open() {
    return this.#ask("POST", "sessions", { body: {} });
  }

  /**
   * @param {string} session
   * @param {Outgoing} message
   * @returns {Promise<{messages: Message[]}>}
   */
  send(session, { id, text, choice }) {
    return this.#ask("POST", "messages", { body: { session, message_id: id, ...(choice ? { choice } : { text }) } });
  }

  /**
   * @param {string} session
   * @returns {Promise<Offered & {messages: Entry[]}>}
   */
  history(session) {
    return this.#ask("GET", "history", { session });
  }

  /** @param {string} session */
  forget(session) {
    return this.#ask("DELETE", "conversation", { session });
  }

  /**
   * @param {string} session
   * @param {string} about id of the message
   * @param {"up" | "down"} rating
   * @param {string} [comment]
   */
  rate(session, about, rating, comment) {
    return this.#ask("POST", "feedback", { body: { session, about, rating, ...(comment && { comment }) } });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {{body?: object, session?: string}} what
   * @returns {Promise<any>}
   */
  async #ask(method, path, { body, session }) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await fetch(new URL(path, this.base), {
        method,
        headers: {
          ...(body && { "Content-Type": "application/json" }),
          ...(session && { Authorization: `Bearer ${session}` }),
        },
        body: body && JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: abort.signal,
      });
      if (response.status === 204) return {};
      const answer = await response.json();
      if (response.ok) return answer;
      const { code, message } = answer.error;
      throw new Refused(response.status, code, message, Number(response.headers.get("Retry-After")) || 60);
    } catch (error) {
      // A proxy's own error page, a cut line and a timeout are all the same to a family.
      throw error instanceof Refused ? error : new Unreachable();
    } finally {
      clearTimeout(timer);
    }
  }
}
