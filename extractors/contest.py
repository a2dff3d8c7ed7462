"""Rules found in a text, and which of those that lie over one another counts."""

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from operator import itemgetter

from model.watch import ActorRow, ExclusionRow, LexiconRow

Row = LexiconRow | ActorRow | ExclusionRow
Span = tuple[int, int]


class Kind(IntEnum):
    """What a rule does. Rules of one contest compete for the same letters: concepts with masks, actors with masks."""

    CONCEPT = 0
    MASK = 1
    ACTOR = 2
    MASK_ACTOR = 3
    SENTENCE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One pattern with the row it came from."""

    kind: Kind
    row: Row
    literal: int
    place: int  #: among the rules of its language, in the order of the files
    claims_both: bool = True  #: whether both sides of a pair are the hit
    contest: int = field(init=False)  #: rules of one contest compete
    stands_alone: bool = field(init=False)  #: whether it is an actor, or a concept that needs none

    def __post_init__(self) -> None:
        """Settle what is asked of every hit."""
        object.__setattr__(self, "contest", self.kind // 2)
        free = isinstance(self.row, LexiconRow) and not self.row.needs_actor
        object.__setattr__(self, "stands_alone", self.kind is Kind.ACTOR or free)


#: A rule found in a folded text: start, end, the rule, and the letters it claims: one span, or two for a `~`. No class
#: of its own, because a text has dozens and a named tuple takes ten times as long to make.
Hit = tuple[int, int, Rule, tuple[Span, ...]]

_MASKS = (Kind.MASK, Kind.MASK_ACTOR)
_MASK_REACH = 100  #: letters of a mask before the word it masks


def winners(hits: list[Hit]) -> list[Hit]:
    """Let overlapping hits of one contest compete: the longest wins, ties go to the most letters written out."""
    hits.sort(key=itemgetter(0))
    taken: list[Hit] = []
    cluster: list[Hit] = []  #: what lies over one another, directly or through others
    reach = 0
    for hit in hits:
        start, end, _, _ = hit
        if start >= reach:
            taken += _settled(cluster)
            cluster = []
        cluster.append(hit)
        reach = max(reach, end)
    return taken + _settled(cluster)


def _rank(hit: Hit) -> tuple[int, int, int, bool, int]:
    """Longest span first, then the most letters written out, the earliest, who needs no actor, the file's first."""
    start, end, rule, parts = hit
    # Side by side the two of a pair count what stands between them too, as a row of words does.
    whole = len(parts) == 1 or parts[1][0] - parts[0][1] == 1
    size = end - start if whole else sum(right - left for left, right in parts)
    return -size, -rule.literal, start, not rule.stands_alone, rule.place


def masks_in(hits: Iterable[Hit]) -> list[Span]:
    """Give the letters that masks among some hits claim, in order."""
    return sorted({part for _, _, rule, parts in hits if rule.kind in _MASKS for part in parts})


def is_masked(span: Span, masks: list[Span]) -> bool:
    """Tell whether one of the masks says of a word, with others beside it, that it means something else."""
    index = bisect_right(masks, (span[0], sys.maxsize)) - 1
    while index >= 0 and masks[index][0] > span[0] - _MASK_REACH:
        if span[1] <= masks[index][1] and masks[index] != span:
            return True
        index -= 1
    return False


def _settled(cluster: list[Hit]) -> list[Hit]:
    """Give those of some overlapping hits that count, by their start."""
    if len(cluster) < 2:
        return cluster
    cluster.sort(key=_rank)
    if len(cluster) == 2 and len(cluster[0][3]) == len(cluster[1][3]) == 1:
        return cluster[:1]  # as most are: two meanings of one word
    kept: list[Hit] = []
    claimed: list[Span] = []  #: in order, none over another
    for hit in _unmasked(cluster):
        if not any(_is_claimed(part, claimed) for part in hit[3]):
            kept.append(hit)
            for part in hit[3]:
                insort(claimed, part)
    kept.sort(key=itemgetter(0))
    return kept


def _unmasked(cluster: list[Hit]) -> list[Hit]:
    """Drop the pairs of which a mask says that one side means something else.

    Both sides of a `~` together are longer than a mask of one of them: who "starts a price war" starts no war. A mask
    that is a pair itself has its other words elsewhere and may be of just that word.
    """
    masks = masks_in(cluster)
    if not masks:
        return cluster
    sides = {part for _, _, rule, parts in cluster if rule.kind in _MASKS and len(parts) == 2 for part in parts}
    return [
        hit
        for hit in cluster
        if len(hit[3]) == 1
        or hit[2].kind in _MASKS
        or not any(part in sides or is_masked(part, masks) for part in hit[3])
    ]


def _is_claimed(part: Span, claimed: list[Span]) -> bool:
    """Tell whether a span lies over one of those claimed."""
    index = bisect_left(claimed, part)
    return (index < len(claimed) and claimed[index][0] < part[1]) or (index > 0 and claimed[index - 1][1] > part[0])
