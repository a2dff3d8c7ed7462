"""All rules over one count: spikes, first times and silence, as one set of evaluations."""

from collections.abc import Mapping

from alerts.detect import evaluate
from alerts.drops import drops, publisher_panel
from alerts.expected import panel_of
from alerts.findings import Evaluations, joined
from alerts.novelty import novelties
from alerts.panel import Bools
from alerts.policy import Policy
from model.counts import Counts


def evaluate_counts(
    counts: Counts, policy: Policy, *, cap: int = 3, sides: Mapping[str, str] | None = None,
    reached: Bools | None = None, last: int | None = None,
) -> Evaluations:  # fmt: skip
    """Test the last days of a count by every rule; names of the others than spikes begin with `novelty:` or `drop:`.

    `sides` and `reached` are those of alerts.drops.publisher_panel.
    """
    panel = panel_of(counts, policy, cap)
    publishers = publisher_panel(counts, sides or {}, reached)
    found = [evaluate(panel, policy, last=last), novelties(panel, policy, last=last)]
    if publishers.names:
        found.append(drops(publishers, policy, last=last))
    return joined(*found)


def category_of(series: str, categories: Mapping[str, str]) -> str:
    """Give what `alerts.category` holds: the category of a series, `drop` or `novelty` for those rules."""
    rule, _, _ = series.partition(":")
    return rule if rule in {"drop", "novelty"} else categories.get(series, "")
