/** The summary of a symptom check, to print or to keep as a file. */

import { element } from "./dom.js";
import { fill } from "./texts.js";

const PRINTED = "family-guide-print";
// The page around the widget is left out of print while the summary is printed.
const PRINT_RULES = `
.${PRINTED} { display: none }
@media print {
  body > :not(.${PRINTED}) { display: none !important }
  .${PRINTED} { display: block; font: 12pt/1.5 system-ui, sans-serif; color: #000; background: #fff; white-space: pre-line }
}`;

/**
 * Return the buttons that print and save a summary.
 * @param {Summary} summary
 * @param {number} time seconds
 * @param {Around} around
 */
export function summaryTools({ text }, time, { texts, locale }) {
  const date = new Date(time * 1000).toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
  const whole = `${text}\n\n${fill(texts.printedOn, { date, heading: texts.heading })}\n`;
  return element(
    "div",
    { class: "tools" },
    element("button", { type: "button", class: "choice", click: () => print(whole) }, texts.print),
    element("button", { type: "button", class: "choice", click: () => save(whole, texts.fileName) }, texts.save),
  );
}

/** @param {string} text */
function print(text) {
  const rules = new CSSStyleSheet();
  rules.replaceSync(PRINT_RULES);
  const page = element("div", { class: PRINTED }, text);
  const before = document.adoptedStyleSheets;
  document.adoptedStyleSheets = [...before, rules];
  document.body.append(page);
  addEventListener(
    "afterprint",
    () => {
      page.remove();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== rules);
    },
    { once: true },
  );
  window.print();
}

/**
 * @param {string} text
 * @param {string} name
 */
function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
