"""How long loading 100 articles holds the corpus, beside one wide table with a primary key, as most monitors have it.

    python tests/benchmarks/bench_load.py [--preloaded 20000] [--batches 40]

Both get the same texts, land nothing twice but ten repeated articles a batch, and open, commit and close for each batch.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb

from model.config import About, Paths, Storage, WatchConfig
from model.outcomes import DateSource, Field, Origin
from model.records import ActorMention, Article, Batch, Membership, Mention, StoryText
from model.watch import Watch
from storage import landing, loader, reading_room
from storage.publishing import publish

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MEAN_WORDS = 700  # about 5 kB, the mean of the 1,300 real pages measured
PERMUTATIONS = 128


class Rules:
    """As many bands as the real rules have, without their reckoning: the cost of storage alone."""

    window_days = 3

    def bands(self, signatures: Sequence[Sequence[int]]) -> list[list[int]]:
        return [[one[i] << 8 | i // 4 for i in range(0, PERMUTATIONS, 4)] for one in signatures]

    def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
        return []


def make_article(number: int, rng: random.Random, words: list[str]) -> Article:
    text = " ".join(rng.choices(words, k=rng.randrange(MEAN_WORDS // 2, MEAN_WORDS * 3 // 2)))
    url = f"https://publisher{number % 150}.example/{number}"
    at = BEGIN + timedelta(seconds=number * 20)
    mention = Mention(
        concept_id=f"c{number % 90}", category="military", direction="escalation", weight=3.0, field=Field.TEXT,
        start=5, end=12, surface="example", actor_ids=("az", "ru"),
    )  # fmt: skip
    actor = ActorMention(actor_id="az", field=Field.TEXT, start=5, end=12, surface="example")
    return Article(
        article_id=int.from_bytes(sha256(url.encode()).digest()[:8]), url=url, canonical_url=url,
        publisher=f"publisher{number % 150}", title=" ".join(rng.choices(words, k=9)), text=text, authors=("A",),
        published_at=at, published_at_source=DateSource.FEED, first_seen_at=at, counted_at=at, is_history=False,
        fetched_at=at, language="en", word_count=len(text.split()), text_hash=sha256(text.encode()).hexdigest(),
        origin=Origin.FEED, extractor_version="x", lexicon_version="l", feed_url="f", tension=1.0,
        mentions=(mention,) * 4, actors=(actor,) * 3,
        signature=tuple(rng.getrandbits(32) for _ in range(PERMUTATIONS)),
    )  # fmt: skip


def ours(folder: Path, batches: list[list[Article]], preloaded: int) -> tuple[list[float], list[float], Paths]:
    """Give seconds of lock and of publishing for each batch after the preloaded ones."""
    paths = Paths.of(Storage(), folder / "corpus.duckdb")
    watch = Watch(folder=folder, config=WatchConfig(watch=About(name="bench")), feeds=(), lexicon=(), actors=())
    held, publishing = [], []
    for number, articles in enumerate(batches):
        name = f"{number:06}"
        landing.write(paths.landing, Batch(name=name, landed_at=BEGIN, articles=tuple(articles)))
        began = time.perf_counter()
        report = loader.load(paths, watch=watch, story_rules=Rules(), now=BEGIN, code_version="bench")
        if number >= preloaded:
            held.append(report.held_s)
            publishing.append(time.perf_counter() - began - report.held_s)
    return held, publishing, paths


def wide(folder: Path, batches: list[list[Article]], preloaded: int) -> list[float]:
    """The peer: one table, keyed, ON CONFLICT DO NOTHING, with the same open and close for each batch."""
    import pyarrow as pa

    file = str(folder / "wide.duckdb")
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{file}' AS wide (STORAGE_VERSION 'v1.5.0')")
        con.execute(
            "CREATE TABLE wide.articles (id UBIGINT PRIMARY KEY, url VARCHAR, publisher VARCHAR, title VARCHAR,"
            " published_at TIMESTAMPTZ, text VARCHAR USING COMPRESSION zstd)"
        )
    held = []
    for number, articles in enumerate(batches):
        rows = pa.table(
            {
                "id": pa.array([a.article_id for a in articles], pa.uint64()),
                "url": [a.url for a in articles],
                "publisher": [a.publisher for a in articles],
                "title": [a.title for a in articles],
                "published_at": [a.published_at for a in articles],
                "text": [a.text for a in articles],
            }
        )
        began = time.perf_counter()
        with duckdb.connect(file) as con:
            con.register("landed", rows)
            con.execute("INSERT INTO articles SELECT * FROM landed ON CONFLICT DO NOTHING")
        if number >= preloaded:
            held.append(time.perf_counter() - began)
    return held


def milliseconds(values: list[float]) -> str:
    ordered = sorted(values)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"p50 {statistics.median(ordered) * 1000:.0f}  p95 {p95 * 1000:.0f}  max {ordered[-1] * 1000:.0f} ms"


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--preloaded", type=int, default=20_000, help="articles in the corpus before the measured loads"
    )
    parser.add_argument("--batches", type=int, default=40, help="measured loads of 100 articles")
    options = parser.parse_args()
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(2, 11))) for _ in range(20_000)]
    numbers = iter(range(10_000_000))
    preload = [
        [make_article(next(numbers), rng, words) for _ in range(2_000)] for _ in range(options.preloaded // 2_000)
    ]
    measured: list[list[Article]] = []
    before: list[Article] = preload[-1] if preload else []
    for _ in range(options.batches):
        fresh = [make_article(next(numbers), rng, words) for _ in range(90 if before else 100)]
        measured.append([*fresh, *rng.sample(before, 10)] if before else fresh)
        before = fresh
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held, publishing, paths = ours(folder, preload + measured, len(preload))
        peer = wide(folder, preload + measured, len(preload))
        rebuild = timed(lambda: publish(paths, BEGIN, rebuild=True))
        count = timed(lambda: reading_room.query(paths, "SELECT publisher, count(*) FROM articles GROUP BY 1"))
        size = paths.corpus.stat().st_size / (folder / "wide.duckdb").stat().st_size
    print(f"DuckDB {duckdb.__version__}, {options.preloaded} articles before, {options.batches} loads of 100 articles")
    print(f"corpus held, ours (texts, mentions, stories, ledger)  {milliseconds(held)}")
    print(f"corpus held, one wide table with a key (texts alone)  {milliseconds(peer)}")
    print(f"ratio of medians, wide / ours  {statistics.median(peer) / statistics.median(held):.2f}")
    print(
        f"publishing the reading room  {milliseconds(publishing)}; built anew {rebuild:.2f} s; a count {count * 1000:.0f} ms"
    )
    print(f"size of file, ours / wide  {size:.2f}")


if __name__ == "__main__":
    main()
