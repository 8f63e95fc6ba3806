"""Messages that were not understood, grouped by similarity: the questions the assistant lacks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.utils import timezone

from conversations.models import Message

MOST_READ = 1500
"""The newest messages that are grouped: the work grows with their square."""

_FARTHEST = 0.9
_DIMENSIONS = 100
_FAINT = 1e-6
_SHORTEST = 3
_KEPT_SECONDS = 300


@dataclass(frozen=True)
class Gap:
    """Messages that ask the same.

    Attributes:
        question: the message nearest to all others.
        count: how many messages there are.
        conversations: in how many conversations.
        messages: the newest of them, as (key, conversation, text, time).
        topics: the topics that the assistant was nearest to, the most frequent first.
        latest: when it was asked last.
    """

    question: str
    count: int
    conversations: int
    messages: tuple[tuple[int, int, str, dt.datetime], ...]
    topics: tuple[str, ...]
    latest: dt.datetime


def find_gaps(days: int, most: int = 10) -> tuple[list[Gap], int]:
    """Return the groups with the most conversations, and how many messages were grouped.

    Args:
        days: how far back to look.
        most: how many groups.
    """
    since = timezone.now() - dt.timedelta(days=days)
    rows = list(
        Message.objects.filter(not_understood=True, kind=Message.Kind.FAMILY, at__gte=since)
        .order_by("-at")
        .values_list("pk", "conversation_id", "text", "at", "runner_up")[:MOST_READ]
    )
    rows = [row for row in rows if len(row[2].strip()) >= _SHORTEST]
    if not rows:
        return [], 0
    # The same messages group the same way: kept until another comes or goes.
    key = f"gaps-{days}-{most}-{rows[0][0]}-{rows[-1][0]}-{len(rows)}"
    gaps = cache.get(key)
    if gaps is None:
        gaps = _grouped(rows, most)
        cache.set(key, gaps, _KEPT_SECONDS)
    return gaps, len(rows)


def group(texts: list[str]) -> list[int]:
    """Return a group number for each text: alike in words or in spelling means the same group."""
    if len(texts) < 2:
        return [0] * len(texts)
    # Seconds to import, and only this page needs it: commands and other pages start without.
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.preprocessing import Normalizer

    vectors = make_union(
        TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"),
        # Parts of words see through typing errors and endings.
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
    ).fit_transform([_telling_words(text) for text in texts])
    if len(texts) > 2 * _DIMENSIONS and vectors.shape[1] > _DIMENSIONS:
        vectors = make_pipeline(TruncatedSVD(_DIMENSIONS, random_state=1), Normalizer()).fit_transform(vectors)
    else:
        vectors = vectors.toarray()
    # A text outside all dimensions has no direction, which the distance cannot take: it gets a faint one.
    vectors = np.hstack([vectors, np.full((len(texts), 1), _FAINT)])
    clusters = AgglomerativeClustering(
        n_clusters=None, distance_threshold=_FARTHEST, metric="cosine", linkage="average"
    )
    return [int(label) for label in clusters.fit_predict(vectors)]


def _telling_words(text: str) -> str:
    """Return a text without the words that every question has; the whole text if nothing is left."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = text.lower().split()
    return " ".join(word for word in words if word.strip("?!.,") not in ENGLISH_STOP_WORDS) or " ".join(words)


def _grouped(rows: list[tuple[int, int, str, dt.datetime, str]], most: int) -> list[Gap]:
    # The same words are one text, however often they were typed.
    texts = list(dict.fromkeys(row[2].lower() for row in rows))
    number = dict(zip(texts, group(texts), strict=True))
    members: dict[int, list[tuple[int, int, str, dt.datetime, str]]] = {}
    for row in rows:
        members.setdefault(number[row[2].lower()], []).append(row)
    gaps = [_gap(found) for found in members.values()]
    return sorted(gaps, key=lambda gap: (gap.conversations, gap.count, gap.latest), reverse=True)[:most]


def _gap(rows: list[tuple[int, int, str, dt.datetime, str]]) -> Gap:
    words = Counter(word for row in rows for word in set(row[2].lower().split()))

    def typical(text: str) -> float:
        own = set(text.lower().split())
        return sum(words[word] for word in own) / (len(own) + 2)

    topics = Counter(row[4] for row in rows if row[4].startswith("faq/"))
    return Gap(
        question=max((row[2] for row in rows), key=typical),
        count=len(rows),
        conversations=len({row[1] for row in rows}),
        messages=tuple(row[:4] for row in rows[:8]),
        topics=tuple(topic for topic, _ in topics.most_common(2)),
        latest=max(row[3] for row in rows),
    )
