"""The detector: how much more is told of a subject than its own past and today's amount of news let expect.

Pure numpy. Each day is tested as of that day: its result uses that day and earlier ones only. alerts.walk says what was
expected of each window, alerts.findings weighs it, alerts.ears stands in where a watch asks for that.
"""

from alerts.ears import with_ears
from alerts.findings import (
    ALERT,
    CRITICAL,
    HIGH,
    NO_DATA,
    QUIET,
    STATES,
    WARMING_UP,
    WATCH,
    Evaluations,
    Findings,
)
from alerts.panel import Panel
from alerts.policy import Policy
from alerts.walk import walk

__all__ = [
    "ALERT", "CRITICAL", "HIGH", "NO_DATA", "QUIET", "STATES", "WARMING_UP", "WATCH", "Evaluations", "evaluate",
]  # fmt: skip


def evaluate(panel: Panel, policy: Policy, *, last: int | None = None) -> Evaluations:
    """Test every series on each of the `last` days of the panel (all when None), each as of its own day."""
    first = 0 if last is None else max(0, len(panel.days) - last)
    findings = Findings(panel, policy, first)
    for step in walk(panel, policy, first=first):
        findings.take(step)
    found = findings.finish()
    return found if policy.method == "exposure" else with_ears(found, panel, policy)
