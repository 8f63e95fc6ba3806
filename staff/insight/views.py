"""The dashboard and the gaps."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts import roles
from conversations.content import content
from conversations.models import Conversation
from conversations.views import page_context, user_of
from insight import charts, figures
from insight.gaps import MOST_READ, find_gaps

GAPS_SHOWN = 10
_DEFAULT_DAYS = 30
_may_view = permission_required(roles.VIEW, raise_exception=True)


def _days(request: HttpRequest) -> int:
    chosen = request.GET.get("days", "")
    days = int(chosen) if chosen.isdigit() else _DEFAULT_DAYS
    return days if days in figures.PERIODS else _DEFAULT_DAYS


@_may_view
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what families asked and how well the assistant did, as charts with tables."""
    days = _days(request)
    period = figures.Period(days)
    channels, traffic = figures.per_day_and_channel(period)
    drawn = _drawn_channels(channels, traffic)
    safety_days = figures.safety_per_day(period)
    times = figures.answer_time_per_day(period)
    understanding = figures.understanding_per_day(period)
    quality = figures.quality(period)
    topics = figures.topics(period)
    checks = figures.checks(period)
    dates = period.dates
    context = page_context(
        request,
        "Dashboard",
        days=days,
        periods=figures.PERIODS.items(),
        channels=channels,
        drawn=drawn,
        traffic=list(reversed(traffic)),
        traffic_chart=charts.stacked_days(
            "Conversations per day and channel",
            dates,
            drawn,
        ),
        understanding=list(reversed(understanding)),
        understanding_chart=charts.stacked_days(
            "Typed messages per day: understood, asked back, not understood",
            dates,
            [
                charts.Series(name, [row[1:][n] for row in understanding], n + 1)
                for n, name in enumerate(("understood", "asked back", "not understood"))
            ],
        ),
        safety_days=[row for row in reversed(safety_days) if any(row[1:])],
        safety_chart=charts.stacked_days(
            "Conversations per day with a crisis, an emergency or a question for a diagnosis",
            dates,
            [
                charts.Series(name, [row[1:][n] for row in safety_days], colour)
                for n, (name, colour) in enumerate((("crisis", 3), ("emergency", 2), ("diagnosis asked", 0)))
            ],
        ),
        times=[row for row in reversed(times) if row[1] is not None],
        times_chart=charts.stacked_days(
            "Average milliseconds to the reply, per day",
            dates,
            [charts.Series("milliseconds to the reply", [time or 0 for _, time in times], 0)],
        ),
        wrong_chart=charts.bars("Wrong answers by how they are known", quality.wrong_by),
        quality=quality,
        safety=figures.safety(period),
        topics=topics,
        topics_chart=charts.bars("Topics by number of conversations", [(t, n) for _, t, n in topics]),
        checks=checks,
        outcomes_chart=charts.bars("Outcomes of symptom checks", checks.outcomes),
        left_chart=charts.bars("Question at which symptom checks were left", checks.left_at),
        is_empty=not Conversation.objects.exists(),
        names=content(),
    )
    return TemplateResponse(request, "insight/dashboard.html", context)


def _drawn_channels(channels: list[str], traffic: list[tuple[dt.date, list[int]]]) -> list[charts.Series]:
    """Return the channels as series: the busiest, and those that have no colour of their own together."""
    own = channels if len(channels) <= charts.MOST_SERIES else channels[: charts.MOST_SERIES - 1]
    series = [charts.Series(name, [counts[n] for _, counts in traffic], n) for n, name in enumerate(own)]
    if len(own) < len(channels):
        rest = [sum(counts[len(own) :]) for _, counts in traffic]
        series.append(charts.Series("other channels", rest, len(own)))
    return series


@_may_view
def gaps(request: HttpRequest) -> HttpResponse:
    """Show what families ask and the assistant cannot answer."""
    days = _days(request)
    found, grouped = find_gaps(days, GAPS_SHOWN)
    context = page_context(
        request,
        "Gaps",
        days=days,
        periods=figures.PERIODS.items(),
        gaps=found,
        grouped=grouped,
        most=MOST_READ,
        may_review=user_of(request).has_perm(roles.REVIEW),
    )
    return TemplateResponse(request, "insight/gaps.html", context)
