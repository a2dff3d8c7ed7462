"""Text as it is compared: plain letters whatever the spelling, type-setting and encoding, and the way back.

The rule for the dotted and the dotless i, which loses neither Turkish nor English: `İ` is always `i`. In az and tr a
small `i` and a small `ı` stay two letters (sınır is a border, sinir a nerve), and a capital `I` stands for either,
because headlines in capitals write SINIR as well as IRAN. Elsewhere all four are one letter.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

EITHER_I = "ǀ"  #: stands for a capital I in az and tr; a letter itself, so that word boundaries hold
TWO_I_LANGUAGES = frozenset({"az", "tr"})
JOINER_LANGUAGES = frozenset({"fa"})  #: where the zero-width non-joiner is spelling, not type-setting

# Combining marks of the scripts we read and of those that mix into them; variation selectors and enclosing marks too.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f"
    "\ufe20-\ufe2f"
)
# What nobody sees, and the Armenian marks of stress, wonder and question, which are written inside words.
_UNSEEN = "\u00ad\u034f\u0640\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u055b\u055c\u055e"
# Letters with a compatibility form of another length or shape, and lone surrogates, which no encoder takes.
_VARIANTS = (
    "\u00aa\u00ba\u00dfĲĳĿŀŉſ\u01c4-\u01cc\u01f1-\u01f3\u02b0-\u02b8\u1d2c-\u1d6a\u1e9e\u2102-\u2115\u2117-\u214f"
    "\u2160-\u217f\u24b6-\u24e9\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\uff10-\uff5a\U0001d400-\U0001d7ff\ud800-\udfff"
)
_APOSTROPHES = "\u2019\u2018\u02bc\u02b9\u0060\u00b4\u2032\uff07"
# English takes over names and words with their accents or leaves them out: Erdoğan, attaché, détente. An ə in it is one
# of Azerbaijani, which English spells as an a: Əliyev.
_ACCENTED = tuple(
    (letter, plain)
    for letter in map(chr, range(0xC0, 0x180))
    if letter.islower() and (plain := unicodedata.normalize("NFD", letter)[0]).isascii()
)
# One letter for one letter: none of these changes an offset.
_LETTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (*_ACCENTED, ("ə", "a")),
    "ru": (("ё", "е"),),
    "uk": (("ё", "е"), ("i", "і"), ("ï", "ї")),  # a Latin i looks the same and is on every keyboard
    "az": (("ǝ", "ə"), ("ә", "ə")),  # the turned e and the Cyrillic schwa of older fonts
    "tr": (("â", "a"), ("î", "i"), ("û", "u")),
    # The long alef stays: without it Ankara would begin like a denial.
    "fa": (
        *zip("يىكةۀأإٱ", "ییکههااا", strict=True),
        *zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2, strict=True),
    ),
}


# A text is folded by looking each of its characters up in one table, whose cells hold three things.
_LETTER_BITS = 21  #: of the letter: what a code point needs
_KEY_BITS = 8  #: of the key's byte, above the letter
_IRREGULAR = 1 << _LETTER_BITS + _KEY_BITS  #: the character is not one letter for one letter
KNOWN = 0x20000  #: characters from here on are rare Han and tags: each becomes U+FFFD
_JOINER = "\u200c"
JOINER_KEY = b"\1"  #: the joiner in a key: no letter, yet what follows it begins no word
_FIRST_LETTER = 2  #: least byte of a letter in a key

Codes = npt.NDArray[np.uint32]
Cell = TypeVar("Cell", np.uint32, np.uint64)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where each of its characters stood in the original.

    `text` keeps what distinguishes words of its language. `key` is what the automaton reads, one byte for each
    character of `text`: 0 for whatever stands between words, else the low byte of the letter, the i's merged. The low
    byte tells the letters of a script apart; whoever finds something in `key` looks at `text` whether it is there.
    `breaks` is empty when offsets are those of the original.
    """

    text: str
    key: bytes
    #: (offset in text, length in text, start in the original, end in the original), in order
    breaks: tuple[tuple[int, int, int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original offsets of a non-empty span; a combining mark stays with its letter."""
        if not self.breaks:
            return start, end
        return self._original(start)[0], self._original(end - 1)[1]

    def offset(self, original: int) -> int:
        """Give the offset in the folded text of an offset in the original."""
        if not self.breaks:
            return original
        index = bisect_right(self.breaks, original, key=lambda pause: pause[2]) - 1
        if index < 0:
            return original
        at, length, start, end = self.breaks[index]
        return at if original == start else at + length + max(0, original - end)

    def _original(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self.breaks, (offset, 1 << 60)) - 1
        if index < 0:
            return offset, offset + 1
        at, length, start, end = self.breaks[index]
        if offset < at + length:
            return start, end
        moved = end + offset - at - length
        return moved, moved + 1


def fold(text: str, language: str) -> Folded:
    """Fold a text of a language: lower case, plain letters, nothing unseen."""
    if not text:
        return Folded("", b"")
    breaks: tuple[tuple[int, int, int, int], ...] = ()
    table = _table(language)
    cells = look_up(table, text)
    if cells.max() >= _IRREGULAR:
        places: list[int] = np.flatnonzero(cells >= _IRREGULAR).tolist()
        text, breaks = _straighten(text, places, _clusters(language in JOINER_LANGUAGES))
        cells = look_up(table, text)
    letters = (cells & ((1 << _LETTER_BITS) - 1)).tobytes().decode("utf-32-le")
    return Folded(letters, _key(cells), breaks)


def key_of(letters: str, language: str) -> bytes:
    """Give the key of a few letters that are folded already, as `fold` would."""
    return letters.translate(_key_letters(language)).encode("latin-1")


def _key(cells: Codes) -> bytes:
    return (cells >> _LETTER_BITS).astype(np.uint8).tobytes()


def look_up(table: npt.NDArray[Cell], text: str) -> npt.NDArray[Cell]:
    """Give the cell of each character of a text in a table of all characters below KNOWN and one for the rest."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return table.take(codes, mode="clip")


@cache
def _table(language: str) -> Codes:
    """Give the cell of every character for a language: its letter, the byte of its key, whether it is irregular."""
    two, joiners = language in TWO_I_LANGUAGES, language in JOINER_LANGUAGES
    small, is_of_a_word = _characters()
    letters = small.copy()
    for letter, plain in (*_LETTERS.get(language, ()), *(() if two else (("ı", "i"),))):
        letters[letters == ord(letter)] = ord(plain)
    if two:
        letters[ord("I")] = ord(EITHER_I)
    merged = np.where((letters == ord("ı")) | (letters == ord(EITHER_I)), ord("i"), letters)
    keys = np.where(is_of_a_word, np.maximum(merged & 0xFF, _FIRST_LETTER), 0).astype(np.uint32)
    if joiners:
        keys[ord(_JOINER)] = JOINER_KEY[0]
    return np.asarray(letters | keys << _LETTER_BITS | _irregular(joiners), np.uint32)


class _KeyLetters(dict[int, str]):
    """The character with the number of its key's byte for each code point met, for `str.translate`."""

    def __init__(self, table: Codes) -> None:
        self._table = table

    def __missing__(self, code: int) -> str:
        self[code] = chr(int(self._table[min(code, KNOWN)]) >> _LETTER_BITS & 0xFF)
        return self[code]


@cache
def _key_letters(language: str) -> _KeyLetters:
    """Give a language's table for a few letters: many calls for a word each are dearer than one for a text."""
    return _KeyLetters(_table(language))


@cache
def _characters() -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Give every character's small letter, itself where that is longer than one, and whether it is part of a word."""
    special = {"İ": "i", **dict.fromkeys(_APOSTROPHES, "'")}
    small = [special.get(letter) or letter.lower()[:1] for letter in map(chr, range(KNOWN))] + ["\ufffd"]
    codes = np.array([ord(letter) for letter in small], np.uint32)
    return codes, np.array([letter.isalnum() or letter == "_" for letter in small], np.bool_)


@cache
def _irregular(joiners: bool) -> Codes:
    """Flag the characters that are not one letter for one letter."""
    flags = np.zeros(KNOWN + 1, np.uint32)
    irregular = re.compile(f"[{_MARKS}{_unseen(joiners)}{_VARIANTS}]")
    flags[[ord(character) for character in irregular.findall("".join(map(chr, range(KNOWN))))]] = _IRREGULAR
    return flags


@cache
def _clusters(joiners: bool) -> re.Pattern[str]:
    """Match what to replace: a letter with its marks, something unseen, a variant."""
    return re.compile(f"\\w?[{_MARKS}]+|[{_unseen(joiners)}{_VARIANTS}]")


def _unseen(joiners: bool) -> str:
    return _UNSEEN if joiners else _UNSEEN + _JOINER


def _straighten(
    text: str, places: Sequence[int], clusters: re.Pattern[str]
) -> tuple[str, tuple[tuple[int, int, int, int], ...]]:
    """Replace each cluster with one of the irregular characters by its plain letters, noting where lengths part."""
    pieces: list[str] = []
    breaks: list[tuple[int, int, int, int]] = []
    done = at = 0
    for place in places:
        if place < done:
            continue
        # The letter before a mark belongs to it.
        match = (place > done and clusters.match(text, place - 1)) or clusters.match(text, place)
        assert match  # noqa: S101 - each irregular character is one of a cluster
        start, end = match.span()
        plain = _plain(match.group())
        pieces += (text[done:start], plain)
        at += start - done
        breaks.append((at, len(plain), start, end))
        at += len(plain)
        done = end
    pieces.append(text[done:])
    return "".join(pieces), tuple(breaks)


@cache
def _plain(cluster: str) -> str:
    """Give the plain letters of a letter with its marks, of a ligature or of something unseen."""
    if cluster in _UNSEEN or cluster == _JOINER:
        return ""
    if "\ud800" <= cluster <= "\udfff":
        return "\ufffd"
    composed = unicodedata.normalize("NFKC", cluster).replace("ß", "ss").replace("ẞ", "ss")
    return "".join(letter for letter in composed if unicodedata.category(letter)[0] != "M")
