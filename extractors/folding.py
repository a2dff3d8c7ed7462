"""Text as it is compared: plain letters whatever the spelling, type-setting and encoding, and the way back.

The rule for the dotted and the dotless i, which loses neither Turkish nor English: `İ` is always `i`. In az and tr a
small `i` and a small `ı` stay two letters (sınır is a border, sinir a nerve), and a capital `I` stands for either,
because headlines in capitals write SINIR as well as IRAN. Elsewhere all four are one letter.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

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
_ASCII_SEPARATORS = "\n-'\"()"
_SEPARATORS = _ASCII_SEPARATORS + "\u00a0–—“”„«»\u200c"
# One letter for one letter: none of these changes an offset.
_LETTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "ru": (("ё", "е"),),
    "uk": (("ё", "е"),),
    "tr": (("â", "a"), ("î", "i"), ("û", "u")),
    "fa": (("ي", "ی"), ("ى", "ی"), ("ك", "ک"), ("ة", "ه"), ("ۀ", "ه"), ("أ", "ا"), ("إ", "ا"), ("ٱ", "ا")),
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where each of its characters stood in the original.

    `text` keeps what distinguishes words of its language, `key` merges the i's as well and is what the automaton reads;
    both have the same length. `breaks` is empty when offsets are those of the original.
    """

    text: str
    key: str
    #: (offset in text, length in text, start in the original, end in the original), in order
    breaks: tuple[tuple[int, int, int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original offsets of a non-empty span; a combining mark stays with its letter."""
        if not self.breaks:
            return start, end
        return self._original(start)[0], self._original(end - 1)[1]

    def offset(self, original: int) -> int:
        """Give the offset in the folded text of an offset in the original."""
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
    """Fold a text of a language: lower case, plain letters, nothing unseen; every step but the first keeps offsets."""
    breaks: tuple[tuple[int, int, int, int], ...] = ()
    if not text.isascii():
        any_irregular, cluster = _irregular(language in JOINER_LANGUAGES)
        if any_irregular.search(text):
            text, breaks = _straighten(text, cluster)
        for apostrophe in _APOSTROPHES:
            text = text.replace(apostrophe, "'")
        text = text.replace("İ", "i")
    two = language in TWO_I_LANGUAGES
    text = (text.replace("I", EITHER_I) if two else text).lower()
    for letter, plain in _LETTERS.get(language, ()):
        text = text.replace(letter, plain)
    plain = text.replace("ı", "i")
    if not two:
        text = plain
    return Folded(text, _spaced(plain.replace(EITHER_I, "i") if two else plain), breaks)


def _spaced(text: str) -> str:
    """Make every separator a space, so that the automaton sees two words in a row whatever stands between them."""
    for separator in _ASCII_SEPARATORS if text.isascii() else _SEPARATORS:
        text = text.replace(separator, " ")
    return text


@cache
def _irregular(joiners: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Give what to look for first, one set of letters and fast, and the clusters to replace."""
    unseen = _UNSEEN if joiners else _UNSEEN + "\u200c"
    return re.compile(f"[{_MARKS}{unseen}{_VARIANTS}]"), re.compile(f"\\w?[{_MARKS}]+|[{unseen}{_VARIANTS}]")


def _straighten(text: str, irregular: re.Pattern[str]) -> tuple[str, tuple[tuple[int, int, int, int], ...]]:
    """Replace each irregular cluster by its plain letters, noting where lengths part."""
    pieces: list[str] = []
    breaks: list[tuple[int, int, int, int]] = []
    done = at = 0
    for match in irregular.finditer(text):
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
    if cluster in _UNSEEN or cluster == "\u200c":
        return ""
    if "\ud800" <= cluster <= "\udfff":
        return "\ufffd"
    composed = unicodedata.normalize("NFKC", cluster).replace("ß", "ss").replace("ẞ", "ss")
    return "".join(letter for letter in composed if unicodedata.category(letter)[0] != "M")
