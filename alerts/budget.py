"""The alarm budget: at most N alerts a month, and the evidence that keeps the promise."""

import math
from dataclasses import dataclass, replace

from alerts.policy import Policy
from model.config import Detection

#: False alerts a series and day at evidence E are about this times 10^-E: measured over simulated and public counts
#: between E = 2.2 (1.05 a series-year) and E = 3.0 (0.175), with the lifecycle: one alert however many days it lasts.
ALERTS_A_QUIET_DAY = 0.47
DAYS_A_MONTH = 365.25 / 12
#: Below, a quiet day in 50 alarms and nobody reads on; above, the calibration has never seen a quiet day.
LEAST_EVIDENCE, MOST_EVIDENCE = 1.7, 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What was promised and what came of it, in alerts a month."""

    evidence: float
    promised: float
    realised: float | None = None  #: None: nothing was watched yet


def false_alerts_a_month(evidence: float, series: int, health: float = 1.0) -> float:
    """How many alerts quiet days alone give. `health` is how much oftener than promised alerts.calibrate saw them."""
    return float(series * DAYS_A_MONTH * ALERTS_A_QUIET_DAY * health * 10.0**-evidence)


def within_budget(policy: Policy, detection: Detection, series: int, health: float = 1.0) -> Policy:
    """Set the opening evidence so that quiet days alone use up the budget; unchanged where the watch names its own.

    Real events come on top: a budget buys quiet, it does not hide a war. Series that share stories alarm together, so
    what is realised is rather less.
    """
    if detection.evidence is not None or detection.max_alerts_per_month is None or not series:
        return policy
    evidence = math.log10(false_alerts_a_month(0.0, series, max(health, 0.1)) / detection.max_alerts_per_month)
    return replace(policy, evidence=round(min(max(evidence, LEAST_EVIDENCE), MOST_EVIDENCE), 3))


def budget(policy: Policy, series: int, alerts: int, days: float, health: float = 1.0) -> Budget:
    """Hold the promise against `alerts` opened in the last `days` days, those judged real left out by the caller."""
    return Budget(
        evidence=policy.evidence,
        promised=false_alerts_a_month(policy.evidence, series, health),
        realised=alerts / days * DAYS_A_MONTH if days > 0 else None,
    )
