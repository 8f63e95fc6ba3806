/** Messages as they are shown. */

import { element, icon, numbers, paragraphs } from "./dom.js";
import { summaryTools } from "./summary.js";
import { fill } from "./texts.js";

const RATED = new Set(["answer", "outcome", "fallback"]);
const URGENT = new Set(["emergency", "crisis"]);
/** What the symptom check's own button asks for; the widget shows it without asking. */
const WHY = "check:why";

/**
 * Return what the guide said.
 * @param {Message} message
 * @param {number} time seconds
 * @param {boolean} isNew whether it was said just now, and not read back
 * @param {Around} around
 */
export function guideMessage(message, time, isNew, around) {
  const { texts, locale } = around;
  const { kind, data } = message;
  const urgent = URGENT.has(kind);
  const asks = kind === "question" && data.options;
  const said = element("div", { class: "text", lang: data.language ?? texts.guideLanguage });
  const title = message.text.startsWith(data.title) ? data.title : "";
  // The way to help comes first, where no screen is too small to show it.
  if (urgent) said.append(element("h3", {}, icon("phone"), title || texts.help), callButtons(message, texts));
  else if (title) said.append(element("h3", {}, title));
  if (asks) said.append(question(message, around));
  else said.append(...paragraphs(message.text.slice(title.length)));

  const shown = element("div", {
    class: `message guide ${kind}`,
    tabindex: "-1",
    // Announced at once, but not again when the page is read back.
    role: urgent && isNew && "alert",
  });
  shown.append(element("span", { class: "hidden" }, texts.guide), said);
  if (message.source) {
    shown.append(element("p", { class: "source" }, fill(texts.source, message.source)));
  }
  if (data.summary) shown.append(summaryTools(data.summary, time, around));
  const foot = element("div", { class: "foot", "aria-live": "off" }, clock(time, locale));
  if (message.id && RATED.has(kind)) foot.append(...rating(message.id, around));
  shown.append(foot);
  if (message.buttons.length && !asks) {
    const related = kind === "answer";
    shown.append(
      choices(related ? texts.related : texts.suggestions, message.buttons, around, related || data.lines ? "" : "once"),
    );
  }
  return shown;
}

/**
 * Return what the family said.
 * @param {string} text
 * @param {number} time seconds
 * @param {Around} around
 */
export function familyMessage(text, time, { texts, locale }) {
  return element(
    "div",
    { class: "message family", tabindex: "-1" },
    element("span", { class: "hidden" }, texts.you),
    element("p", { class: "text", dir: "auto" }, text),
    element("div", { class: "foot", "aria-live": "off" }, clock(time, locale)),
  );
}

/**
 * Take away the buttons that no longer fit, because the conversation went on.
 * @param {ParentNode} log
 */
export function expireChoices(log) {
  for (const group of log.querySelectorAll(".once")) group.remove();
}

/**
 * Return a question of the symptom check as a group of its options.
 * @param {Message} message
 * @param {Around} around
 */
function question({ data, buttons }, around) {
  const { texts } = around;
  const options = buttons.slice(0, data.options.length);
  const controls = buttons.slice(data.options.length).filter((_, i) => !data.why || data.controls[i] !== WHY);
  const { number, of, label } = data.progress;
  return element(
    "fieldset",
    {},
    element(
      "legend",
      {},
      element("span", { class: "progress" }, label),
      element("progress", { value: number, max: of, "aria-hidden": "true" }),
      " ",
      element("b", {}, data.body),
    ),
    ...paragraphs(data.help),
    ...(data.why ? [element("details", {}, element("summary", {}, texts.why), ...paragraphs(data.why))] : []),
    element(
      "div",
      { class: "once options" },
      ...options.map((button) => choice(button, around, "option")),
      element("div", { class: "controls" }, ...controls.map((button) => choice(button, around, "control"))),
    ),
  );
}

/**
 * @param {string} label
 * @param {Button[]} buttons
 * @param {Around} around
 * @param {string} className
 */
function choices(label, buttons, around, className) {
  return element(
    "div",
    { class: `choices ${className}`, role: "group", "aria-label": label },
    element("span", { class: "label", "aria-hidden": "true" }, label),
    ...buttons.map((button) => choice(button, around, "choice")),
  );
}

/**
 * @param {Button} button
 * @param {Around} around
 * @param {string} look
 */
function choice(button, around, look) {
  const pressed = () => around.choose(button, made);
  const made = element("button", { type: "button", class: look, dir: "auto", click: pressed }, button.title);
  return made;
}

/**
 * @param {Message} message
 * @param {Texts} texts
 */
function callButtons({ kind, text }, texts) {
  const links = numbers(text).flatMap((number) => {
    const call = link(`tel:${number}`, "phone", fill(texts.call, { number }));
    // The crisis line takes texts as well, which many find easier than to speak.
    const takesTexts = kind === "crisis" && number === "988";
    return takesTexts ? [call, link(`sms:${number}`, "chat", fill(texts.textTo, { number }))] : [call];
  });
  return element("div", { class: "calls" }, ...links);
}

/**
 * @param {string} href
 * @param {"phone" | "chat"} picture
 * @param {string} title
 */
function link(href, picture, title) {
  return element("a", { class: "call", href }, icon(picture), title);
}

/**
 * @param {number} seconds
 * @param {string} locale
 */
function clock(seconds, locale) {
  const date = new Date(seconds * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  const shown = date.toLocaleString(locale, {
    ...(!isToday && { month: "short", day: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
  });
  return element("time", { datetime: date.toISOString() }, shown);
}

/**
 * Return thumbs up and down, and a field for the reason after either.
 * @param {string} about
 * @param {Around} around
 */
function rating(about, { texts, rate }) {
  const status = element("span", { role: "status", class: "rated" });
  /** @type {"up" | "down"} */
  let chosen = "up";

  /** @param {string} [comment] */
  const send = async (comment) => {
    try {
      await rate(about, chosen, comment);
      status.replaceChildren(texts.thanks);
      return true;
    } catch {
      status.replaceChildren(texts.notRated);
      return false;
    }
  };
  /** @param {"up" | "down"} direction */
  const thumb = (direction, /** @type {string} */ label) =>
    element(
      "button",
      {
        type: "button",
        class: "icon thumb",
        title: label,
        "aria-label": label,
        "aria-pressed": "false",
        click: async (event) => {
          const pressed = /** @type {HTMLElement} */ (event.currentTarget);
          chosen = direction;
          if (!(await send())) return;
          for (const other of thumbs) other.setAttribute("aria-pressed", String(other === pressed));
          form.hidden = false;
          form.scrollIntoView({ block: "nearest" });
        },
      },
      icon(direction),
    );
  const thumbs = [thumb("up", texts.helped), thumb("down", texts.notHelped)];
  const field = element("input", { type: "text", maxlength: "500", autocomplete: "off" });
  const form = element(
    "form",
    {
      hidden: true,
      class: "why",
      submit: async (event) => {
        event.preventDefault();
        const comment = field.value.trim();
        if (comment && !(await send(comment))) return;
        form.hidden = true;
        (chosen === "up" ? thumbs[0] : thumbs[1])?.focus();
      },
    },
    element("label", {}, texts.comment, field),
    element("button", { class: "choice" }, texts.sendComment),
  );
  const label = element("span", { "aria-hidden": "true" }, texts.helpful);
  const group = element("span", { class: "thumbs", role: "group", "aria-label": texts.helpful }, label, ...thumbs);
  return [group, status, form];
}

