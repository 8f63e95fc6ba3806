/** The parts of the widget around the messages, before they do anything. */

import { callable, element, icon } from "./dom.js";

/** @typedef {ReturnType<typeof shell>} Shell */

/**
 * @param {Texts} texts
 * @param {string} lang language of the texts
 */
export function shell(texts, lang) {
  const unread = element("span", { class: "unread", hidden: true }, texts.unread);
  const launcher = element(
    "button",
    { type: "button", class: "launcher", "aria-haspopup": "dialog" },
    icon("chat"),
    element("span", {}, texts.launcher),
    unread,
  );

  const heading = element("h2", { id: "heading", tabindex: -1 }, texts.heading);
  const menu = element("div", { id: "menu", class: "menu", hidden: true });
  const more = iconButton("menu", texts.menu);
  more.setAttribute("aria-controls", "menu");
  more.setAttribute("aria-expanded", "false");
  const close = iconButton("close", texts.close);
  const note = element("p", { id: "note" }, ...callable(texts.note));
  const header = element("div", { class: "header" }, heading, more, close, note, menu);

  const log = element("div", {
    class: "log",
    role: "log",
    "aria-label": texts.conversation,
    tabindex: 0,
  });
  const dots = [0, 1, 2].map(() => element("i"));
  const typing = element("div", { class: "typing", "aria-hidden": "true", hidden: true }, ...dots);
  const status = element("p", { class: "hidden", role: "status" });
  const notice = element("div", { class: "notice", role: "status" });

  const field = element("textarea", {
    id: "field",
    class: "field",
    rows: 1,
    placeholder: texts.placeholder,
    "aria-describedby": "privacy error",
    autocomplete: "off",
    enterkeyhint: "send",
    dir: "auto",
  });
  const left = element("span", { class: "left" });
  const error = element("p", { id: "error", class: "error", role: "alert" });
  const send = element("button", { class: "send" }, icon("send"), texts.send);
  const form = element(
    "form",
    { class: "form" },
    element("label", { for: "field" }, texts.label),
    left,
    error,
    element("div", { class: "row" }, field, send),
    element("p", { id: "privacy" }, texts.privacy),
  );

  const confirm = element("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": "asked" });
  const panel = element(
    "dialog",
    { class: "panel", lang, "aria-labelledby": "heading", "aria-describedby": "note" },
    header,
    log,
    typing,
    status,
    notice,
    form,
    confirm,
  );
  const region = element("section", { "aria-label": texts.heading, lang }, launcher);
  return {
    region,
    launcher,
    unread,
    panel,
    heading,
    menu,
    more,
    close,
    log,
    typing,
    status,
    notice,
    form,
    field,
    left,
    error,
    confirm,
  };
}

/**
 * @param {"menu" | "close"} name
 * @param {string} title
 */
function iconButton(name, title) {
  return element("button", { type: "button", class: "icon", "aria-label": title, title }, icon(name));
}
