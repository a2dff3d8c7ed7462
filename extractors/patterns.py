"""The grammar of a watch's patterns, and what the matcher needs to find them.

    word            exactly this word, in any case
    stem*           the word and anything that may follow it inside the word
    *               one arbitrary word
    (a|b*|c d)      one of several words or rows of words
    left ~ right    both sides in this or the other order, few words apart, within a sentence
    left @ right    left, where right stands near it in the same way; only left is the hit

Words are separated by one space; a hyphen is a space. In the text they may be separated by spaces, hyphens, quotes,
brackets and apostrophes. In fa a zero-width non-joiner inside a pattern stands for a space, a joiner or nothing.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from extractors.folding import EITHER_I, JOINER_KEY, JOINER_LANGUAGES, TWO_I_LANGUAGES, fold, key_of

# Free word order puts a subject or a place between verb and object: up to six words in our bench. Where the verb ends
# the sentence all its complements come between.
NEAR_WORDS = 6
NEAR_WORDS_VERB_LAST = {"fa": 10, "tr": 8, "az": 8, "hy": 8, "ka": 8}
# Possessive, as the endings of stems are: what follows is none of it, so that to give letters back would find nothing.
SEPARATOR = "[\\s\\-\u2010-\u2015«»()\"“”„'\u200c]++"
# A full stop behind a single letter ends an initial or a short form: the г. of a year, U.S., ე.წ.
# It begins with one set of characters, which the engine looks for fastest.
_SENTENCE_BREAK = re.compile(r"[.!?…։؟:;\n](?:(?<=\n)|(?=\s)(?:(?<!\.)|(?<!\W[^\W\d_]\.)))")
_REACH = 160  #: characters in which NEAR_WORDS words and the far side of a pattern must lie
# Keys that a pattern may give the automaton for pairs of its words. A short word is mostly a common one: "us" or "with"
# alone would stop the search in every other sentence. With 36 for all, real pages took a quarter more time; with 900,
# nothing less.
_MOST_KEYS, _MOST_KEYS_SHORT, _SHORT = 36, 660, 4
_PIECES = 3  #: that one form gives a key: each has three or four ways to be parted from the next
_LEAD_REACH = 64  #: characters in which the words before an anchor must lie
_FREE = "*"
_SIDES = re.compile(" [~@] ")
_WORD = re.compile(r"\w+")
_GAP = re.compile("([ \u200c])")
_TOKEN = re.compile(r"\([^)]*\)|[^\s()]+")
_EITHER = {"i": f"[i{EITHER_I}]", "ı": f"[ı{EITHER_I}]", EITHER_I: f"[iı{EITHER_I}]"}
_SILENT = str.maketrans("", "", "* \u200c")
_EV = ("և", "եւ", "եվ")  #: one letter, its two letters, and what its capital form becomes in lower case


class PatternError(ValueError):
    """A pattern that the grammar does not know, with the reason."""


@dataclass(frozen=True)
class Part:
    """A row of words, each with its alternatives. `anchor` is the word the automaton looks for."""

    words: tuple[tuple[str, ...], ...]
    language: str

    @cached_property
    def lead(self) -> re.Pattern[str] | None:
        """Match the words before the anchor with the character before them; None when the anchor is the first word."""
        words = [self._word(alternatives) for alternatives in self.words[: self.anchor]]
        # A joiner before a word makes it the end of a compound: in fa a shelling is a "rain of shells", and not rain.
        # What follows a joiner is an ending. A set of characters to begin with is what the engine looks for fastest.
        before = r"[^\w\u200c]"
        return re.compile(before + SEPARATOR.join([*words, ""]) + r"\Z") if words else None

    @cached_property
    def tail(self) -> str:
        """Give the expression of the part from its anchor to its end, word boundary included."""
        return SEPARATOR.join(self._word(alternatives) for alternatives in self.words[self.anchor :]) + r"(?!\w)"

    @cached_property
    def before(self) -> tuple[bytes, ...]:
        """Give the keys with which the word before the anchor may begin, be the joiners of a pattern written or not."""
        if not self.anchor:
            return (b"",)
        lasts = [form.split(" ")[-1].split("\u200c") for form in self.words[self.anchor - 1]]
        ends = ["".join(pieces[start:]) for pieces in lasts for start in range(len(pieces))]
        return tuple(_key(end, self.language).split(b"\0")[-1] for end in ends)

    def start(self, text: str, anchor: int) -> int:
        """Give where the part begins in a folded text that has its anchor there; -1 when the words before are not."""
        if self.lead is None:
            return anchor
        window = text[anchor - _LEAD_REACH : anchor] if anchor >= _LEAD_REACH else " " + text[:anchor]
        lead = self.lead.search(window)
        return anchor - len(window) + lead.start() + 1 if lead else -1

    def _word(self, alternatives: tuple[str, ...]) -> str:
        # The longest first: of "prisoner" and "prisoner of war" the second claims what both would.
        forms = [self._form(form) for form in sorted(alternatives, key=len, reverse=True)]
        return forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"

    def _form(self, form: str) -> str:
        return SEPARATOR.join(self._single(word) for word in form.split(" "))

    def _single(self, word: str) -> str:
        if word == _FREE:
            return r"\w++"
        letters = word.rstrip(_FREE)
        return self._letters(letters) + (r"\w*+" if word.endswith(_FREE) else "")

    def _letters(self, letters: str) -> str:
        if self.language in TWO_I_LANGUAGES:
            return "".join(_EITHER.get(letter, re.escape(letter)) for letter in letters)
        if self.language in JOINER_LANGUAGES:
            return "[\\s\u200c]*".join(re.escape(piece) for piece in letters.split("\u200c"))
        return re.escape(letters)

    @cached_property
    def anchor(self) -> int:
        """Index of the word to look for: the one whose keys are rarest, the first of such.

        A key is taken to be half as often in a text with each letter more; in English news it is .6 times as often.
        """
        frequencies = [sum(0.5 ** len(key) for key in keys) for keys in self._keys_by_word]
        return frequencies.index(min(frequencies))

    @property
    def keys(self) -> list[bytes]:
        """Give the letters by which the automaton finds the anchor: those of its forms.

        After a word without an ending the next one belongs to the key, with up to three separators between them, as a
        dash between spaces is: "united states" is rarer than "united", and "of the fsb" than "of the".
        """
        return self._keys_by_word[self.anchor]

    @cached_property
    def _keys_by_word(self) -> list[list[bytes]]:
        return [self._keys_of(index) for index in range(len(self.words))]

    def _keys_of(self, index: int) -> list[bytes]:
        firsts = [key for form in self.words[index] for key in _keys(form, self.language)]
        following = self.words[index + 1] if index + 1 < len(self.words) else ()
        if not following or not all(_is_plain(form) and not form.endswith(_FREE) for form in self.words[index]):
            return firsts
        seconds = dict.fromkeys(key for form in following for key in _beginnings(form, self.language))
        gaps = _gaps(" ", self.language)
        most = _MOST_KEYS_SHORT if min(map(len, firsts)) <= _SHORT else _MOST_KEYS
        if not all(seconds) or len(firsts) * len(gaps) * len(seconds) > most:
            return firsts
        return [first + gap + second for first in firsts for gap in gaps for second in seconds]

    @property
    def forms(self) -> tuple[str, ...]:
        """Give the forms of a part of one word that the automaton finds by itself; none of a longer part."""
        return tuple(form for form in self.words[0] if _is_plain(form)) if len(self.words) == 1 else ()

    @property
    def phrases(self) -> tuple["Part", ...]:
        """Give the rows of words that the part stands for beside its plain forms, each with its own anchor."""
        if len(self.words) > 1:
            return (self,)
        rows = (form.split(" ") for form in self.words[0] if not _is_plain(form))
        return tuple(Part(tuple((word,) for word in row), self.language) for row in rows)

    @property
    def literal(self) -> int:
        """Count the letters written out, by which ties are decided; of alternatives the shortest. A bare * loses."""
        letters = sum(min(len(form.translate(_SILENT)) for form in word) for word in self.words)
        return letters - 100 * self.words.count((_FREE,))


@cache
def _keys(form: str, language: str, pieces: int = _PIECES) -> tuple[bytes, ...]:
    """Give the keys of a form: its first piece, with what begins the rest where that follows at once in every text."""
    first, gap, rest = [*_GAP.split(form, maxsplit=1), "", ""][:3]
    if pieces == 1 or not gap or first.endswith(_FREE) or not all(seconds := _beginnings(rest, language, pieces - 1)):
        return (_key(first, language),)
    return tuple(_key(first, language) + between + key for between in _gaps(gap, language) for key in seconds)


def _beginnings(form: str, language: str, pieces: int = _PIECES - 1) -> tuple[bytes, ...]:
    """Give the keys of the first piece of a form, and of what follows a short one: it is an article mostly."""
    first = _key(_GAP.split(form, maxsplit=1)[0], language)
    return _keys(form, language, pieces) if len(first) <= _SHORT else (first,)


def _gaps(gap: str, language: str) -> tuple[bytes, ...]:
    """Give what stands in a text for a space or a joiner of a pattern."""
    if gap != " ":
        return b"", b"\0", JOINER_KEY, JOINER_KEY + b"\0"
    spaces = b"\0", b"\0\0", b"\0\0\0"
    return (*spaces, JOINER_KEY) if language in JOINER_LANGUAGES else spaces


@cache
def _key(piece: str, language: str) -> bytes:
    return key_of(piece.rstrip(_FREE), language)


def _is_plain(form: str) -> bool:
    return " " not in form and "\u200c" not in form


def parse_pattern(pattern: str, language: str) -> tuple[Part, ...]:
    """Read a pattern: one part, or two for `left ~ right` and `left @ right`. Raises PatternError."""
    sides = _SIDES.split(pattern)
    if len(sides) > 2:
        raise PatternError(f"{pattern!r}: at most one ~ or @")
    parts = tuple(_part(side, language) for side in sides)
    for part in parts:
        if not all(part.keys):
            raise PatternError(f"{pattern!r}: needs a word that is more than *")
    return parts


def word_before(key: bytes, anchor: int) -> bytes:
    """Give the key of the word before an anchor; empty when there is none. `key` is a text's with a 0 put before it."""
    before = key[max(0, anchor - _LEAD_REACH) : anchor + 1].rstrip(b"\0" + JOINER_KEY)
    return before.rpartition(b"\0")[2].rpartition(JOINER_KEY)[2]


def claims_both(pattern: str) -> bool:
    """Tell whether both sides of a pattern are the hit, or only the left, near the right."""
    return " @ " not in pattern


def _part(side: str, language: str) -> Part:
    words: list[tuple[str, ...]] = []
    for token in _TOKEN.findall(fold(side, language).text.replace("-", " ")):
        forms = token[1:-1].split("|") if token.startswith("(") else [token]
        words.append(tuple(spelled for form in forms for spelled in _spellings(" ".join(form.split()), language)))
    if not words:
        raise PatternError(f"{side!r}: no words")
    chunks = [chunk for word in words for form in word for chunk in form.split(" ")]
    if any(not chunk or "*" in chunk[:-1] or "(" in chunk or "|" in chunk for chunk in chunks):
        raise PatternError(f"{side!r}: * ends a word or stands alone, and alternatives stand in (a|b)")
    return Part(tuple(words), language)


def _spellings(form: str, language: str) -> list[str]:
    """Give the spellings of a form that folding does not unite: Armenian ev as one letter or two."""
    if language != "hy":
        return [form]
    plain = form.replace("եւ", "և").replace("եվ", "և")
    return [plain.replace("և", ev) for ev in _EV] if "և" in plain else [form]


def are_near(text: str, end: int, start: int, language: str) -> bool:
    """Tell whether what ends at end and what starts at start, later, stand near each other in one sentence."""
    if not 0 <= start - end <= _REACH:
        return False
    gap = text[end:start]
    limit = NEAR_WORDS_VERB_LAST.get(language, NEAR_WORDS)
    if gap.count(" ") > 2 * limit or _SENTENCE_BREAK.search(gap):
        return False
    return len(gap) <= 2 * limit or len(_WORD.findall(gap)) <= limit  # a word takes two characters or more
