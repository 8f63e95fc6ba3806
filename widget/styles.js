/** How the widget looks. Custom properties and parts to theme it are listed in docs/embedding.md. */

const LIGHT = `
  color-scheme: light;
  --text: #1d2a30; --soft: #4a5a62; --page: #f6f4ef; --card: #fff; --line: #82929a; --hair: #dcdfdd;
  --accent: var(--family-guide-accent, #0b5566); --on-accent: var(--family-guide-on-accent, #fff);
  --link: var(--family-guide-link, #0b5566); --mine: #d9ebee; --on-mine: #12303a;
  --alarm: #b3190f; --on-alarm: #fff; --alarm-page: #fdeeec; --notice: #fff3cd; --on-notice: #4a3600; --focus: #0b5fd0;`;
const DARK = `
  color-scheme: dark;
  --text: #e9eef0; --soft: #b3c0c6; --page: #11191d; --card: #1b262b; --line: #7f9098; --hair: #34434a;
  --accent: var(--family-guide-accent, #0f6274); --on-accent: var(--family-guide-on-accent, #fff);
  --link: var(--family-guide-link, #8fd3e2); --mine: #17434e; --on-mine: #e6f5f8;
  --alarm: #ffb4ab; --on-alarm: #3a0502; --alarm-page: #3b1512; --notice: #4a3a08; --on-notice: #ffeeb8; --focus: #9cc9ff;`;

const RULES = `
:host { ${LIGHT}
  --radius: var(--family-guide-radius, 16px); --layer: var(--family-guide-layer, 2147483000);
  --beside: var(--family-guide-offset-inline, 20px); --below: var(--family-guide-offset-block, 20px); }
@media (prefers-color-scheme: dark) { :host(:not([scheme="light"])) { ${DARK} } }
:host([scheme="dark"]) { ${DARK} }
:host([hidden]), [hidden] { display: none !important }

/* Not on the host: there the page's own rules would win. */
section, .panel { all: initial; color-scheme: inherit; color: var(--text);
  font: var(--family-guide-font-size, max(1rem, 16px))/1.5 var(--family-guide-font, system-ui, sans-serif) }
*, ::before, ::after { box-sizing: border-box }
h2, h3, p, ul, fieldset, legend { margin: 0; padding: 0; border: 0; min-width: 0 }
h2, h3 { font-size: 1.1em; line-height: 1.3 }
button, textarea, input { font: inherit; color: inherit }
button { cursor: pointer; min-width: 44px; min-height: 44px; border-radius: 12px; touch-action: manipulation }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
[tabindex="-1"]:focus { outline: none }
svg { width: 1.5em; height: 1.5em; flex: none; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round }
.icon-menu { stroke-width: 3.5 }
a { color: var(--link) }
.number { font-weight: 700; white-space: nowrap; padding-block: 4px }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

.launcher { position: fixed; z-index: var(--layer); inset-block-end: var(--below);
  inset-inline-end: var(--beside); display: flex; align-items: center; gap: 10px; max-width: calc(100vw - 2 * var(--beside));
  min-height: 56px; padding: 8px 20px; border: 2px solid var(--card); border-radius: 28px; font-weight: 600; text-align: start;
  background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 16px #0005 }
.unread { background: var(--card); color: var(--text); border-radius: 10px; padding: 0 8px; font-size: .85em }

.panel { position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; margin: 0; padding: 0;
  border: 0; background: var(--page); overflow: hidden; overflow-wrap: anywhere }
.panel[open] { display: flex; flex-direction: column }
.panel:not([open]) { display: none }
@supports (height: 100dvh) { .panel { height: var(--seen, 100dvh); inset-block: var(--seen-from, 0) auto } }
@media (min-width: 36rem) and (min-height: 28rem) {
  .panel { z-index: var(--layer); inset: auto; inset-block-end: var(--below); inset-inline-end: var(--beside);
    width: min(var(--family-guide-width, 27em), 100vw - 2 * var(--beside));
    height: min(var(--family-guide-height, 46em), 100vh - 2 * var(--below));
    border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 12px 40px #0004 }
}

.header { display: grid; grid-template-columns: 1fr auto auto; align-items: center; padding-block: 8px 10px;
  padding-inline: 16px 8px; padding-block-start: max(8px, env(safe-area-inset-top)); background: var(--accent);
  color: var(--on-accent); border-block-end: 1px solid var(--accent) }
.header p { grid-column: 1 / -1; font-size: .9em; padding-inline-end: 8px; line-height: 1.4 }
.header a { color: inherit }
.header :focus-visible { outline-color: currentColor; outline-offset: -3px }
.icon { display: inline-grid; place-content: center; padding: 0; border: 1px solid transparent; background: none }
.icon:hover { background: #8884 }
.menu { grid-column: 1 / -1; display: grid; margin-block-start: 6px; margin-inline-end: 8px }
.menu button { border: 0; border-block-start: 1px solid #fff6; border-radius: 0; background: none; text-align: start; padding: 8px 4px }
.menu button:hover { text-decoration: underline }

.log { flex: 1 1 0; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex;
  flex-direction: column; gap: 14px; scroll-behavior: smooth }
.log:focus-visible { outline-offset: -3px }
.log > :first-child { margin-block-start: auto }
.event { color: var(--soft); text-align: center }
.message { max-width: 100% }
.family { align-self: flex-end; max-width: 85% }
.guide { align-self: stretch }
.text { padding: 10px 14px; border: 1px solid var(--hair); border-radius: var(--radius); background: var(--card) }
.text > * + * { margin-block-start: .6em }
.text ul { padding-inline-start: 1.2em }
.guide .text { border-start-start-radius: 4px }
.family .text { background: var(--mine); color: var(--on-mine); border-color: transparent; border-end-end-radius: 4px; white-space: pre-wrap }
.family .foot { justify-content: flex-end }
.foot, .source { font-size: .82em; color: var(--soft); padding-inline: 4px }
.source { margin-block-start: 4px }
.foot { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px }
.thumbs { display: inline-flex; align-items: center; margin-inline-start: auto }
.thumb { color: var(--soft) }
.thumb svg { width: 1.6em; height: 1.6em }
.thumb[aria-pressed="true"] { color: var(--link); border-color: currentColor }
.thumb[aria-pressed="true"] path { fill: var(--mine) }
.why { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-end; padding-block: 4px }
.why label { flex: 1 1 12em }
.failure { font-size: .9em; margin-block-start: 6px; color: var(--alarm) }

.choices, .options, .tools, .calls { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px }
.choices .label { flex-basis: 100%; font-size: .82em; color: var(--soft); padding-inline: 4px }
.choice, .option, .control { padding: 8px 14px; border: 1.5px solid var(--link); background: var(--card); color: var(--link);
  text-align: start; font-weight: 500 }
.choice { border-radius: 22px }
.choice:hover, .option:hover { background: var(--mine); color: var(--on-mine) }
.option { flex: 1 1 100% }
.controls { display: flex; flex-wrap: wrap; gap: 0 4px; flex-basis: 100% }
.control { border-color: transparent; background: none; text-decoration: underline; padding-inline: 8px }
[aria-disabled="true"] { opacity: .7; cursor: progress }
.danger { background: var(--alarm); border-color: var(--alarm); color: var(--on-alarm) }

.progress { display: block; font-size: .85em; color: var(--soft) }
progress { display: block; width: 100%; height: 6px; margin-block: 4px 8px; accent-color: var(--link) }
legend { float: inline-start; width: 100%; padding-block-end: 6px }
legend ~ * { clear: both }
fieldset > p { color: var(--soft) }
summary { cursor: pointer; padding-block: 10px; color: var(--link); min-height: 44px }

.outcome .text { border-inline-start: 6px solid var(--link) }
.emergency .text, .crisis .text { border: 2px solid var(--alarm); border-inline-start-width: 8px; background: var(--alarm-page) }
.emergency h3:first-child, .crisis h3:first-child { display: flex; align-items: center; gap: 8px; color: var(--alarm) }
.emergency .number, .crisis .number { color: var(--alarm) }
.call { display: flex; align-items: center; justify-content: center; gap: 10px; flex: 1 1 9em; min-height: 52px; padding: 8px 16px;
  border: 2px solid transparent; border-radius: 12px; background: var(--alarm); color: var(--on-alarm); font-weight: 700; text-decoration: none }

.typing { display: flex; gap: 6px; padding: 4px 20px 12px }
.typing i { width: 8px; height: 8px; border-radius: 50%; background: var(--soft); border: 4px solid var(--soft);
  animation: typing 1.2s infinite alternate }
.typing i:nth-child(2) { animation-delay: .2s }
.typing i:nth-child(3) { animation-delay: .4s }
@keyframes typing { from { opacity: .25 } to { opacity: 1 } }
.notice:not(:empty) { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 10px 16px; font-size: .92em;
  background: var(--notice); color: var(--on-notice); border-block-start: 1px solid currentColor }
.notice p { flex: 1 1 12em }
.notice a { color: inherit }

.panel > form { padding: 8px 16px max(10px, env(safe-area-inset-bottom)); background: var(--card); border-block-start: 1px solid var(--hair) }
.panel > form > label { font-size: .9em; font-weight: 600 }
.left { float: inline-end; font-size: .85em; color: var(--soft) }
.left.over, .error { color: var(--alarm); font-weight: 600 }
.error { font-size: .92em }
.error a { color: inherit }
.row { display: flex; gap: 8px; align-items: flex-end; margin-block: 4px }
textarea, input { flex: 1; width: 100%; min-width: 0; min-height: 44px; padding: 9px 12px; border: 1.5px solid var(--line); border-radius: 12px;
  background: var(--page); color: var(--text) }
textarea { resize: none; field-sizing: content; max-height: 30vh }
::placeholder { color: var(--soft); opacity: 1 }
.send { display: flex; align-items: center; gap: 8px; padding: 8px 16px; border: 1.5px solid transparent; background: var(--accent); color: var(--on-accent); font-weight: 600 }
#privacy { font-size: .8em; color: var(--soft) }
:host(:dir(rtl)) .send svg { transform: scaleX(-1) }

.confirm { margin: auto; width: min(22em, 100vw - 32px); padding: 20px; border: 1px solid var(--line); border-radius: var(--radius);
  color: var(--text); background: var(--card) }
.confirm .choice { display: block; width: 100%; margin-block-start: 12px; text-align: center }
::backdrop { background: #0007 }
@media (min-width: 36rem) and (min-height: 28rem) {
  .confirm { inset: auto; inset-block-end: calc(var(--below) + 10em); inset-inline-end: calc(var(--beside) + 2.5em) }
}

@media (max-width: 24rem) {
  .log { padding: 12px }
  .send svg { display: none }
}
/* A short window, such as one zoomed to 400%: all of the panel scrolls, so that nothing is squeezed out. */
@media (max-height: 27.99rem) {
  .panel[open] { display: block; overflow-y: auto }
  .log { overflow: visible; min-height: 8em }
}
@media (prefers-reduced-motion: reduce) {
  .log { scroll-behavior: auto }
  .typing i { animation: none }
}
@media print {
  section, .panel { display: none !important }
}
@media (forced-colors: active) {
  .family .text { border-color: CanvasText }
  .icon, .control, .send, .call { border-color: ButtonText }
  .call { border-color: LinkText }
  .thumb[aria-pressed="true"] { border-color: Highlight; outline: 2px solid Highlight }
  .header { border-color: CanvasText }
}
`;

// At load: a browser that cannot do this never defines the element, and shows the words inside its tags.
const sheet = new CSSStyleSheet();
sheet.replaceSync(RULES);

/**
 * Style a shadow root, in a way that a strict Content-Security-Policy allows.
 * @param {ShadowRoot} root
 */
export function style(root) {
  root.adoptedStyleSheets = [sheet];
}
