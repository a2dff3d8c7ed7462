"""The grammar of a watch's patterns, and what the matcher needs to find them.

    word            exactly this word, in any case
    stem*           the word and anything that may follow it inside the word
    *               one arbitrary word
    (a|b*|c d)      one of several words or rows of words
    left ~ right    both sides in this or the other order, at most NEAR_WORDS words apart, within a sentence

Words are separated by one space; a hyphen is a space. In the text they may be separated by spaces, hyphens, quotes, brackets and
apostrophes. In fa a zero-width non-joiner inside a pattern stands for a space, a joiner or nothing.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from extractors.folding import EITHER_I, JOINER_LANGUAGES, TWO_I_LANGUAGES, fold

# Free word order puts a subject or a place between verb and object: up to six words in our bench. Where the verb ends the sentence all
# its complements come between.
NEAR_WORDS = 6
NEAR_WORDS_VERB_LAST = {"fa": 10, "tr": 8, "az": 8, "hy": 8, "ka": 8}
SEPARATOR = "[\\s\\-\u2010-\u2015«»()\"“”„'\u200c]+"
_SENTENCE_BREAK = re.compile(r"[.!?…։؟:;](?=\s)|\n")
_REACH = 160  #: characters in which NEAR_WORDS words and the far side of a pattern must lie
_FREE = "*"
_WORD = re.compile(r"\w+")
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
    def regex(self) -> re.Pattern[str]:
        """Match the part from its first letter on, word boundaries included, in a folded text."""
        words = (self._word(alternatives) for alternatives in self.words)
        # A joiner before a word makes it the end of a compound: in fa a shelling is a "rain of shells", and not rain. What
        # follows a joiner is an ending.
        return re.compile(r"(?<![\w\u200c])" + SEPARATOR.join(words) + r"(?!\w)")

    def _word(self, alternatives: tuple[str, ...]) -> str:
        # The longest first: of "prisoner" and "prisoner of war" the second claims what both would.
        forms = [self._form(form) for form in sorted(alternatives, key=len, reverse=True)]
        return forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"

    def _form(self, form: str) -> str:
        return SEPARATOR.join(self._single(word) for word in form.split(" "))

    def _single(self, word: str) -> str:
        if word == _FREE:
            return r"\w+"
        letters = word.rstrip(_FREE)
        return self._letters(letters) + (r"\w*" if word.endswith(_FREE) else "")

    def _letters(self, letters: str) -> str:
        if self.language in TWO_I_LANGUAGES:
            return "".join(_EITHER.get(letter, re.escape(letter)) for letter in letters)
        if self.language in JOINER_LANGUAGES:
            return "[\\s\u200c]*".join(re.escape(piece) for piece in letters.split("\u200c"))
        return re.escape(letters)

    @property
    def anchor(self) -> int:
        """Index of the word to look for: the first when it is telling, else the one with the longest shortest form."""
        lengths = [min(len(key) for key in self.keys(index)) for index in range(len(self.words))]
        return 0 if lengths[0] >= 5 else lengths.index(max(lengths))

    def keys(self, index: int) -> list[str]:
        """Give the letters by which the automaton finds a word: its forms up to the first space or joiner."""
        forms = (form.split(" ")[0].rstrip(_FREE).split("\u200c")[0] for form in self.words[index])
        return [form.replace("ı", "i").replace(EITHER_I, "i") for form in forms]

    @property
    def literal(self) -> int:
        """Count the letters written out, by which ties are decided; of alternatives the shortest."""
        return sum(min(len(form.translate(_SILENT)) for form in word) for word in self.words)

    @property
    def is_plain_word(self) -> bool:
        """Whether the automaton's hit and two word boundaries are all there is to check."""
        if len(self.words) > 1:
            return False
        letters = "".join(self.words[0])
        return not (
            (self.language in TWO_I_LANGUAGES and any(letter in letters for letter in _EITHER))
            or "\u200c" in letters
            or "'" in letters
            or " " in letters
        )


def parse_pattern(pattern: str, language: str) -> tuple[Part, ...]:
    """Read a pattern: one part, or two for `left ~ right`. Raises PatternError."""
    sides = pattern.split(" ~ ")
    if len(sides) > 2:
        raise PatternError(f"{pattern!r}: at most one ~")
    parts = tuple(_part(side, language) for side in sides)
    for part in parts:
        if not max(min(len(key) for key in part.keys(index)) for index in range(len(part.words))):
            raise PatternError(f"{pattern!r}: needs a word that is more than *")
    return parts


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


def find_part(part: Part, text: str, start: int, end: int, anchor: int) -> tuple[int, int] | None:
    """Check the part around a hit of its anchor word at start; give its span in the folded text."""
    begins = [start]
    for _ in range(anchor + sum("\u200c" in form for word in part.words[:anchor] for form in word)):
        begins.append(_word_before(text, begins[-1]))
    for begin in begins[anchor:]:
        match = part.regex.match(text, begin)
        if match and match.end() >= end:
            return match.span()
    return None


def _word_before(text: str, position: int) -> int:
    """Give the start of the word before the one at position."""
    low = max(0, position - 64)
    words = list(re.finditer(r"\w+", text[low:position]))
    return low + words[-1].start() if words else position


def find_near(part: Part, text: str, span: tuple[int, int]) -> tuple[int, int] | None:
    """Find the other side of a `~` near a span: after it first, before it else."""
    start, end = span
    for match in part.regex.finditer(text, end, min(len(text), end + _REACH)):
        if _is_near(text[end : match.start()], part.language):
            return match.span()
        break
    before = list(part.regex.finditer(text, max(0, start - _REACH), start))
    if before and _is_near(text[before[-1].end() : start], part.language):
        return before[-1].span()
    return None


def _is_near(gap: str, language: str) -> bool:
    words = sum(1 for _ in _WORD.finditer(gap))
    return words <= NEAR_WORDS_VERB_LAST.get(language, NEAR_WORDS) and _SENTENCE_BREAK.search(gap) is None
