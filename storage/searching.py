"""Full-text search over the reading room, without an index: good for the months of news a watch holds.

DuckDB's full-text index costs 1.2 ms a document to build and does not follow inserts, so words are looked for as they
are. Rank: the sum over the words of their dampened frequency, title counted three times, against the length.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model.config import Paths
from storage import reading_room

SNIPPET_CHARS = 160
TITLE_WEIGHT = 3
QUERY = """
SELECT article_id, title, publisher, counted_at, canonical_url, text
FROM corpus
WHERE {conditions}
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY edition DESC) = 1
"""
CONDITION = "contains(lower(title || ' ' || text), lower(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that holds all the words."""

    title: str
    publisher: str
    counted_at: datetime
    url: str
    snippet: str
    score: float


def search(paths: Paths, words: Sequence[str], limit: int) -> list[Hit]:
    """Find the latest editions that hold all words, best first."""
    conditions = " AND ".join([CONDITION] * len(words))
    _, rows = reading_room.query(paths, QUERY.format(conditions=conditions), words)
    hits = [
        Hit(
            title=title,
            publisher=publisher,
            counted_at=counted_at,
            url=url,
            snippet=snippet(text, words),
            score=score(title, text, words),
        )
        for _, title, publisher, counted_at, url, text in rows
    ]
    return sorted(hits, key=lambda h: (-h.score, -h.counted_at.timestamp(), h.url))[:limit]


def score(title: str, text: str, words: Sequence[str]) -> float:
    """Score one article. All found hold all words, so how rare a word is changes no order and is left out."""
    low_title, low_text = title.lower(), text.lower()
    length = 1.0 + len(text) / 3000  # an article of 3,000 characters is a usual one
    counts = (TITLE_WEIGHT * low_title.count(w.lower()) + low_text.count(w.lower()) for w in words)
    return sum(math.log1p(count) for count in counts) / math.sqrt(length)


def snippet(text: str, words: Sequence[str]) -> str:
    """Cut the text around the first place where one of the words stands."""
    found = re.search("|".join(re.escape(w) for w in words), text, re.IGNORECASE)
    at = found.start() if found else 0
    start = max(0, at - SNIPPET_CHARS // 2)
    cut = " ".join(text[start : start + SNIPPET_CHARS].split())
    return ("… " if start else "") + cut + (" …" if start + SNIPPET_CHARS < len(text) else "")
