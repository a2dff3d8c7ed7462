"""Which articles are copies of one text: MinHash signatures compared inside a window of days.

A story is one original text however often copied: cut, reordered, with another headline or another credit line. A translation or
another newsroom's report of the same event is another text, hence another story.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import eq

from rensa import RMinHash

from extractors.text import normal_form
from model.records import Membership, StoryText

PERMUTATIONS = 128  #: the standard error of the estimate is then at most .044
SEED = 20_250_701  #: any; it is part of the signature's meaning and never changes
SHINGLE = 3  #: words; two are shared by chance, four break at every edited word
LEAST_WORDS = 25  #: shorter texts are teasers and boilerplate, which unrelated pages share
ROWS = 3  #: values of a band: two texts half alike share one of the 42 with p = .996, two of .05 with p = .005
BANDS = PERMUTATIONS // ROWS
_MASK = (1 << 64) - 1
_WORD = re.compile(r"\w+")


def signature(text: str) -> tuple[int, ...]:
    """Give the MinHash of a text's three-word shingles, 128 values below 2**32; empty when it is too short to compare."""
    words = _WORD.findall(normal_form(text).casefold())
    if len(words) < LEAST_WORDS:
        return ()
    rows = zip(*(words[shift:] for shift in range(SHINGLE)), strict=False)
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update([" ".join(row) for row in rows])
    return tuple(sketch.digest())


def similarity(left: tuple[int, ...], right: tuple[int, ...]) -> float:
    """Estimate which share of the shingles of two texts both have (Jaccard), 0 when either is too short."""
    return sum(map(eq, left, right)) / PERMUTATIONS if left and right else 0.0


class MinHashStories:
    """The story rules of the loader. Pure: the same texts in the same order give the same stories."""

    def __init__(self, *, window_days: int = 7, threshold: float = 0.4) -> None:
        """Set how far apart two copies may be seen, and from which similarity on texts are copies."""
        self.window_days = window_days
        self.threshold = threshold

    def bands(self, signature: tuple[int, ...]) -> tuple[int, ...]:
        """Hash the groups of a signature to 64 bits; two texts are compared when they share one."""
        if not signature:
            return ()
        return tuple(
            ((a * 0x9E3779B97F4A7C15 ^ b) * 0xC2B2AE3D27D4EB4F ^ c) * 0x165667B19E3779F9 + band & _MASK
            for band, (a, b, c) in enumerate(zip(*[iter(signature)] * ROWS, strict=False))
        )

    def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
        """Give each new text, in the order given, the story of the known or earlier new text it copies, or its own."""
        index: dict[int, list[tuple[StoryText, int]]] = {}
        for text in known:
            _enter(index, self.bands(text.signature), text, text.article_id if text.story_id is None else text.story_id)
        memberships = []
        for text in new:
            bands = self.bands(text.signature)
            story, likeness = self._best(text, _candidates(index, bands))
            memberships.append(Membership(article_id=text.article_id, story_id=story, similarity=likeness))
            _enter(index, bands, text, story)
        return memberships

    def _best(self, text: StoryText, candidates: Iterable[tuple[StoryText, int]]) -> tuple[int, float]:
        """Give the story of the most similar copy, the earliest of equals; its own when nothing is a copy."""
        window = timedelta(days=self.window_days)
        found, most = text.article_id, 0.0
        for other, story in candidates:
            if other.article_id == text.article_id or other.language != text.language:
                continue
            if abs(other.seen_at - text.seen_at) > window:
                continue
            likeness = similarity(text.signature, other.signature)
            if likeness >= self.threshold and likeness > most:
                found, most = story, likeness
        return (found, most) if most else (text.article_id, 1.0)


def _enter(index: dict[int, list[tuple[StoryText, int]]], bands: Iterable[int], text: StoryText, story: int) -> None:
    for band in bands:
        index.setdefault(band, []).append((text, story))


def _candidates(index: dict[int, list[tuple[StoryText, int]]], bands: Iterable[int]) -> list[tuple[StoryText, int]]:
    """Give each text that shares a band once, in the order of their entry into it."""
    seen: dict[int, tuple[StoryText, int]] = {}
    for band in bands:
        for text, story in index.get(band, ()):
            seen.setdefault(text.article_id, (text, story))
    return list(seen.values())
