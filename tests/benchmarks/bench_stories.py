"""Join copies to stories: quality on generated pairs, signatures beside datasketch's, a window of a million articles.

    python tests/benchmarks/bench_stories.py [--window 1000000]

The window is a corpus file (1 GB for a million, made and deleted by the run) of random signatures over six days. It takes
one load of 20 batches of 100 articles, of which one in five is a copy of what the corpus has, through the loader's own
functions. CPU time. The curve of judged pairs is in bench_story_pairs.py.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from bench_story_pairs import peer_signature

from copies import pairs
from extractors.stories import BANDS, MinHashStories, signature
from model.records import StoryText
from storage.corpus import open_corpus, transaction
from storage.joining import Nearby, join_stories
from storage.tables import ARTICLES

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
BATCHES, BATCH = 20, 100  # as collect lands them and the loader opens the corpus for them
STORED = 400  # texts of the corpus that the load brings copies of
MADE = """
    CREATE TEMP TABLE made AS SELECT i, hash(i) AS article_id,
        $as_of::TIMESTAMPTZ - to_microseconds(CAST(6 * 86400e6 * (1 - i / $size) AS BIGINT)) AS seen
    FROM range($size) AS r(i)
"""
FILL = f"""
    INSERT INTO articles SELECT article_id, 1, 'u' || i, 'u' || i, 'p' || i % 150, 'the title of article ' || i, [], seen,
        'feed', seen, seen, seen, 'en', 300, '', 'feed', '', false, 0, '', '', 1 FROM made;
    INSERT INTO story_members SELECT article_id, article_id, 1, seen, 1 FROM made;
    INSERT INTO story_bands
        SELECT unnest(list_transform(range({BANDS}), lambda b: hash(i * {BANDS} + b))), article_id, seen, 1 FROM made;
    INSERT INTO article_signatures SELECT article_id, 1, seen,
        list_transform(range(128), lambda x: CAST(hash(i * 128 + x) >> 32 AS UINTEGER)), 1 FROM made;
    INSERT INTO articles SELECT article_id, 1, '', '', publisher, title, [], NULL, 'feed', counted_at, counted_at, counted_at,
        language, 1, '', 'feed', '', false, 0, '', '', 1 FROM known;
"""


def cpu(work: Callable[[], object]) -> float:
    """Give the CPU seconds of some work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def quality(count: int) -> list[str]:
    """Print precision and recall by what was done to the copy; give the texts."""
    rules, texts, joined, total = MinHashStories(), [], Counter[str](), Counter[str]()
    for number, pair in enumerate(pairs(count, seed=1)):
        left, right = (
            text_of(2 * number + side, text, pair.language) for side, text in enumerate((pair.left, pair.right))
        )
        shares = not set.isdisjoint(*map(set, rules.bands([left.signature, right.signature])))
        total[pair.change] += 1
        joined[pair.change] += shares and rules.assign([right], [left])[0].story_id == left.article_id
        texts += [pair.left, pair.right]
    wrong = joined.pop("same event")
    found, copies = sum(joined.values()), sum(total.values()) - total["same event"]
    print(f"generated pairs: recall {found / copies:.4f} of {copies}, precision {found / (found + wrong):.4f}")
    print("  joined:", ", ".join(f"{change} {joined[change] / total[change]:.3f}" for change in sorted(joined)))
    return texts


def text_of(article_id: int, text: str, language: str = "en") -> StoryText:
    """Make the record the rules compare."""
    return StoryText(
        article_id=article_id, publisher="p", language=language, title="", seen_at=AS_OF, signature=signature(text)
    )


def landed(signatures: list[tuple[int, ...]], rng: random.Random) -> pa.Table:
    """Make landed articles with some signatures, seen within the last day."""
    blank: dict[str, object] = {field.name: "" for field in ARTICLES.schema} | {
        "authors": [], "published_at": None, "is_history": False, "word_count": 1, "tension": 0.0, "language": "en",
        "first_seen_at": AS_OF, "fetched_at": AS_OF,
    }  # fmt: skip
    rows = []
    for row, values in enumerate(signatures):
        seen_at = AS_OF - timedelta(hours=24 * rng.random())
        rows.append(
            blank | {"row": row, "article_id": rng.getrandbits(64), "counted_at": seen_at, "signature": list(values)}
        )
    return pa.Table.from_pylist(rows, ARTICLES.schema)


def join(con: duckdb.DuckDBPyConnection, batches: list[pa.Table]) -> tuple[float, float]:
    """Join the articles of one load to stories. Gives the CPU seconds in all, and those of reading the bands."""
    began = time.process_time()
    nearby = Nearby(con, batches, MinHashStories())
    read = time.process_time() - began
    for number, articles in enumerate(batches):
        fresh = articles.select(["row", "article_id"]).append_column("edition", pa.array([1] * len(articles)))
        with transaction(con):
            join_stories(con, articles, fresh, nearby, 2 + number)
    return time.process_time() - began, read


def fill(con: duckdb.DuckDBPyConnection, size: int, known: pa.Table) -> None:
    """Fill an empty corpus with random signatures, and with articles that copies will come of."""
    con.register("arrow_known", known)
    con.execute("CREATE TEMP TABLE known AS SELECT * FROM arrow_known")
    con.unregister("arrow_known")
    con.execute(MADE, {"as_of": AS_OF, "size": size})
    con.execute(FILL).fetchall()
    join(con, [known])


def window(size: int) -> None:
    """Print what a load costs against a window of so many articles."""
    rng = random.Random(7)
    made = list(pairs(BATCHES * BATCH, seed=3))[::2]
    texts = [pair.right if number < STORED else pair.left for number, pair in enumerate(made)]
    rng.shuffle(texts)
    signed: list[tuple[int, ...]] = []
    signing = cpu(lambda: signed.extend(map(signature, texts)))
    batches = [landed(signed[at : at + BATCH], rng) for at in range(0, len(signed), BATCH)]
    known = landed([signature(pair.left) for pair in made[:STORED]], rng)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "corpus.duckdb"
        with open_corpus(file, AS_OF) as con:
            fill(con, size, known)
        with open_corpus(file, AS_OF) as con:
            joining, reading = join(con, batches)
            joined = con.execute("SELECT count(*) FROM story_members WHERE article_id <> story_id").fetchall()[0][0]
    each = 1e3 / len(texts)
    print(f"window of {size} articles, a load of {BATCHES} batches of {BATCH}, {joined} of them copies:"
          f" {(signing + joining) * each:.3f} ms an article")  # fmt: skip
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"  signature {signing * each:.3f} ({words:.0f} words), reading the bands {reading * each:.3f},"
          f" joining and storing {(joining - reading) * each:.3f}")  # fmt: skip


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--window", type=int, default=1_000_000)
    chosen = parser.parse_args()
    texts = quality(600)
    rounds = texts[:200]
    ours, peer = (
        cpu(lambda: [signature(text) for text in rounds]),
        cpu(lambda: [peer_signature(text) for text in rounds]),
    )
    words = sum(len(text.split()) for text in rounds) / len(rounds)
    print(f"signature of {words:.0f} words: ours {ours / len(rounds) * 1e3:.3f} ms, datasketch {peer / len(rounds) * 1e3:.3f} ms"
          f" ({peer / ours:.1f} times ours)")  # fmt: skip
    window(chosen.window)


if __name__ == "__main__":
    main()
