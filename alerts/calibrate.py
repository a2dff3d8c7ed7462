"""Does -log10 p mean what it says? The corpus's own quiet days tell, level by level."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from alerts.findings import NO_DATA, Evaluations
from alerts.panel import Bools

#: Expected stories a day that part the levels: rare series misjudge their tails in other ways than common ones.
STRATA = ((0.0, 1.0), (1.0, 5.0), (5.0, 25.0), (25.0, float("inf")))
LEVELS = (1.3, 2.0, 3.0)  #: evidence looked at: the one that keeps an alert, one between, the one that opens
WARN_BELOW, WARN_ABOVE = 0.5, 2.0  #: half or twice as many as promised is worth a person's look
_LEAST_EXPECTED = 5.0  #: fewer promised exceedances than this say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Quiet series-days of one level that reached an evidence, beside those that should have."""

    low: float
    high: float
    evidence: float
    days: int
    reached: int

    @property
    def health(self) -> float:
        """Reached over promised; 1 is perfect, above 1 there are more false alarms than promised."""
        return self.reached / (self.days * 10.0**-self.evidence) if self.days else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the health, exact for a Poisson count."""
        promised = self.days * 10.0**-self.evidence
        if not promised:
            return 0.0, float("inf")
        low = float(gammaincinv(self.reached, 0.025)) if self.reached else 0.0
        return low / promised, float(gammaincinv(self.reached + 1, 0.975)) / promised

    @property
    def warning(self) -> str:
        """One line when the health lies outside [0.5, 2] and chance does not explain it; else empty."""
        low, high = self.interval
        if self.days * 10.0**-self.evidence < _LEAST_EXPECTED or (high >= WARN_BELOW and low <= WARN_ABOVE):
            return ""
        where = f"expecting {self.low:g} to {self.high:g} stories a day"
        return f"series {where} reach evidence {self.evidence:g} {self.health:.1f} times as often as promised"


def calibrate(evaluations: Evaluations, real: Bools | None = None, *, skip_days: int = 28) -> list[Calibration]:
    """Count quiet days by level. `real` (S, D) marks days of alerts judged real, which are left out.

    The first `skip_days` of the evaluations are left out too: baselines are young there. Alerts that nobody judged
    count as false, so an unjudged corpus looks worse than it is, never better.
    """
    usable = evaluations.state > NO_DATA
    if real is not None:
        usable &= ~real
    usable[:, :skip_days] = False
    daily = evaluations.expected / np.maximum(evaluations.window, 1.0)
    found = []
    for low, high in STRATA:
        rows = evaluations.evidence[usable & (daily >= low) & (daily < high)]
        for level in LEVELS:
            reached = int((rows >= level).sum())
            found.append(Calibration(low=low, high=high, evidence=level, days=rows.size, reached=reached))
    return found


def health(calibrations: list[Calibration], evidence: float = 2.0) -> float:
    """One figure over all levels: reached over promised at that evidence. 1 when there is too little to tell."""
    chosen = [c for c in calibrations if c.evidence == evidence]
    promised = sum(c.days for c in chosen) * 10.0**-evidence
    return sum(c.reached for c in chosen) / promised if promised >= _LEAST_EXPECTED else 1.0
