"""Charts as SVG, drawn here so that a page asks nobody else for anything. Each has a table beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT = 560, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 12, 26
_BAR_HEIGHT, _BAR_GAP, _LABEL_WIDTH, _VALUE_WIDTH = 20, 10, 210, 46
_LINES = 4
MOST_SERIES = 4
"""Series of a chart that can be told apart by colour."""

_DAYS_LABELLED = 6
_LONGEST_LABEL = 34


@dataclass(frozen=True)
class Series:
    """Values over the same days, drawn in one of the colours `series-0` to `series-3`."""

    name: str
    values: Sequence[int]
    colour: int


def _ceiling(most: int) -> int:
    """Return a round number at or above a value, divisible into the lines of the chart."""
    step = 1
    while step * _LINES < most:
        digits = str(step)
        step = {1: 2, 2: 5, 5: 10}[int(digits[0])] * 10 ** (len(digits) - 1)
    return step * _LINES


def stacked_days(title: str, days: Sequence[dt.date], series: Sequence[Series]) -> SafeString:
    """Return a chart with one bar a day, the series on top of each other.

    Args:
        title: what the chart shows, for those who do not see it.
        days: the days, oldest first.
        series: at most `MOST_SERIES`, each with a value for every day.
    """
    totals = [sum(one.values[n] for one in series) for n in range(len(days))]
    top = _ceiling(max(totals, default=0))
    inner_width, inner_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    slot = inner_width / max(len(days), 1)
    parts: list[SafeString] = []
    for line in range(_LINES + 1):
        y = _TOP + inner_height * (1 - line / _LINES)
        parts.append(
            format_html(
                '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>',
                _LEFT,
                _WIDTH - _RIGHT,
                _f(y),
                _f(y),
                _LEFT - 6,
                _f(y + 4),
                f"{top * line // _LINES:,}",
            )
        )
    every = max(1, -(-len(days) // _DAYS_LABELLED))
    for n, day in enumerate(days):
        x, y = _LEFT + slot * n, float(_TOP + inner_height)
        for one in series:
            height = inner_height * one.values[n] / top
            if not height:
                continue
            y -= height
            parts.append(
                format_html(
                    '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
                    one.colour,
                    _f(x + slot * 0.12),
                    _f(y),
                    _f(slot * 0.76),
                    _f(height),
                    f"{day:%d %B}, {one.name}: {one.values[n]:,}",
                )
            )
        if n % every == 0:
            parts.append(
                format_html(
                    '<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>',
                    _f(x + slot / 2),
                    _HEIGHT - 8,
                    f"{day:%d %b}".lstrip("0"),
                )
            )
    return _svg(title, _WIDTH, _HEIGHT, parts)


def bars(title: str, rows: Sequence[tuple[str, int]]) -> SafeString:
    """Return a chart with one lying bar for each row, its label before and its value behind it."""
    most = max((value for _, value in rows), default=0) or 1
    room = _WIDTH - _LABEL_WIDTH - _VALUE_WIDTH
    parts = []
    for n, (label, value) in enumerate(rows):
        y = n * (_BAR_HEIGHT + _BAR_GAP)
        width = room * value / most
        short = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
        parts.append(
            format_html(
                '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect class="series-0" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
                '<text class="axis" x="{}" y="{}">{}</text>',
                _LABEL_WIDTH - 10,
                y + 15,
                short,
                _LABEL_WIDTH,
                y,
                _f(width),
                _BAR_HEIGHT,
                _f(_LABEL_WIDTH + width + 6),
                y + 15,
                f"{value:,}",
            )
        )
    return _svg(title, _WIDTH, max(len(rows), 1) * (_BAR_HEIGHT + _BAR_GAP), parts)


def _f(number: float) -> str:
    return f"{number:.1f}"


def _svg(title: str, width: int, height: int, parts: list[SafeString]) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width,
        height,
        title,
        format_html_join("", "{}", ((part,) for part in parts)),
    )
