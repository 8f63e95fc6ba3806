"""The flow of a protocol as a picture: an SVG for clinicians to read and sign.

From top to bottom: the questions as they are asked, then the rules as they are tried, then the texts that
are added to outcomes. On the right: the outcomes. A dashed line passes by a question that is not asked of
everybody. No outcome is green: none says that all is well.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from family_guide.symptom_check.conditions import Condition
from family_guide.symptom_check.protocol import Outcome, Protocol, Question, Rule
from family_guide.symptom_check.wording import fill

WIDTH = 1120
LEFT, BOX = 120, 520
OUTCOME_LEFT, OUTCOME = 800, 290
LINE, PAD, GAP = 17, 12, 34
LETTERS = {BOX: 74, OUTCOME: 40}
"""Letters that fit into a line of a box, at the size of the text."""

COLOURS = {"emergency": "#b3261e", "days": "#a15c00", "appointment": "#1f5fa8", "worry": "#6a5a78"}
STYLE = """
  text { font: 13px Arial, Helvetica, sans-serif; fill: #1b1b1b; }
  .head { font-weight: bold; }
  .note { font-style: italic; fill: #444; }
  .box { fill: #fff; stroke: #444; stroke-width: 1.2; }
  .rule { fill: #f4f1e6; stroke: #444; stroke-width: 1.2; }
  .way { fill: none; stroke: #444; stroke-width: 1.4; marker-end: url(#tip); }
  .by { fill: none; stroke: #777; stroke-width: 1.2; stroke-dasharray: 5 4; marker-end: url(#tip); }
"""


@dataclass
class Box:
    """A box with lines of text; each line has a style class."""

    left: int
    width: int
    top: int
    style: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    colour: str = ""

    @property
    def height(self) -> int:
        """Height in pixels."""
        return len(self.lines) * LINE + 2 * PAD

    @property
    def bottom(self) -> int:
        """Bottom edge in pixels."""
        return self.top + self.height

    @property
    def middle(self) -> int:
        """Middle in pixels, from the top of the picture."""
        return self.top + self.height // 2

    def write(self, text: str, style: str = "", indent: str = "") -> None:
        """Add a text, cut into lines that fit."""
        for line in textwrap.wrap(text, LETTERS[self.width], subsequent_indent=indent) or [""]:
            self.lines.append((line, style))

    def svg(self) -> str:
        """Return the box as SVG."""
        colour = f' style="stroke:{self.colour};stroke-width:2.5"' if self.colour else ""
        parts = [
            f'<rect class="{self.style}" x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"'
            f' rx="6"{colour}/>'
        ]
        for number, (line, style) in enumerate(self.lines):
            indent = 10 + 5 * (len(line) - len(line.lstrip()))
            y = self.top + PAD + LINE * number + 12
            klass = f' class="{style}"' if style else ""
            parts.append(f'<text{klass} x="{self.left + indent}" y="{y}">{escape(line.strip())}</text>')
        return "\n".join(parts)


def draw(protocol: Protocol) -> str:
    """Return the flow of a protocol as SVG; the same protocol always gives the same text."""
    top = 96
    questions: list[Box] = []
    for number, question in enumerate(protocol.questions, start=1):
        questions.append(_question_box(protocol, question, number, top))
        top = questions[-1].bottom + GAP
    rules: list[Box] = []
    for number, rule in enumerate(protocol.rules, start=1):
        rules.append(_rule_box(protocol, rule, number, top))
        top = rules[-1].bottom + GAP
    outcomes = _outcome_boxes(protocol, questions, rules)
    added = _added_box(protocol, top)
    height = max(box.bottom + GAP for box in (added, *outcomes.values()))
    lines = _ways(protocol, questions, rules, outcomes)
    boxes = [box.svg() for box in (*questions, *rules, added, *outcomes.values())]
    return "\n".join([*_head(protocol, height), *lines, *boxes, "</svg>", ""])


def _head(protocol: Protocol, height: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        ' role="img" aria-labelledby="title desc">',
        '<title id="title">The flow of the symptom check</title>',
        '<desc id="desc">Questions from top to bottom, then the rules, with the outcomes on the right.</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4.5" orient="auto">'
        '<path d="M0,0 L9,4.5 L0,9 z" fill="#444"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="head" x="{LEFT}" y="30" style="font-size:20px">Symptom check ({escape(protocol.review)})</text>',
        f'<text class="note" x="{LEFT}" y="54">Questions are asked from top to bottom. A dashed line'
        " passes by a question that does not apply.</text>",
        f'<text class="note" x="{LEFT}" y="74">Then the first rule that holds gives the outcome. Drawn from'
        " content/symptom_check.yml.</text>",
    ]


def _question_box(protocol: Protocol, question: Question, number: int, top: int) -> Box:
    box = Box(LEFT, BOX, top, "box")
    box.write(f"{number}. {question.label}", "head")
    box.write(fill(question.ask.cases[-1].child, who="your child"))
    if question.applies_when:
        box.write(f"Asked only if{_one_of(question.applies_when)}:", "note")
        for line in described(protocol, question.applies_when):
            box.write(line, "note", indent="      ")
    ending: dict[str, list[str]] = {}
    for option in question.options:
        ending.setdefault(option.ends_in, []).append(option.title)
    for outcome, titles in ending.items():
        if outcome:
            box.write(f"These go at once to “{protocol.outcomes_by_id[outcome].title}”:", "head")
            for title in titles:
                box.write(f"   • {title}", indent="     ")
        else:
            box.write("Answers: " + " | ".join(titles), indent="   ")
    return box


def _rule_box(protocol: Protocol, rule: Rule, number: int, top: int) -> Box:
    box = Box(LEFT, BOX, top, "rule")
    if rule.when is None:
        box.write(f"Rule {number}: otherwise", "head")
        return box
    box.write(f"Rule {number}: if{_one_of(rule.when)}", "head")
    for line in described(protocol, rule.when):
        box.write(line, indent="      ")
    return box


def _added_box(protocol: Protocol, top: int) -> Box:
    """Return the box of the texts that outcomes hold besides their own."""
    box = Box(LEFT, BOX, top, "box")
    box.write("Added to the outcomes", "head")
    for addition in protocol.additions:
        titles = [protocol.outcomes_by_id[name].title for name in addition.only]
        whom = "every outcome" if len(titles) == len(protocol.outcomes) else " and ".join(f"“{t}”" for t in titles)
        box.write(f"To {whom}, if{_one_of(addition.when)}:", "note")
        for line in described(protocol, addition.when):
            box.write(line, "note", indent="      ")
        box.write(f"   {fill(addition.text.cases[-1].child, who='your child')}", indent="   ")
    box.write("To every outcome:", "note")
    box.write(f"   {protocol.with_every_outcome.ordinary}", indent="   ")
    box.write("To every outcome that is no emergency:", "note")
    box.write(f"   {protocol.with_every_outcome.watch}", indent="   ")
    return box


def _one_of(condition: Condition) -> str:
    return " one of these holds" if condition.any_ else ""


def described(protocol: Protocol, condition: Condition, depth: int = 0) -> list[str]:
    """Return a condition in words, one line for each part."""
    indent = "   " * (depth + 1)
    if condition.question:
        question = protocol.questions_by_id[condition.question]
        titles = [option.title for option in question.options if option.id in condition.is_]
        return [f"{indent}{question.label}: {' or '.join(titles)}"]
    parts = condition.all_ or condition.any_ or ((condition.not_,) if condition.not_ else ())
    name = "all of these:" if condition.all_ else "one of these:" if condition.any_ else "not:"
    lines = [] if depth == 0 and condition.any_ else [f"{indent}{name}"]
    inner = depth if not lines else depth + 1
    return lines + [line for part in parts for line in described(protocol, part, inner)]


def _outcome_boxes(protocol: Protocol, questions: list[Box], rules: list[Box]) -> dict[str, Box]:
    """Place each outcome beside what leads to it first, and none on another."""
    boxes: dict[str, Box] = {}
    bottom = 0
    sources: list[tuple[str, Box]] = [
        (option.ends_in, box)
        for question, box in zip(protocol.questions, questions, strict=True)
        for option in question.options
        if option.ends_in
    ]
    sources += [(rule.outcome, box) for rule, box in zip(protocol.rules, rules, strict=True)]
    for name, source in sources:
        if name in boxes:
            continue
        box = _outcome_box(protocol.outcomes_by_id[name])
        box.top = max(source.middle - box.height // 2, bottom)
        bottom = box.bottom + GAP
        boxes[name] = box
    return boxes


def _outcome_box(outcome: Outcome) -> Box:
    box = Box(OUTCOME_LEFT, OUTCOME, 0, "box", colour=COLOURS[outcome.urgency])
    box.write(outcome.title, "head")
    box.write(f"How soon: {outcome.soon}")
    box.write(fill(outcome.do.cases[-1].child, who="your child"))
    return box


def _ways(protocol: Protocol, questions: list[Box], rules: list[Box], outcomes: dict[str, Box]) -> Iterable[str]:
    centre = LEFT + BOX // 2
    flow = [*questions, *rules]
    for above, below in pairwise(flow):
        yield f'<path class="way" d="M{centre},{above.bottom} V{below.top}"/>'
    for box in rules[:-1]:
        yield f'<text class="note" x="{centre + 8}" y="{box.bottom + 20}">does not hold</text>'
    for number, question in enumerate(protocol.questions):
        if question.applies_when:
            box = questions[number]
            start, end = box.top - 12, box.bottom + 14
            side = LEFT - 40
            yield f'<path class="by" d="M{centre},{start} H{side} V{end} H{centre - 2}"/>'
            yield f'<text class="note" x="{side - 64}" y="{box.middle}">does not</text>'
            yield f'<text class="note" x="{side - 64}" y="{box.middle + LINE}">apply</text>'
        for name in sorted({option.ends_in for option in question.options if option.ends_in}):
            yield _across(questions[number], outcomes[name], "at once")
    for rule, box in zip(protocol.rules, rules, strict=True):
        yield _across(box, outcomes[rule.outcome], "holds" if rule.when else "always")


def _across(source: Box, target: Box, label: str) -> str:
    right = LEFT + BOX
    bend = (right + OUTCOME_LEFT) // 2
    return (
        f'<path class="way" d="M{right},{source.middle} H{bend} V{target.middle} H{OUTCOME_LEFT}"/>\n'
        f'<text class="note" x="{right + 8}" y="{source.middle - 6}">{label}</text>'
    )
