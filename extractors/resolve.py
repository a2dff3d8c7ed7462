"""The rules of a watch compiled for one language, and which of the overlapping hits counts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from ahocorasick_rs import AhoCorasick, Implementation

from extractors.folding import Folded
from extractors.patterns import Part, find_near, find_part, parse_pattern
from model.watch import ActorRow, ExclusionRow, LexiconRow


class Kind(IntEnum):
    """What a rule does. Rules of one contest compete for the same letters."""

    CONCEPT = 0
    MASK = 1
    ACTOR = 2
    MASK_ACTOR = 3
    SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern with the row it came from."""

    kind: Kind
    row: LexiconRow | ActorRow | ExclusionRow
    parts: tuple[Part, ...]
    literal: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule found in a folded text; `parts` holds the letters it claims: one span, or two for a `~`."""

    start: int
    end: int
    rule: Rule
    parts: tuple[tuple[int, int], ...]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Longest span first, then the most letters written out, then the earliest."""
        return -sum(end - start for start, end in self.parts), -self.rule.literal, self.start


_SCOPES = {"mask": Kind.MASK, "mask_actor": Kind.MASK_ACTOR, "sentence": Kind.SENTENCE}
_EXACT, _STEM, _PHRASE = range(3)
_Entry = tuple[Rule, int, int]  #: rule, how to check it, index of the anchor word


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
        entries: defaultdict[str, list[_Entry]] = defaultdict(list)
        rows: list[tuple[Kind, LexiconRow | ActorRow | ExclusionRow]] = [(Kind.CONCEPT, row) for row in lexicon]
        rows += [(Kind.ACTOR, row) for row in actors]
        rows += [(_SCOPES[row.scope], row) for row in exclusions]
        for kind, row in rows:
            if row.language == language:
                _enter(entries, kind, row)
        self._entries = list(entries.values())
        self._automaton = AhoCorasick(list(entries), implementation=Implementation.DFA) if entries else None

    def hits(self, folded: Folded) -> list[Hit]:
        """Find every rule in a folded text, overlaps and all, in no particular order."""
        if self._automaton is None:
            return []
        text, size, found = folded.text, len(folded.text), []
        for key, start, end in self._automaton.find_matches_as_indexes(folded.key, overlapping=True):
            if start and ((before := text[start - 1]).isalnum() or before in "_\u200c"):
                continue
            whole = end == size or not ((after := text[end]).isalnum() or after == "_")
            for rule, check, anchor in self._entries[key]:
                if check == _EXACT:
                    if whole:
                        found.append(Hit(start, end, rule, ((start, end),)))
                elif check == _STEM:
                    stop = end if whole else _word_end(text, end)
                    found.append(Hit(start, stop, rule, ((start, stop),)))
                elif hit := _phrase(rule, text, start, end, anchor):
                    found.append(hit)
        return found


def _enter(entries: defaultdict[str, list[_Entry]], kind: Kind, row: LexiconRow | ActorRow | ExclusionRow) -> None:
    parts = parse_pattern(row.pattern, row.language)
    rule = Rule(kind, row, parts, sum(part.literal for part in parts))
    part = parts[0]
    if len(parts) == 1 and part.is_plain_word:
        for form in part.words[0]:
            check = _STEM if form.endswith("*") else _EXACT
            entries[form.rstrip("*")].append((rule, check, 0))
        return
    anchor = part.anchor
    for key in dict.fromkeys(part.keys(anchor)):
        entries[key].append((rule, _PHRASE, anchor))


def _word_end(text: str, position: int) -> int:
    size = len(text)
    while position < size and (text[position].isalnum() or text[position] == "_"):
        position += 1
    return position


def _phrase(rule: Rule, text: str, start: int, end: int, anchor: int) -> Hit | None:
    span = find_part(rule.parts[0], text, start, end, anchor)
    if span is None or len(rule.parts) == 1:
        return span and Hit(*span, rule, (span,))
    other = find_near(rule.parts[1], text, span)
    return other and Hit(min(span[0], other[0]), max(span[1], other[1]), rule, (span, other))


def winners(hits: list[Hit]) -> list[Hit]:
    """Let overlapping hits of one contest compete: the longest wins, ties go to the most letters written out."""
    hits.sort(key=lambda hit: hit.start)
    if all(left.end <= right.start for left, right in pairwise(hits)):
        return hits
    taken: list[Hit] = []
    for cluster in _clusters(hits):
        taken += _contest(cluster) if len(cluster) > 1 else cluster
    return taken


def _clusters(hits: list[Hit]) -> list[list[Hit]]:
    """Group hits, sorted by start, that overlap directly or through others."""
    clusters: list[list[Hit]] = []
    reach = -1
    for hit in hits:
        if hit.start < reach:
            clusters[-1].append(hit)
        else:
            clusters.append([hit])
        reach = max(reach, hit.end)
    return clusters


def _contest(cluster: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    claimed: list[tuple[int, int]] = []
    for hit in sorted(cluster, key=lambda hit: hit.rank):
        if not any(start < end and begin < stop for begin, end in hit.parts for start, stop in claimed):
            kept.append(hit)
            claimed += hit.parts
    return sorted(kept, key=lambda hit: hit.start)
