"""Join what the feed said, what the page gave and what the lexicon found into one article. Pure."""

from datetime import datetime, timedelta

from extractors.articles import EXTRACTOR_VERSION
from extractors.dates import counted_at, is_late
from extractors.pool import PageResult
from extractors.text import text_hash, word_count
from extractors.urls import article_id
from model.outcomes import DateSource, Origin
from model.records import Article, Extracted, Matches, PendingEntry

# Clocks of publishers run ahead, and embargoed pieces carry the hour of their release; beyond a day it is a mistake.
FUTURE_TOLERANCE = timedelta(days=1)
NO_MATCHES = Matches(language="und", tension=0.0)


def publication(entry: PendingEntry, page: Extracted, now: datetime) -> tuple[datetime | None, DateSource]:
    """Choose the publication time: the feed's claim, else the page's; a claim of the future is no claim."""
    if entry.published_at is not None and entry.published_at <= now + FUTURE_TOLERANCE:
        return entry.published_at, DateSource.FEED
    if page.published_at is not None and page.published_at <= now + FUTURE_TOLERANCE:
        return page.published_at, page.published_at_source
    return None, DateSource.NONE


def identity(entry: PendingEntry, page: Extracted) -> str:
    """Choose the canonical URL: the page's own claim, else the link of the feed without its tracking."""
    return page.canonical_url or entry.canonical_url


def assemble(
    entry: PendingEntry,
    result: PageResult,
    *,
    fetched_at: datetime,
    lexicon_version: str,
    origin: Origin = Origin.FEED,
) -> Article:
    """Make the article of a page that was read. `fetched_at` is the clock: nothing is dated after it."""
    page = result.extracted
    published_at, source = publication(entry, page, fetched_at)
    is_history = entry.is_history or origin is not Origin.FEED or is_late(published_at, entry.first_seen_at)
    matches = result.matches or NO_MATCHES
    canonical = identity(entry, page)
    return Article(
        article_id=article_id(canonical),
        url=page.url or entry.url,
        canonical_url=canonical,
        publisher=entry.publisher,
        title=page.title or entry.title,
        text=page.text,
        authors=page.authors,
        published_at=published_at,
        published_at_source=source,
        first_seen_at=entry.first_seen_at,
        counted_at=counted_at(published_at, entry.first_seen_at, is_history=is_history),
        is_history=is_history,
        fetched_at=fetched_at,
        language=page.language or matches.language,
        word_count=word_count(page.text),
        text_hash=text_hash(page.title or entry.title, page.text),
        origin=origin,
        extractor_version=EXTRACTOR_VERSION,
        lexicon_version=lexicon_version,
        feed_url=entry.feed_url,
        tension=matches.tension,
        mentions=matches.mentions,
        actors=matches.actors,
        signature=result.signature,
    )
