"""Article extraction: ours in both modes beside trafilatura's default, on three collections, in one run.

    python tests/benchmarks/bench_extract.py [SHARED] [--sets aeb,wcxb,fundus] [--limit N]

SHARED is the folder with `data/pages/*.tar.xz` (default: ../shared). Text: F1 of 4-word shingles as in the paper of the
article-extraction-benchmark (Zyte): per page true and false positives and negatives are shares of their sum, precision
and recall are averaged over pages, F1 is made of the two averages. Metadata: title by its words, day of publication,
authors as a set. Each page belongs to half 0, on which settings were chosen, or half 1, which was only looked at after.
CPU is this process's own, per page and as a ratio to the peer.
"""

import argparse
import gzip
import json
import logging
import re
import statistics
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura
from trafilatura.settings import Document

from extractors.articles import extract_article
from shared_material import SHARED, members

WORD = re.compile(r"\w+")
Shares = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """One page with what people say is on it; None where they do not say."""

    key: str
    body: bytes
    url: str
    text: str | None = None
    title: str | None = None
    published: datetime | None = None
    authors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What an extractor says."""

    text: str = ""
    title: str = ""
    published: datetime | None = None
    authors: frozenset[str] = field(default_factory=frozenset)


def words(text: str | None) -> str:
    return " ".join(WORD.findall((text or "").casefold()))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    found = WORD.findall(text)
    return Counter(tuple(found[i : i + 4]) for i in range(max(1, len(found) - 3))) if found else Counter()


def compare(truth: str, text: str) -> Shares:
    left, right = shingles(truth), shingles(text)
    counts = (left & right).total(), (right - left).total(), (left - right).total()
    total = sum(counts)
    return (counts[0] / total, counts[1] / total, counts[2] / total) if total else (0.0, 0.0, 0.0)


def share(hit: float, miss: float, other_miss: float) -> float:
    if miss == other_miss == 0:
        return 1.0
    return hit / (hit + miss) if hit + miss else 0.0


def f1(pages: list[Shares]) -> tuple[float, float, float]:
    precision = statistics.mean(share(tp, fp, fn) for tp, fp, fn in pages)
    recall = statistics.mean(share(tp, fn, fp) for tp, fp, fn in pages)
    return 2 * precision * recall / (precision + recall), precision, recall


def files(archive: Path) -> dict[str, bytes]:
    return dict(members(archive))


def aeb(folder: Path) -> Iterator[Page]:
    """181 news pages (MIT)."""
    found = files(folder / "article-extraction-benchmark.tar.xz")
    for key, row in json.loads(found["ground-truth.json"]).items():
        yield Page(key, gzip.decompress(found[f"html/{key}.html.gz"]), row["url"], text=row["articleBody"])


def wcxb(folder: Path) -> Iterator[Page]:
    """400 English articles of all sorts (CC BY 4.0)."""
    found = files(folder / "wcxb-dev.tar.xz")
    for name in sorted(n for n in found if n.startswith("ground-truth/")):
        row = json.loads(found[name])
        gold = row["ground_truth"]
        day = gold["publish_date"]
        yield Page(
            row["file_id"],
            gzip.decompress(found[f"html/{row['file_id']}.html.gz"]),
            row["url"],
            text=gold["main_content"],
            title=gold["title"],
            published=datetime.fromisoformat(day[:10]).replace(tzinfo=UTC) if day else None,
            authors=frozenset({words(gold["author"])}) if gold["author"] else None,
        )


def fundus(folder: Path) -> Iterator[Page]:
    """Pages of 112 publishers in many countries and languages (MIT). A page's gold is the version whose title it has."""
    found = files(folder / "fundus-dev.tar.xz")
    for name in sorted(n for n in found if n.endswith(".html.gz")):
        body = gzip.decompress(found[name])
        visible = words(re.sub("<[^>]*>", " ", body.decode("utf-8", "replace")))
        versions = json.loads(found.get(f"{name.rsplit('_', 3)[0]}.json", b"{}")).values()
        gold = next((v for v in versions if v.get("title") and words(v["title"])[:60] in visible), None)
        if gold:
            yield fundus_page(name, body, gold)


def fundus_page(name: str, body: bytes, gold: dict[str, Any]) -> Page:
    parts = [*gold["body"]["summary"]] if gold.get("body") else []
    for section in gold["body"]["sections"] if gold.get("body") else []:
        parts += [*section["headline"], *section["paragraphs"]]
    said = gold.get("publishing_date")
    published = datetime.fromisoformat(said) if said else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    authors = frozenset(words(author) for author in gold.get("authors") or ())
    return Page(
        name, body, "", text="\n".join(parts) or None, title=gold["title"], published=published, authors=authors or None
    )


def ours(page: Page, mode: Any) -> Found:
    found = extract_article(page.body, page.url, mode=mode)
    return Found(found.text, found.title, found.published_at, frozenset(map(words, found.authors)))


def quality(page: Page) -> Found:
    return ours(page, "quality")


def fast(page: Page) -> Found:
    return ours(page, "fast")


def peer(page: Page) -> Found:
    """Trafilatura as its own evaluation runs it: defaults with metadata, without comments."""
    found = trafilatura.bare_extraction(page.body, url=page.url or None, include_comments=False, with_metadata=True)
    if not isinstance(found, Document):
        return Found()
    day = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    authors = frozenset(words(name) for name in (found.author or "").split(";") if name.strip())
    return Found(found.text or "", found.title or "", day, authors)


def same_day(gold: datetime, found: datetime | None) -> bool:
    if found is None:
        return False
    return bool({gold.date(), gold.astimezone(UTC).date()} & {found.date(), found.astimezone(gold.tzinfo).date()})


def judge(page: Page, found: Found, sums: dict[str, list[float]]) -> None:
    if page.title:
        sums["title"].append(words(page.title) == words(found.title))
    if page.published:
        sums["day"].append(same_day(page.published, found.published))
    if page.authors:
        one = len(page.authors) == 1 and words(" ".join(sorted(found.authors))) in page.authors
        sums["authors"].append(page.authors == found.authors or one)


EXTRACTORS: dict[str, Callable[[Page], Found]] = {"ours quality": quality, "ours fast": fast, "trafilatura": peer}
SETS = {"aeb": aeb, "wcxb": wcxb, "fundus": fundus}


def measure(name: str, pages: list[Page]) -> None:
    seconds: dict[str, float] = defaultdict(float)
    shares: dict[str, list[tuple[int, Shares]]] = defaultdict(list)
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page in pages:
        for who, extract in EXTRACTORS.items():
            start = time.process_time()
            found = extract(page)
            seconds[who] += time.process_time() - start
            if page.text:
                shares[who].append((zlib.crc32(page.key.encode()) % 2, compare(page.text, found.text)))
            judge(page, found, sums[who])
    print(f"\n{name}: {len(pages)} pages")
    print(f"{'':13}    F1      P      R   exact | half 0  half 1 |  title    day authors | ms CPU   ratio")
    for who in EXTRACTORS:
        every, exact = f1([s for _, s in shares[who]]), statistics.mean(s[1] == s[2] == 0 for _, s in shares[who])
        halves = [f1([s for half, s in shares[who] if half == wanted] or [(0, 0, 0)])[0] for wanted in (0, 1)]
        meta = [
            f"{statistics.mean(sums[who][k]):7.3f}" if sums[who][k] else "      -" for k in ("title", "day", "authors")
        ]
        per_page = 1000 * seconds[who] / len(pages)
        print(
            f"{who:13} {every[0]:6.4f} {every[1]:6.4f} {every[2]:6.4f} {exact:6.3f} | {halves[0]:6.4f}  {halves[1]:6.4f} |"
            f" {''.join(meta)} | {per_page:6.1f} {seconds[who] / seconds['trafilatura']:6.2f}x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--sets", default="aeb,wcxb,fundus")
    parser.add_argument("--limit", type=int, default=None, help="only the first N pages of each")
    options = parser.parse_args()
    folder = options.shared / "data" / "pages"
    if not folder.is_dir():
        print(f"skipped: {folder} is not a folder; give the one that holds data/pages")
        return
    logging.disable(logging.CRITICAL)
    for name in options.sets.split(","):
        measure(name, list(SETS[name](folder))[: options.limit])


if __name__ == "__main__":
    main()
