"""Backtest: dated texts ─ match ─ stories ─ counts ─ detect ─ decide, as of each day."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

from alerts.backtest import Backtest, Told, backtest
from alerts.policy import Policy
from extractors.dates import parse_date
from extractors.mentions import Matcher
from extractors.relations import countries_of, series_of
from extractors.stories import MinHashStories, signature
from model.records import Matches, StoryText
from model.watch import CalendarRow, Watch

CHUNK = 200  #: texts a process takes at once: about 50 ms of work against 1 ms of passing it over


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedText:
    """One line of the input."""

    url: str
    title: str
    text: str
    publisher: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text with what the lexicon and the story rules need of it."""

    matches: Matches
    signature: tuple[int, ...]


_matcher: Matcher | None = None


def _start(watch_rows: tuple[Any, Any, Any]) -> None:
    global _matcher
    _matcher = Matcher(*watch_rows)


def _read(text: tuple[str, str]) -> Read:
    assert _matcher is not None  # noqa: S101 - set by _start in each process
    return Read(matches=_matcher.match(*text), signature=signature(text[1]))


def read_texts(watch: Watch, texts: Sequence[DatedText], jobs: int, advance: Callable[[int], None]) -> Iterator[Read]:
    """Match and sign texts, in their order, with so many processes."""
    rows = (watch.lexicon, watch.actors, watch.exclusions)
    pairs = [(t.title, t.text) for t in texts]
    if jobs <= 1 or len(texts) < CHUNK:
        _start(rows)
        for pair in pairs:
            yield _read(pair)
            advance(1)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (rows,)) as pool:
        for read in pool.map(_read, pairs, chunksize=CHUNK):
            yield read
            advance(1)


def told_of(watch: Watch, texts: Sequence[DatedText], read: Iterable[Read]) -> list[Told]:
    """Give each text its story and series."""
    countries, feeds = countries_of(watch.actors), {f.publisher: f for f in watch.feeds}
    found = list(read)
    stories = _stories(texts, found)
    told = []
    for number, (text, one) in enumerate(zip(texts, found, strict=True)):
        feed = feeds.get(text.publisher)
        series = series_of(
            one.matches,
            language=one.matches.language,
            country=feed.country if feed else "",
            ownership=feed.ownership if feed else "",
            rules=watch.config.series,
            countries=countries,
        )
        day = text.published_at.astimezone(UTC).date()
        told.append(Told(day=day, publisher=text.publisher, story=str(stories[number]), series=series))
    return told


def _stories(texts: Sequence[DatedText], read: Sequence[Read]) -> dict[int, int]:
    signed = [
        StoryText(
            article_id=number,
            publisher=text.publisher,
            language=one.matches.language,
            title=text.title,
            seen_at=text.published_at,
            signature=one.signature,
        )
        for number, (text, one) in enumerate(zip(texts, read, strict=True))
    ]
    return {m.article_id: m.story_id for m in MinHashStories().assign(signed, ())}


def dated_text(line: dict[str, Any]) -> DatedText:
    """Read one line. Raises ValueError naming the key that is wrong."""
    published_at = parse_date(str(line.get("published_at") or ""))
    if published_at is None:
        raise ValueError(f"published_at {line.get('published_at')!r} is no date")
    wrong = [key for key in ("title", "text") if not isinstance(line.get(key, ""), str)]
    if wrong:
        raise ValueError(f"{wrong[0]} is no text")
    return DatedText(
        url=str(line.get("url") or ""),
        title=line.get("title", ""),
        text=line.get("text", ""),
        publisher=str(line.get("publisher") or "unknown"),
        published_at=published_at,
    )


def run_backtest(watch: Watch, told: Sequence[Told], policy: Policy, events: Sequence[CalendarRow]) -> Backtest:
    """Replay the days with the watch's settings."""
    categories = {f"concept:{row.concept_id}": row.category for row in watch.lexicon}
    cap = watch.config.detection.cap_per_publisher
    return backtest(told, policy, cap=cap, events=events, calendar=watch.calendar, categories=categories)
