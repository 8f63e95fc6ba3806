// Comfort on top of pages that work without it: keyboard shortcuts, lists of topics, asking before leaving.
(() => {
  "use strict";

  const go = (id) => {
    const link = document.getElementById(id);
    if (link && link.href) link.click();
  };

  // One list of topics for a whole transcript, copied into a form when it is opened.
  const topics = document.getElementById("topics");
  for (const select of document.querySelectorAll("select[data-topics]")) {
    const fill = () => {
      if (!topics || select.options.length > 1) return;
      select.append(topics.content.cloneNode(true));
      if (select.dataset.topics) select.value = select.dataset.topics;
    };
    select.closest("details").addEventListener("toggle", fill, { once: true });
  }

  const marked = [...document.querySelectorAll("[data-marked]")];
  let at = -1;
  const jump = (step) => {
    if (!marked.length) return;
    at = (at + step + marked.length) % marked.length;
    marked[at].focus();
    marked[at].scrollIntoView({ block: "center" });
  };
  document.querySelector("[data-jump]")?.addEventListener("click", () => jump(1));

  const done = () => {
    const form = document.getElementById("review-form");
    const state = form?.querySelector("input[name=state][value=done]");
    if (!state) return;
    state.checked = true;
    // The next conversation is known before this one leaves its queue.
    const next = document.getElementById("next");
    if (next && next.href) {
      const target = document.createElement("input");
      Object.assign(target, { type: "hidden", name: "go_on", value: "1" });
      form.append(target);
    }
    form.requestSubmit();
  };

  const keys = {
    j: () => go("next"),
    k: () => go("previous"),
    u: () => go("back"),
    n: () => jump(1),
    p: () => jump(-1),
    r: () => document.querySelector("#review-form input[name=state]:checked")?.focus(),
    d: done,
    "/": () => document.querySelector("input[name=q]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // A tick at the head of a table ticks all of it.
  for (const all of document.querySelectorAll("[data-tick-all]")) {
    all.addEventListener("change", () => {
      for (const box of all.closest("table").querySelectorAll("input[name=suggestion]")) box.checked = all.checked;
    });
  }

  // A message that is linked to is where the keyboard goes on.
  const linked = location.hash && document.getElementById(location.hash.slice(1));
  if (linked && linked.classList.contains("line")) linked.focus({ preventScroll: true });
})();
