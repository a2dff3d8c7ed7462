"""Join copies to stories: quality on generated pairs, signatures beside datasketch's, a window of a million articles in DuckDB.

    python tests/benchmarks/bench_stories.py [--window 1000000] [--pairs ../shared/data/story-pairs]

The window holds random bands, as many for each article as the rules give, in a table sorted by hash; a batch of new articles is joined
with it as the loader does. CPU time.
"""

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from datasketch import MinHash

from copies import pairs
from extractors.stories import BANDS, MinHashStories, signature, similarity
from model.records import StoryText

BATCH = 1_000
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


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
        shares = not set(rules.bands(left.signature)).isdisjoint(rules.bands(right.signature))
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
        article_id=article_id, publisher="p", language=language, title="", seen_at=datetime(2026, 3, 2, tzinfo=UTC),
        signature=signature(text),
    )  # fmt: skip


def peer_signature(text: str) -> MinHash:
    """Sign a text as datasketch's users do: the same shingles, in one batch."""
    words = text.casefold().split()
    sketch = MinHash(num_perm=128)
    sketch.update_batch([" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)])
    return sketch


def window(size: int, texts: list[str]) -> None:
    """Print what a batch costs against a window of so many articles."""
    rules = MinHashStories()
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    filled = cpu(
        lambda: connection.execute(
            f"CREATE TABLE bands AS SELECT hash(article * {BANDS} + band) AS band_hash, article AS article_id"
            f" FROM range({size}) AS a(article), range({BANDS}) AS b(band) ORDER BY 1"
        )
    )
    batch = (texts * (BATCH // len(texts) + 1))[:BATCH]
    made: list[StoryText] = []
    signing = cpu(lambda: made.extend(text_of(size + number, text) for number, text in enumerate(batch)))
    hashes: list[tuple[int, int]] = []
    hashing = cpu(
        lambda: hashes.extend((band, text.article_id) for text in made for band in rules.bands(text.signature))
    )

    def join() -> None:
        import pyarrow as pa

        new = pa.table(
            {"band_hash": pa.array([h for h, _ in hashes], pa.uint64()), "article_id": [a for _, a in hashes]}
        )
        connection.register("new_bands", new)
        connection.execute(
            "SELECT n.article_id, b.article_id FROM new_bands n JOIN bands b USING (band_hash)"
        ).fetchall()

    joining = cpu(join)
    assigning = cpu(lambda: rules.assign(made, []))
    parts = {"signature": signing, "bands": hashing, "join": joining, "assign": assigning}
    whole = sum(parts.values()) / BATCH * 1e3
    print(
        f"window of {size} articles, {BANDS} bands each (filled in {filled:.1f} s): {whole:.3f} ms an article in a batch of {BATCH}"
    )
    print("  " + ", ".join(f"{name} {spent / BATCH * 1e3:.3f}" for name, spent in parts.items()))


def curve(folder: Path) -> None:
    """Print how many judged pairs each threshold joins, ours and datasketch's."""
    csv.field_size_limit(10_000_000)
    judged = []
    for file in sorted(folder.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            judged += [(row["INPUT:first_text"], row["INPUT:second_text"], row["GOLDEN:quality"] == "OK")
                       for row in csv.DictReader(lines, delimiter="\t")]  # fmt: skip
    ours = [(similarity(signature(left), signature(right)), same) for left, right, same in judged]
    peer = [(peer_signature(left).jaccard(peer_signature(right)), same) for left, right, same in judged]
    print(f"{len(judged)} judged pairs of the same event, mostly not the same text: joined of OK, of BAD")
    for name, scores in (("ours", ours), ("datasketch", peer)):
        points = (
            f"{at}: {sum(v >= at for v, same in scores if same)}/{sum(v >= at for v, same in scores if not same)}"
            for at in THRESHOLDS
        )
        print(f"  {name:10}", "  ".join(points))


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--window", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=Path, default=Path(__file__).resolve().parents[3] / "shared/data/story-pairs")
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
    window(chosen.window, texts)
    if chosen.pairs.is_dir():
        curve(chosen.pairs)


if __name__ == "__main__":
    main()
