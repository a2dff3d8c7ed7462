"""Which judged pairs of articles our signatures and datasketch's call alike: precision and recall by threshold.

    python tests/benchmarks/bench_story_pairs.py [SHARED] [--svg curve.svg]

SHARED (default: ../shared) holds data/story-pairs/*.tsv with the columns INPUT:first_text, INPUT:second_text and
GOLDEN:quality, which is OK when judges called the pair one story. They judged the event, not the text: most pairs are
two newsrooms' own reports, which our rules keep apart on purpose, so recall is low with any MinHash. datasketch is used
as its documentation shows: the set of shingles of three words, lower-cased and split at white space, 128 permutations.
"""

import argparse
import csv
from datetime import UTC, datetime
from pathlib import Path

from datasketch import MinHash

from extractors.stories import SHINGLE, MinHashStories, signature, similarity
from model.records import StoryText
from shared_material import SHARED

THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Scores = list[tuple[float, bool]]


def peer_signature(text: str) -> MinHash:
    """Sign a text as datasketch's users do."""
    words = text.lower().split()
    sketch = MinHash(num_perm=128)
    sketch.update_batch([" ".join(words[at : at + SHINGLE]).encode() for at in range(len(words) - SHINGLE + 1)])
    return sketch


def read(folder: Path) -> list[tuple[str, str, bool]]:
    """Read both texts of each pair, and whether they were judged one story."""
    csv.field_size_limit(10_000_000)
    judged = []
    for file in sorted(folder.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            judged += [
                (row["INPUT:first_text"], row["INPUT:second_text"], row["GOLDEN:quality"] == "OK")
                for row in csv.DictReader(lines, delimiter="\t")
            ]
    if not judged:
        raise SystemExit(f"{folder} holds no *.tsv with judged pairs")
    return judged


def is_joined(left: str, right: str) -> bool:
    """Tell whether the rules of the loader join two texts."""
    texts = [
        StoryText(article_id=at, publisher="", language="", title="", seen_at=NOW, signature=signature(text))
        for at, text in enumerate((left, right))
    ]
    return MinHashStories().assign(texts, ())[1].story_id == 0


def point(scores: Scores, threshold: float) -> tuple[int, float, float]:
    """Give how many pairs are as alike as a threshold asks, the precision (1 of none) and the recall."""
    found = [same for score, same in scores if score >= threshold]
    return len(found), sum(found) / len(found) if found else 1.0, sum(found) / sum(same for _, same in scores)


def draw(curves: dict[str, Scores], file: Path) -> None:
    """Draw precision over recall, one line for each, as SVG."""
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 340" font-family="sans-serif" font-size="12">']
    lines += ['<path d="M40 10V290H440" fill="none" stroke="#888"/>', '<text x="200" y="325">recall</text>']
    lines += ['<text x="4" y="150" transform="rotate(-90 14 150)">precision</text>']
    for at in range(0, 11, 2):
        lines.append(
            f'<text x="{34 + at * 40}" y="305">{at / 10}</text><text x="14" y="{294 - at * 28}">{at / 10}</text>'
        )
    for row, (name, scores) in enumerate(curves.items()):
        colour = ("#0b6e4f", "#c8553d")[row]
        points = [point(scores, score) for score in sorted({score for score, _ in scores}, reverse=True)]
        path = " ".join(f"{40 + 400 * recall:.1f},{290 - 280 * precision:.1f}" for _, precision, recall in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="60" y="{250 + 16 * row}" fill="{colour}">{name}</text>')
    file.write_text("\n".join([*lines, "</svg>\n"]), "utf-8")


def main() -> None:
    """Print the two curves side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--svg", type=Path, help="also draw precision over recall into this file")
    chosen = parser.parse_args()
    folder = chosen.shared / "data" / "story-pairs"
    if not folder.is_dir():
        print(f"skipped: {folder} is not a folder; give the one that holds data/story-pairs")
        return
    judged = read(folder)
    curves: dict[str, Scores] = {
        "ours": [(similarity(signature(left), signature(right)), same) for left, right, same in judged],
        "datasketch": [(peer_signature(left).jaccard(peer_signature(right)), same) for left, right, same in judged],
    }
    print(f"{len(judged)} judged pairs, {sum(same for _, _, same in judged)} of them one story")
    print(f"{'threshold':>10}  {'ours: pairs precision recall':>30}  {'datasketch: pairs precision recall':>36}")
    for threshold in THRESHOLDS:
        cells = [f"{n:5d}     {precision:.2f}   {recall:.2f}" for n, precision, recall in
                 (point(scores, threshold) for scores in curves.values())]  # fmt: skip
        print(f"{threshold:10.2f}  {cells[0]:>30}  {cells[1]:>36}")
    joined = [(float(is_joined(left, right)), same) for left, right, same in judged]
    print("{}: {} pairs, precision {:.2f}, recall {:.2f}".format("our rules as they join", *point(joined, 1.0)))
    if chosen.svg:
        draw(curves, chosen.svg)


if __name__ == "__main__":
    main()
