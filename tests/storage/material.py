"""Material for the storage tests: articles, batches, a watch and story rules small enough to reckon by hand."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from model.config import About, Paths, Storage, WatchConfig
from model.outcomes import DateSource, EntryOutcome, FetchOutcome, Field, Origin
from model.records import (
    ActorMention,
    Article,
    Batch,
    EntryRecord,
    Feed,
    FeedFetch,
    Membership,
    Mention,
    StoryText,
)
from model.watch import ActorRow, LexiconRow, Watch

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEEDS = tuple(
    Feed(url=f"https://{name}.example/rss", publisher=name, language="en", country="AZ", rights=rights)
    for name, rights in (("alpha", "excerpt"), ("beta", "full"), ("gamma", "headline"))
)
LEXICON = (
    LexiconRow(
        concept_id="airstrike", category="military", direction="escalation", weight=5, language="en",
        pattern="air strike*", needs_actor=True, gloss="attack from the air",
    ),
    LexiconRow(
        concept_id="talks", category="diplomacy", direction="de-escalation", weight=2, language="en", pattern="talks",
        needs_actor=False,
    ),
)  # fmt: skip
ACTORS = (ActorRow(actor_id="az", kind="country", name_en="Azerbaijan", language="en", pattern="azerbaijan*"),)


class Rules:
    """Story rules by equality: the first number of a signature is its only band; who shares it tells one story."""

    window_days = 3

    def bands(self, signatures: Sequence[Sequence[int]]) -> list[list[int]]:
        return [list(signature[:1]) for signature in signatures]

    def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
        stories = {text.signature[0]: text.story_id for text in known if text.story_id is not None}
        joined = []
        for text in new:
            if text.signature:
                story = stories.setdefault(text.signature[0], text.article_id)
                similarity = 1.0 if story == text.article_id else 0.9
                joined.append(Membership(article_id=text.article_id, story_id=story, similarity=similarity))
        return joined


def watch(folder: Path, feeds: tuple[Feed, ...] = FEEDS) -> Watch:
    config = WatchConfig(watch=About(name="test"))
    return Watch(folder=folder, config=config, feeds=feeds, lexicon=LEXICON, actors=ACTORS, lexicon_version="lex1")


def paths(folder: Path) -> Paths:
    return Paths.of(Storage(), folder / "corpus.duckdb")


def article_id(url: str) -> int:
    return int.from_bytes(hashlib.sha256(url.encode()).digest()[:8])


def article(
    number: int,
    *,
    text: str = "",
    publisher: str = "alpha",
    at: datetime = NOW,
    story: int | None = None,
    fetched_at: datetime | None = None,
    tension: float = 1.5,
) -> Article:
    """One article with a mention and an actor; `story` makes it a copy of whoever has the same number."""
    url = f"https://{publisher}.example/{number}"
    body = text or f"Air strike number {number} on a place in Azerbaijan. " * 20
    return Article(
        article_id=article_id(url), url=url + "?utm=1", canonical_url=url, publisher=publisher,
        title=f"Air strike {number}", text=body, authors=("A. Writer",), published_at=at,
        published_at_source=DateSource.FEED, first_seen_at=at + timedelta(minutes=10), counted_at=at, is_history=False,
        fetched_at=fetched_at or at + timedelta(minutes=11), language="en", word_count=len(body.split()),
        text_hash=hashlib.sha256(body.encode()).hexdigest(), origin=Origin.FEED, extractor_version="x1",
        lexicon_version="lex1", feed_url=f"https://{publisher}.example/rss", tension=tension,
        mentions=(
            Mention(
                concept_id="airstrike", category="military", direction="escalation", weight=5.0, field=Field.TEXT,
                start=0, end=10, surface="Air strike", actor_ids=("az",),
            ),
        ),
        actors=(ActorMention(actor_id="az", field=Field.TEXT, start=34, end=44, surface="Azerbaijan"),),
        signature=(number if story is None else story, 7, 4_000_000_000),
    )  # fmt: skip


def entry(number: int, *, publisher: str = "alpha", outcome: EntryOutcome = EntryOutcome.ARTICLE) -> EntryRecord:
    url = f"https://{publisher}.example/{number}"
    return EntryRecord(
        feed_url=f"https://{publisher}.example/rss", entry_id=f"guid-{number}", url=url, canonical_url=url,
        title=f"Air strike {number}", published_at=NOW, first_seen_at=NOW, outcome=outcome,
        article_id=article_id(url) if outcome is EntryOutcome.ARTICLE else None,
    )  # fmt: skip


def fetch(publisher: str = "alpha", at: datetime = NOW, new: int = 0) -> FeedFetch:
    url = f"https://{publisher}.example/rss"
    return FeedFetch(feed_url=url, fetched_at=at, outcome=FetchOutcome.OK, http_status=200, new=new)


def batch(name: str, articles: Sequence[Article] = (), *, at: datetime = NOW, **others: Any) -> Batch:
    return Batch(name=name, landed_at=at, articles=tuple(articles), **others)


HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(where: Paths, how: str = "read") -> Iterator[None]:
    """Let another process hold the corpus, as an analyst's shell does."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(where.corpus), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()
