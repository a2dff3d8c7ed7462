"""The seed corpus: abstracts at the start, full texts when the user has the files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from extractors.articles import EXTRACTOR_VERSION
from extractors.mentions import Matcher
from extractors.seeds import clean_seed, recognise
from extractors.stories import signature
from extractors.text import text_hash, word_count
from extractors.urls import article_id, canonical_url
from flows.workspace import Workspace
from model.errors import UsageError
from model.outcomes import DateSource, Origin
from model.records import Article, Batch
from model.watch import SeedRow, Watch
from storage import landing

SUFFIXES = (".txt", ".md", ".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFile:
    """What became of one file of the folder."""

    file: str
    outcome: str  #: loaded, unknown (no seed has this SHA-256) or unreadable
    title: str = ""
    mentions: int = 0


def matcher_of(watch: Watch) -> Matcher:
    """Build the matcher of a watch."""
    return Matcher(watch.lexicon, watch.actors, watch.exclusions)


def land_abstracts(work: Workspace, now: datetime) -> int:
    """Land the abstracts of a watch's seeds: what a new corpus starts from. Returns how many."""
    matcher = matcher_of(work.watch)
    articles = tuple(
        seed_article(seed.row, seed.row.title, seed.abstract, matcher, work.watch, now) for seed in work.watch.seeds
    )
    _land(work, articles, now)
    return len(articles)


def land_full_texts(work: Workspace, folder: Path, now: datetime) -> list[SeedFile]:
    """Land the full texts found in a folder, recognised by SHA-256. Raises UsageError when there is no such folder."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; give the one that holds the seed texts ({', '.join(SUFFIXES)})")
    matcher = matcher_of(work.watch)
    found = list(_read_folder(folder, work.watch, matcher, now))
    _land(work, tuple(article for _, article in found if article is not None), now)
    return [file for file, _ in found]


def _read_folder(
    folder: Path, watch: Watch, matcher: Matcher, now: datetime
) -> Iterator[tuple[SeedFile, Article | None]]:
    rows = [seed.row for seed in watch.seeds]
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES):
        try:
            data = path.read_bytes()
        except OSError as error:
            yield SeedFile(file=path.name, outcome=f"unreadable: {error.strerror}"), None
            continue
        row = recognise(data, rows)
        if row is None:
            yield SeedFile(file=path.name, outcome="unknown"), None
            continue
        title, text = clean_seed(data, path.suffix.lower(), row.title)
        article = seed_article(row, title, text, matcher, watch, now)
        yield (
            SeedFile(file=path.name, outcome="loaded", title=title, mentions=len(article.mentions)),
            article,
        )


def seed_article(row: SeedRow, title: str, text: str, matcher: Matcher, watch: Watch, now: datetime) -> Article:
    """Make an article of a seed. It is history: searchable, but it never opens an alert by arriving."""
    canonical = canonical_url(row.url) or row.url
    published = published_from(row.published_range)
    matches = matcher.match(title, text, row.language)
    return Article(
        article_id=article_id(canonical),
        url=row.url,
        canonical_url=canonical,
        publisher=row.publisher,
        title=title,
        text=text,
        authors=() if row.author in {"", "not stated"} else (row.author,),
        published_at=published,
        published_at_source=DateSource.MANIFEST if published else DateSource.NONE,
        first_seen_at=now,
        counted_at=published or now,
        is_history=True,
        fetched_at=now,
        language=row.language,
        word_count=word_count(text),
        text_hash=text_hash(title, text),
        origin=Origin.SEED,
        extractor_version=EXTRACTOR_VERSION,
        lexicon_version=watch.lexicon_version,
        tension=matches.tension,
        mentions=matches.mentions,
        actors=matches.actors,
        signature=signature(text),
    )


def published_from(published_range: str) -> datetime | None:
    """Read the lower bound of `from/to` as an instant: the first moment at which the text can have been published."""
    parts = [int(p) for p in published_range.partition("/")[0].split("-") if p.isdigit()]
    if not parts:
        return None
    year, month, day = (*parts, 1, 1)[:3]
    first = date(year, month, day)
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def _land(work: Workspace, articles: tuple[Article, ...], now: datetime) -> None:
    if articles:
        batch = Batch(name=landing.new_name(now), landed_at=now, articles=articles)
        landing.write(work.paths.landing, batch, kind="seed")
