"""The rules of a watch compiled for one language: what of them is found in a text."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import or_

from ahocorasick_rs import BytesAhoCorasick, Implementation

from extractors.contest import Hit, Kind, Row, Rule, Span
from extractors.folding import EITHER_I, JOINER_KEY, JOINER_LANGUAGES, Folded, key_of
from extractors.patterns import SEPARATOR, Part, are_near, claims_both, parse_pattern, word_before
from model.watch import ActorRow, ExclusionRow, LexiconRow


@dataclass(slots=True)
class _Meaning:
    """What some words stand for: rules by themselves, sides of a `~`."""

    rules: tuple[Rule, ...] = field(default=(), init=False)
    sides: int = field(default=0, init=False)  #: a bit each
    partners: int = field(default=0, init=False)  #: the other sides of those

    def add(self, rule: Rule | None, side: int) -> None:
        """Note a rule, or the number of a side."""
        if rule is not None:
            self.rules += (rule,)
        else:
            self.sides |= 1 << side


@dataclass(slots=True)
class _Word(_Meaning):
    """One word to look for, or the beginning of one."""

    letters: str  #: what must stand in the text, letter for letter


@dataclass(slots=True)
class _Phrase(_Meaning):
    """A row of words to check around a hit of its anchor."""

    part: Part


@dataclass(slots=True)
class _Entry:
    """Everything that hangs on one key of the automaton."""

    length: int  #: of the letters
    is_stem: bool  #: whether anything may follow them inside the word
    words: tuple[_Word, ...] = ()  #: mostly one: those whose letters have one key
    phrases: tuple[_Phrase, ...] = ()
    before: tuple[bytes, ...] = ()  #: with which the word before may begin; empty when no phrase asks for one
    has_rules: bool = False  #: whether any of them is a rule by itself
    sides: int = 0  #: those of all of them
    partners: int = 0
    tails: re.Pattern[str] | None = None  #: those of the phrases, a group each; compiled at the first hit

    def word(self, letters: str) -> _Word:
        """Give the word of these letters, a new one when it is not known."""
        for word in self.words:
            if word.letters == letters:
                return word
        word = _Word(letters)
        self.words += (word,)
        return word

    def begun(self, text: str, start: int) -> re.Match[str] | None:
        """Look for the phrases from the anchor on, each in a group of its own, which spans nothing where it is not."""
        if self.tails is None:
            self.tails = re.compile("".join(f"(?=({phrase.part.tail})|)" for phrase in self.phrases))
        found = self.tails.match(text, start)
        return found if found and found.lastindex else None


_SCOPES = {"mask": Kind.MASK, "mask_actor": Kind.MASK_ACTOR, "sentence": Kind.SENTENCE}
_SEPARATOR = re.compile(SEPARATOR)


class Automaton:
    """All patterns of one language in one Aho-Corasick automaton."""

    def __init__(
        self,
        language: str,
        lexicon: Sequence[LexiconRow],
        actors: Sequence[ActorRow],
        exclusions: Sequence[ExclusionRow],
    ) -> None:
        """Compile the rows of the language; rows of others are passed over. Raises PatternError."""
        self._language = language
        self._entries: dict[bytes, _Entry] = {}
        self._phrases: dict[Part, _Phrase] = {}
        self._gaps = (b"\0", JOINER_KEY) if language in JOINER_LANGUAGES else (b"\0",)  #: what may end a word
        self._sides: dict[Part, int] = {}
        #: for each left side of a `~`, its right sides and their rules
        self._pairs: defaultdict[int, defaultdict[int, list[Rule]]] = defaultdict(lambda: defaultdict(list))
        self._pairs_stand_alone = False  #: whether any pair counts where no actor is named
        rows: list[tuple[Kind, Row]] = [(Kind.CONCEPT, row) for row in lexicon]
        rows += [(Kind.ACTOR, row) for row in actors]
        rows += [(_SCOPES[row.scope], row) for row in exclusions]
        for place, (kind, row) in enumerate(rows):
            if row.language == language:
                self._add(kind, row, place)
        self._list = list(self._entries.values())
        self._settle()
        self._joins = language in JOINER_LANGUAGES
        keys = list(self._entries)
        self._automaton = BytesAhoCorasick(keys, implementation=Implementation.ContiguousNFA) if keys else None

    def _add(self, kind: Kind, row: Row, place: int) -> None:
        parts = parse_pattern(row.pattern, row.language)
        both = claims_both(row.pattern)
        # What asks for a neighbour knows more than the word alone: it goes before a plain word of two letters more.
        literal = sum(part.literal for part in parts) if both else parts[0].literal + 2
        rule = Rule(kind, row, literal, place, both)
        if len(parts) == 1:
            self._enter(parts[0], rule, -1)
            return
        left, right = (self._side(part) for part in parts)
        self._pairs[left][right].append(rule)
        self._pairs_stand_alone |= rule.stands_alone

    def _side(self, part: Part) -> int:
        """Give the number of a side; sides of the same words are one, whatever the rules they belong to."""
        if part not in self._sides:
            self._sides[part] = len(self._sides)
            self._enter(part, None, self._sides[part])
        return self._sides[part]

    def _enter(self, part: Part, rule: Rule | None, side: int) -> None:
        for row in part.phrases:
            self._phrase(row).add(rule, side)
        for written in part.forms:
            letters = written.rstrip("*")
            key = key_of(letters, self._language)
            for after in (b"",) if written.endswith("*") else self._gaps:
                self._entry(key, after).word(letters).add(rule, side)

    def _phrase(self, row: Part) -> _Phrase:
        """Give the phrase of a row of words, a new one under each of its keys when it is not known."""
        if row not in self._phrases:
            self._phrases[row] = _Phrase(row)
            for key in dict.fromkeys(row.keys):
                self._entry(key, b"").phrases += (self._phrases[row],)
        return self._phrases[row]

    def _entry(self, key: bytes, after: bytes) -> _Entry:
        """Give the entry of letters. Words begin behind a 0, so the automaton itself finds nothing inside a word."""
        whole = b"\0" + key + after
        if whole not in self._entries:
            self._entries[whole] = _Entry(len(key), not after)
        return self._entries[whole]

    def _settle(self) -> None:
        """Note of each entry and meaning what only all patterns together tell."""
        partners = self._partners()

        @cache
        def paired(sides: int) -> tuple[int, int]:
            """Give sides with their partners; many words are the same sides, and each number is kept once."""
            return sides, reduce(or_, (partners[side] for side in _numbers(sides)), 0)

        for entry in self._list:
            meanings = (*entry.words, *entry.phrases)
            for meaning in meanings:
                meaning.rules = _unbeaten(meaning.rules)
                meaning.sides, meaning.partners = paired(meaning.sides)
            entry.has_rules = any(meaning.rules for meaning in meanings)
            entry.sides, entry.partners = paired(reduce(or_, (meaning.sides for meaning in meanings), 0))
            if any(phrase.part.anchor for phrase in entry.phrases):
                entry.before = tuple({before for phrase in entry.phrases for before in phrase.part.before})

    def _partners(self) -> dict[int, int]:
        """Give for each side the other sides of its pairs, a bit each."""
        partners: defaultdict[int, int] = defaultdict(int)
        for left, rights in self._pairs.items():
            for right in rights:
                partners[left] |= 1 << right
                partners[right] |= 1 << left
        return partners

    def hits(self, folded: Folded) -> list[Hit]:
        """Find every rule in a folded text, overlaps and all, in no particular order."""
        if self._automaton is None:
            return []
        finds = _Finds(folded, self._joins)
        later: list[tuple[_Entry, int]] = []  #: what can only lead to a side of a `~`
        entries = self._list
        for number, start, _ in self._automaton.find_matches_as_indexes(finds.key, overlapping=True):
            entry = entries[number]
            if entry.has_rules:
                finds.take(entry, start)
            else:
                later.append((entry, start))
        if not (self._pairs_stand_alone or any(rule.stands_alone for _, _, rule, _ in finds.hits)):
            return finds.hits  # no actor: what pairs could find would need one, and what they could mask needs one too
        self._take_sides(finds, later)
        return finds.hits

    def _take_sides(self, finds: "_Finds", later: list[tuple[_Entry, int]]) -> None:
        """Look for the sides of a `~` where both can be there, and join them."""
        reachable = 0
        for meaning, _ in finds.sides:
            reachable |= meaning.sides
        for entry, _ in later:
            reachable |= entry.sides
        for entry, start in later:
            if entry.partners & reachable:
                finds.take(entry, start)
        finds.hits += self._joined_sides(finds.text, finds.paired_sides())

    def _joined_sides(self, text: str, sides: dict[int, list[Span]]) -> Iterator[Hit]:
        """Give the hits of `~` rules both sides of which were found: for each left side the nearest right side."""
        for left in sides.keys() & self._pairs.keys():
            pairs = self._pairs[left]
            for right in sides.keys() & pairs.keys():
                rights = sorted(sides[right])
                for one in sides[left]:
                    if other := _nearest(text, one, rights, self._language):
                        yield from (_pair(rule, one, other) for rule in pairs[right])


def _unbeaten(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Give those of the rules of the same words that can win: of each contest the one that the files decide for."""
    if len(rules) < 2:
        return rules
    first: dict[int, Rule] = {}
    for rule in sorted(rules, key=_standing):
        first.setdefault(rule.contest, rule)
    return tuple(first.values())


def _standing(rule: Rule) -> tuple[int, bool, int]:
    """Rank a rule among those with the same letters, as hits are ranked."""
    return -rule.literal, not rule.stands_alone, rule.place


def _numbers(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


class _Finds:
    """What has been found in one text so far: hits of rules, and the sides of `~` rules."""

    def __init__(self, folded: Folded, joins: bool) -> None:
        self.text = folded.text
        self.key = b"\0" + folded.key + b"\0"  #: a letter of the text lies one place further on here
        self.hits: list[Hit] = []
        self.sides: list[tuple[_Meaning, Span]] = []
        self._joins = joins

    def take(self, entry: _Entry, start: int) -> None:
        """Note the words and phrases that an entry's letters are or begin at start."""
        if entry.words:
            found = self.text[start : start + entry.length]
            for word in entry.words:
                if _same(found, word.letters):
                    end = start + entry.length
                    self._note(word, start, self._word_end(end) if entry.is_stem else end)
        if entry.phrases:
            self._take_phrases(entry, start)

    def _take_phrases(self, entry: _Entry, anchor: int) -> None:
        before = word_before(self.key, anchor) if entry.before else b""
        if entry.before and not before.startswith(entry.before):
            return
        begun = entry.begun(self.text, anchor)
        if begun is None:
            return
        for phrase, (_, end) in zip(entry.phrases, begun.regs[1:], strict=True):
            if end >= 0 and before.startswith(phrase.part.before):
                start = phrase.part.start(self.text, anchor)
                if start >= 0:
                    self._note(phrase, start, end)

    def _note(self, meaning: _Meaning, start: int, end: int) -> None:
        span = (start, end)
        for rule in meaning.rules:
            self.hits.append((start, end, rule, (span,)))
        if meaning.sides:
            self.sides.append((meaning, span))

    def paired_sides(self) -> dict[int, list[Span]]:
        """Give where each side was found of which a partner was found too."""
        found = wanted = 0
        for meaning, _ in self.sides:
            found |= meaning.sides
            wanted |= meaning.partners
        paired = found & wanted
        places: dict[int, list[Span]] = {}
        for meaning, span in self.sides:
            if sides := meaning.sides & paired:
                for side in _numbers(sides):
                    places.setdefault(side, []).append(span)
        return places

    def _word_end(self, position: int) -> int:
        end = self.key.index(b"\0", position + 1) - 1
        joiner = self.key.find(JOINER_KEY, position + 1, end + 1) if self._joins else -1
        return end if joiner < 0 else joiner - 1


def _same(found: str, letters: str) -> bool:
    """Tell whether letters are those of the text, where a capital I stands for either i and separators are alike."""
    return found == letters or all(map(_alike, found, letters))


def _alike(one: str, other: str) -> bool:
    return one == other or (one == EITHER_I and other in "iı") or (other == "'" and _SEPARATOR.match(one) is not None)


def _nearest(text: str, one: Span, others: list[Span], language: str) -> Span | None:
    """Give the other side that is nearest to one and near enough: the one that follows, or else the one before."""
    index = bisect_left(others, (one[1], 0))
    if index < len(others) and are_near(text, one[1], others[index][0], language):
        while index + 1 < len(others) and others[index + 1][0] == others[index][0]:
            index += 1  # of two that begin together the longer: a "prisoner of war" is no war
        return others[index]
    for other in reversed(others[max(0, index - 2) : index]):
        if are_near(text, other[1], one[0], language):
            return other
    return None


def _pair(rule: Rule, one: Span, other: Span) -> Hit:
    if not rule.claims_both:
        return *one, rule, (one,)
    first, last = sorted((one, other))
    return first[0], last[1], rule, (first, last)
