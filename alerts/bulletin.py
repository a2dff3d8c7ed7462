"""One event, one message: changes that rest on the same stories are told together, under the broadest of them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.decide import AlertChange
from alerts.deliver import RANK

#: Two changes are about one event when half of the smaller one's stories are also the other's.
SHARED = 0.5
#: A reader wants the broad series as headline and the concepts as detail.
BREADTH = {"series": 0, "category": 1, "relation": 2, "concept": 3, "novelty": 3}
CLOSING = "close"


@dataclass(frozen=True, slots=True)
class Finding:
    """A change and the stories it rests on."""

    change: AlertChange
    stories: frozenset[int]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one message tells: its headline, and what else spikes on the same stories, as places in the findings."""

    lead: int
    others: tuple[int, ...]


def breadth(series: str) -> int:
    """Rank a series by how broad it is: rules of the watch first, single concepts last."""
    kind, colon, _ = series.partition(":")
    return BREADTH.get(kind, 0) if colon else 0


def bulletins(findings: Sequence[Finding], open_stories: Iterable[frozenset[int]] = ()) -> list[Bulletin]:
    """Group findings of one pass into messages.

    `open_stories` are the stories of the broad alerts that people know of already: a group of single concepts on those
    stories tells nothing new and gets no message.
    """
    known = list(open_stories)
    found = []
    for group in _groups(findings):
        lead, *others = sorted(group, key=lambda place: _prominence(findings[place]))
        finding = findings[lead]
        is_detail = breadth(finding.change.alert.series) == BREADTH["concept"]
        if not (is_detail and any(_overlap(finding.stories, stories) for stories in known)):
            found.append(Bulletin(lead, tuple(others)))
    return found


def _prominence(finding: Finding) -> tuple[int, int, float, str]:
    alert = finding.change.alert
    return (breadth(alert.series), -RANK.get(alert.severity, 0), -alert.evidence, alert.series)


def _groups(findings: Sequence[Finding]) -> list[list[int]]:
    """Join findings that share stories, endings apart from the rest; a chain of overlaps is one group."""
    groups: list[list[int]] = []
    for place, finding in enumerate(findings):
        mine = [g for g in groups if any(_same_event(finding, findings[other]) for other in g)]
        groups = [g for g in groups if g not in mine]
        groups.append([place, *(other for g in mine for other in g)])
    return groups


def _same_event(left: Finding, right: Finding) -> bool:
    if (left.change.kind == CLOSING) != (right.change.kind == CLOSING):
        return False
    return _overlap(left.stories, right.stories)


def _overlap(left: frozenset[int], right: frozenset[int]) -> bool:
    if not left or not right:
        return left == right
    return len(left & right) >= SHARED * min(len(left), len(right))
