"""What each CSV file of a watch holds: its columns, and what makes a record of a line. model.reading reads them."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from model.records import Feed
from model.watch import (
    ACTOR_KINDS,
    DIRECTIONS,
    FEED_KINDS,
    LANGUAGES,
    RIGHTS,
    SCOPES,
    ActorRow,
    CalendarRow,
    ExclusionRow,
    LexiconRow,
    SeedRow,
)

Row = TypeVar("Row")


def nearest(word: str, known: Sequence[str]) -> str:
    """Suggest the known word nearest to a wrong one, or list them all when none is near."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


@dataclass(frozen=True)
class Table(Generic[Row]):
    """How one CSV file becomes records: its columns, and what makes a row of a line or raises ValueError."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    row: Callable[[dict[str, str]], Row]


def _one_of(value: str, known: Sequence[str], column: str) -> str:
    if value not in known:
        raise ValueError(f"{column} {value!r}; {nearest(value, known)}")
    return value


def _needed(line: dict[str, str], column: str) -> str:
    if not line[column]:
        raise ValueError(f"{column} is empty")
    return line[column]


def _number(value: str, column: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{column} {value!r} is not a number") from None


def _pattern(line: dict[str, str]) -> str:
    pattern = _needed(line, "pattern")
    if not any(c.isalnum() for c in pattern):
        raise ValueError(f"pattern {pattern!r} has no letter or digit")
    if any("*" in word[:-1] for word in re.split(r"[\s|()~]+", pattern)):
        raise ValueError(f"pattern {pattern!r}: `*` stands only at the end of a word, or alone for any one word")
    return pattern


def _yes_no(value: str, column: str) -> bool:
    return _one_of(value or "no", ("yes", "no"), column) == "yes"


def _lexicon_row(line: dict[str, str]) -> LexiconRow:
    weight = _number(line["weight"], "weight")
    if not 0 < weight <= 10:
        raise ValueError(f"weight {line['weight']} is not between 0 and 10; direction carries the sign")
    return LexiconRow(
        concept_id=_needed(line, "concept_id"),
        category=_needed(line, "category"),
        direction=_one_of(line["direction"], DIRECTIONS, "direction"),
        weight=weight,
        language=_one_of(line["language"], LANGUAGES, "language"),
        pattern=_pattern(line),
        needs_actor=_yes_no(line["needs_actor"], "needs_actor"),
        gloss=line.get("gloss", ""),
        source=line.get("source", ""),
    )


def _actor_row(line: dict[str, str]) -> ActorRow:
    return ActorRow(
        actor_id=_needed(line, "actor_id"),
        kind=_one_of(line["kind"], ACTOR_KINDS, "kind"),
        name_en=_needed(line, "name_en"),
        language=_one_of(line["language"], LANGUAGES, "language"),
        pattern=_pattern(line),
        wikidata_id=line.get("wikidata_id", ""),
        country=line.get("country", ""),
    )


def _exclusion_row(line: dict[str, str]) -> ExclusionRow:
    return ExclusionRow(
        language=_one_of(line["language"], LANGUAGES, "language"),
        scope=_one_of(line["scope"], SCOPES, "scope"),
        pattern=_pattern(line),
    )


def _calendar_row(line: dict[str, str]) -> CalendarRow:
    try:
        return CalendarRow(date=date.fromisoformat(line["date"]), name=_needed(line, "name"))
    except ValueError as error:
        raise ValueError(f"{error}; dates look like 2026-09-27") from None


def _feed_row(line: dict[str, str]) -> Feed:
    parts = urlsplit(line["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url {line['url']!r} is not an http(s) address")
    expected = line.get("expected_per_day", "")
    return Feed(
        url=line["url"],
        publisher=_needed(line, "publisher"),
        homepage=line["homepage"],
        country=line["country"],
        language=line["language"],
        kind=_one_of(line["kind"], FEED_KINDS, "kind"),
        ownership=line["ownership"],
        rights=_one_of(line.get("rights") or "excerpt", RIGHTS, "rights"),
        expected_per_day=_number(expected, "expected_per_day") if expected else None,
        evidence=line.get("evidence", ""),
        confidence=line.get("confidence", ""),
    )


def _seed_row(line: dict[str, str]) -> SeedRow:
    sha256 = line["sha256"].lower()
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"sha256 {line['sha256']!r} is not 64 hexadecimal digits")
    return SeedRow(**{**line, "sha256": sha256, "url": _needed(line, "url"), "title": _needed(line, "title")})


FEEDS = Table(
    ("url", "publisher", "homepage", "country", "language", "kind", "ownership"),
    ("rights", "expected_per_day", "evidence", "confidence"),
    _feed_row,
)
LEXICON = Table(
    ("concept_id", "category", "direction", "weight", "language", "pattern", "needs_actor", "gloss"),
    ("source",),
    _lexicon_row,
)
ACTORS = Table(("actor_id", "kind", "name_en", "language", "pattern"), ("wikidata_id", "country"), _actor_row)
EXCLUSIONS = Table(("language", "scope", "pattern"), (), _exclusion_row)
CALENDAR = Table(("date", "name"), (), _calendar_row)
SEEDS = Table(
    (
        "file",
        "title",
        "author",
        "publisher",
        "url",
        "published_range",
        "date_basis",
        "language",
        "sha256",
    ),
    (),
    _seed_row,
)
