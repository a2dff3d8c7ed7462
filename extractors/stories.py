"""Which articles are copies of one text: MinHash signatures compared inside a window of days.

A story is one original text however often copied: cut, reordered, with another headline or another credit line. A
translation or another newsroom's report of the same event is another text, hence another story.

Signatures are stored and compared for days, so they must not change with a library. rensa's did from 0.4.1 to 0.5.0,
hence these few lines of numpy: Broder's MinHash (1997) with linear hashing modulo 2**32.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from operator import eq

import numpy as np
from numpy.typing import NDArray

from extractors.folding import KNOWN, look_up
from model.records import Membership, StoryText

PERMUTATIONS = 128  #: the standard error of the estimate is then at most .044
SHINGLE = 3  #: words; two are shared by chance, four break at every edited word
LEAST_WORDS = 25  #: shorter texts are teasers and boilerplate, which unrelated pages share
ROWS = 3  #: values of a band: two texts half alike share one of the 32 with p = .986, two alike by .05 with p = .004
CUT = 0.75  #: of a cut copy nearly all stands in the original; the estimate is off by .1
BANDS = 32  #: 42 would fit; what they find more is not worth a third more rows to join with
_MASK = (1 << 64) - 1
_BLOCK = 4096  #: shingles hashed at once: 2 MB


def _constants(count: int) -> list[int]:
    """Give fixed 64-bit numbers (splitmix64, Steele et al. 2014), the same everywhere for ever."""
    numbers, state = [], 0x5DEECE66D
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
        numbers.append(mixed ^ mixed >> 31)
    return numbers


_FACTORS = np.array([number >> 32 | 1 for number in _constants(PERMUTATIONS)], dtype=np.uint32)[:, None]
_TERMS = np.array([number >> 32 for number in _constants(2 * PERMUTATIONS)[PERMUTATIONS:]], dtype=np.uint32)[:, None]
_BASE = _constants(1)[0] | 1  #: of the hash of a word; odd, so that modulo 2**64 it has an inverse


def signature(text: str) -> tuple[int, ...]:
    """Give the MinHash of a text's three-word shingles, 128 values below 2**32; empty when it is too short."""
    words = _hash_words(unicodedata.normalize("NFKC", text))
    if len(words) < LEAST_WORDS:
        return ()
    shingles = _shingles(words)
    least = np.full(PERMUTATIONS, (1 << 32) - 1, dtype=np.uint32)
    for start in range(0, len(shingles), _BLOCK):
        hashed = _FACTORS * shingles[start : start + _BLOCK]
        hashed += _TERMS
        np.minimum(least, hashed.min(axis=1), out=least)
    values: list[int] = least.tolist()
    return tuple(values)


def _hash_words(text: str) -> NDArray[np.uint64]:
    """Hash each word, a run of letters, digits and low lines: the sum of its letters times powers of an odd number.

    The powers go on through the whole text; those before a word are taken out of its sum.
    """
    letters = look_up(_letters(), text)
    begins = letters != 0
    begins[1:] &= letters[:-1] == 0
    starts = np.flatnonzero(begins)
    if not len(starts):
        return np.empty(0, np.uint64)
    powers, inverses = _powers(1 << max(16, len(letters).bit_length()))
    return np.add.reduceat(letters * powers[: len(letters)], starts) * inverses[starts]


@cache
def _letters() -> NDArray[np.uint64]:
    """Give the number of each character that is part of a word, cases alike, 0 for any other; rare Han are all one."""
    words = (chr(code) if chr(code).isalnum() or chr(code) == "_" else "" for code in range(KNOWN))
    return np.array([*(ord(letter.casefold()[0]) if letter else 0 for letter in words), KNOWN], np.uint64)


@cache
def _powers(count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Give the first powers of the base, from the first, and their inverses modulo 2**64, from the noughth."""
    powers = np.multiply.accumulate(np.full(count, _BASE, np.uint64))
    inverses = np.multiply.accumulate(np.full(count, pow(_BASE, -1, 1 << 64), np.uint64))
    return powers, np.concatenate((np.ones(1, np.uint64), inverses[:-1]))


def _shingles(codes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Hash each three codes in a row to 32 bits."""
    mixed = codes[:-2] * np.uint64(0x9E3779B97F4A7C15) + codes[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed += codes[2:] * np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def similarity(left: Sequence[int], right: Sequence[int]) -> float:
    """Estimate which share of the shingles of two texts both have (Jaccard), 0 when either is too short."""
    return sum(map(eq, left, right)) / PERMUTATIONS if left and right else 0.0


def containment(left: Sequence[int], right: Sequence[int]) -> float:
    """Estimate which share of the shorter text's shingles the longer one has.

    A signature also tells how many shingles it was made of: the mean of n least values is the share 1 / (n + 1) of the
    range (Cohen 1997), here with a standard error of 9 %.
    """
    likeness = similarity(left, right)
    if not likeness:
        return 0.0
    sizes = sorted(1 / max(1, sum(values)) for values in (left, right))
    return min(1.0, likeness * (sizes[0] + sizes[1]) / ((1 + likeness) * sizes[0]))


class MinHashStories:
    """The story rules of the loader. Pure: the same texts in the same order give the same stories."""

    def __init__(self, *, window_days: int = 7, threshold: float = 0.3) -> None:
        """Set how far apart two copies may be seen, and from which similarity on texts are copies.

        Two reports that share a statement of a quarter of their length are alike by .14; a copy cut to a third by .33.
        """
        self.window_days = window_days
        self.threshold = threshold

    def bands(self, signatures: Sequence[Sequence[int]]) -> list[list[int]]:
        """Hash the groups of each signature to 64 bits, none of an empty one; texts that share one are compared.

        With 32 bits one text in four shares one with some of a million by chance, and to look at those costs more than
        half the bytes save.
        """
        signed = [signature for signature in signatures if signature]
        hashed = iter(_bands(signed).tolist() if signed else ())
        return [next(hashed) if signature else [] for signature in signatures]

    def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
        """Give each new text, in the order given, the story of the known or earlier new text it copies, or its own."""
        index: dict[int, list[tuple[StoryText, int]]] = {}
        shared = iter(_shared_bands([text.signature for text in (*known, *new)]))
        for text in known:
            _enter(index, next(shared), text, text.article_id if text.story_id is None else text.story_id)
        memberships = []
        for text in new:
            bands = next(shared)
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
            if likeness > most and self._is_copy(likeness, text, other):
                found, most = story, likeness
        return (found, most) if most else (text.article_id, 1.0)

    def _is_copy(self, likeness: float, text: StoryText, other: StoryText) -> bool:
        """Tell whether two texts are copies: alike enough, or the shorter a part of the longer."""
        if likeness >= self.threshold:
            return True
        return likeness >= self.threshold / 2 and containment(text.signature, other.signature) >= CUT


def _bands(signatures: Sequence[Sequence[int]]) -> NDArray[np.uint64]:
    """Hash each signature's groups of values, their number mixed in: one row of BANDS for each signature."""
    values = np.array(signatures, np.uint32)[:, : BANDS * ROWS].astype(np.uint64)
    bands: NDArray[np.uint64] = values[:, 0::ROWS] * np.uint64(0x9E3779B97F4A7C15)
    for row, factor in ((1, 0xC2B2AE3D27D4EB4F), (2, 0x165667B19E3779F9)):
        bands = (bands ^ values[:, row::ROWS]) * np.uint64(factor)
    bands += np.arange(BANDS, dtype=np.uint64)
    return bands


def _shared_bands(signatures: Sequence[Sequence[int]]) -> list[list[int]]:
    """Number the bands that more than one of the signatures has; most texts have none, and cost nothing further."""
    signed = [at for at, signature in enumerate(signatures) if signature]
    shared: list[list[int]] = [[] for _ in signatures]
    if signed:
        bands = _bands([signatures[at] for at in signed])
        _, numbers, times = np.unique(bands, return_inverse=True, return_counts=True)
        common = times[numbers] > 1
        for row in np.flatnonzero(common.any(axis=1)).tolist():
            shared[signed[row]] = numbers[row][common[row]].tolist()
    return shared


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


# Agencies as credit lines name them, in lower case.
_AGENCIES = """
    reuters; associated press; ap; afp; agence france presse; bloomberg; dpa; efe; ansa; xinhua; upi; pa; tass;
    тасс; ria novosti; риа новости; interfax; интерфакс; sputnik; спутник; rferl; bbc; укринформ; укрінформ;
    ukrinform; унн; unian; уніан; интерфакс украина; інтерфакс україна; azertac; azərtac; азертадж; apa; апа;
    report; trend; тренд; turan; armenpress; արմենպրես; арменпресс; news.am; արմինֆո; arminfo; anadolu; anadolu
    agency; anadolu ajansı; aa; dha; iha; анадолу; interpressnews; ინტერპრესნიუსი; irna; ایرنا; isna; ایسنا;
    tasnim; تسنیم; fars; فارس; mehr; مهر
"""
# Lines in which a newsroom says whose words these are.
_NAMES = "|".join(sorted((re.escape(name.strip()) for name in _AGENCIES.split(";")), key=len, reverse=True))
_CREDITS = (
    # "BAKU, July 1 (Reuters) - ...", "Москва. 1 июля. INTERFAX.RU - ...", "ԵՐԵՎԱՆ, 1 ՀՈՒԼԻՍԻ, ԱՐՄԵՆՊՐԵՍ:"
    re.compile(rf"\A[^\n]{{0,60}}?[(/\[,.]\s*({_NAMES})(?:\.ru|\.com)?\s*[)/\]:.]?\s*[-–—:]"),
    re.compile(rf"\A[^\n]{{0,60}}?[(/\[]\s*({_NAMES})\s*[)/\]]"),
    re.compile(rf"\A({_NAMES})\s*[-–—:|]\s"),
    # "Source: TASS", "(with reporting by Reuters)", "По материалам РИА Новости"
    re.compile(
        r"(?:^|\n|[(.]\s*)(?:sources?|via|with reporting by|reporting by|credit|источник|по материалам|"
        r"по данным агентства|джерело|за матеріалами|mənbə|kaynak|աղբյուր|წყარო|منبع)\s*[:՝–-]?\s*"
        rf"[«“\"']?({_NAMES})(?!\w)"
    ),
    re.compile(rf"\n\W*(?:©|\(c\))\s*(?:\d{{4}}\s*)?({_NAMES})(?!\w)"),
)
_LOOK = 300  #: characters at either end of a text in which a credit stands


def wire_credit(text: str) -> str:
    """Name the agency that a text credits in its first or last lines, in lower case; empty when it credits none."""
    folded = text.lower() if len(text) <= 2 * _LOOK else f"{text[:_LOOK]}\n{text[-_LOOK:]}".lower()
    for credit in _CREDITS:
        if match := credit.search(folded):
            return match[1]
    return ""
