/** Building elements. Text only ever becomes a text node: nothing is read as HTML. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [properties] attributes, and
 *   listeners by the name of their event; what is false, null or undefined is left out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) {
      made.setAttribute(name, value === true ? "" : String(value));
      // What has a class can be styled by the page around it as a part of that name.
      if (name === "class") made.setAttribute("part", String(value));
    }
  }
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  chat: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM7 9h10M7 12.500h6",
  close: "M5 5l14 14M19 5L5 19",
  menu: "M12 5v.01M12 12v.01M12 19v.01",
  send: "M4 12h14M12 5.500l7 6.5-7 6.5",
  up: "M7 21H4v-10h3m0 10V11l4-8c1.5 0 2.5 1 2.5 2.500V9h5.500a2 2 0 0 1 2 2.300l-1.2 7a2 2 0 0 1-2 1.700H7",
  down: "M17 3h3v10h-3m0-10v10l-4 8c-1.5 0-2.5-1-2.5-2.500V15H5a2 2 0 0 1-2-2.300l1.2-7A2 2 0 0 1 6.2 4L17 3",
  phone: "M5 3h4l2 5-2.5 1.500a12 12 0 0 0 6 6L16 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2Z",
};

/**
 * Return a picture that assistive technology passes over; what it stands for is said in words beside it.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// The two numbers of the safety messages, and not as part of a longer number or word.
const NUMBER = /(?<![\w.+-])(911|988)(?![\w-]|\.\d)/;

/**
 * Return text with 911 and 988 as links to call.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function callable(text) {
  return text
    .split(NUMBER)
    .map((part, i) => (i % 2 ? element("a", { href: `tel:${part}`, class: "number" }, part) : part));
}

/**
 * Return the numbers of the safety messages that a text names, each once.
 * @param {string} text
 */
export function numbers(text) {
  return [...new Set(text.split(NUMBER).filter((_, i) => i % 2))];
}

/**
 * Return text as paragraphs and lists: an empty line ends a paragraph, "- " begins an item.
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function paragraphs(text) {
  /** @type {HTMLElement[]} */
  const blocks = [];
  for (const block of text.split(/\n\s*\n/)) {
    /** @type {HTMLElement | undefined} */
    let current;
    for (const line of block.split("\n").filter((line) => line.trim())) {
      const isItem = line.startsWith("- ");
      const tag = isItem ? "ul" : "p";
      const goesOn = current?.localName === tag;
      if (!current || !goesOn) blocks.push((current = element(tag, { dir: "auto" })));
      if (isItem) current.append(element("li", {}, ...callable(line.slice(2))));
      else current.append(...(goesOn ? [element("br")] : []), ...callable(line));
    }
  }
  return blocks;
}
