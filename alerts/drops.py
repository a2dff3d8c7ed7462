"""Silence: a publisher, a side or a series that says much less than usual, apart from outages of our own.

Ordered silence is news too: a state agency that stops writing of a neighbour, a station that goes off the air. The test
is the detector's, turned round: the lower negative-binomial tail over three and seven days.
"""

from collections.abc import Mapping

import numpy as np

from alerts.findings import ALERT, NO_DATA, QUIET, WARMING_UP, WATCH, Evaluations
from alerts.panel import Bools, Floats, Panel, days_between
from alerts.policy import Policy
from alerts.tail import LEAST_P, upper_tail
from alerts.walk import Step, walk
from model.counts import Counts

_WINDOWS = (1, 2)  #: places of 3 and 7 days among the policy's windows: one quiet day is a holiday
_LEAST_EXPECTED = 8.0  #: stories in the window; silence below that is chance
_MOST_RATIO = 0.3  #: of what is expected
_ALERT_RATIO = 0.1  #: nearly nothing left
_ALERT_EXPECTED = 25.0  #: where there was plenty
_EVIDENCE = 3.0  #: as strict as an alert for a spike


def publisher_panel(
    counts: Counts, sides: Mapping[str, str], reached: Bools | None = None, *, least_stories: float = 1.0
) -> Panel:
    """Make a panel of what publishers and their sides published, to look for silence in.

    `sides` gives the ownership or country of a publisher. `reached` (K, T) is False on days on which no feed of the
    publisher answered us: that is our outage or theirs, and feed health tells of it. Publishers with fewer than
    `least_stories` a day are left out.
    """
    shape = len(counts.publishers), counts.days
    live = np.zeros(shape)
    np.add.at(live, (counts.daily_totals.publisher, counts.daily_totals.time), counts.daily_totals.live)
    known = np.ones(shape, dtype=bool) if reached is None else reached
    busy = live.mean(axis=1) >= least_stories
    names = [f"publisher:{p}" for p, b in zip(counts.publishers, busy, strict=True) if b]
    groups = sorted({side for p in counts.publishers if (side := sides.get(p, ""))})
    of_side = np.array([[sides.get(p) == side for p in counts.publishers] for side in groups], dtype=float)
    by_side = of_side.reshape(len(groups), shape[0]) @ live
    values = np.concatenate([live[busy], by_side])
    return Panel(
        names=(*names, *(f"side:{side}" for side in groups)),
        days=days_between(
            counts.first_day, counts.first_day.fromordinal(counts.first_day.toordinal() + counts.days - 1)
        ),
        counts=values,
        exposure=np.ones_like(values),
        totals=np.broadcast_to(live.sum(axis=0), values.shape),
        known=np.concatenate([known[busy], np.ones_like(by_side, dtype=bool)]),
    )


def drops(panel: Panel, policy: Policy, *, last: int | None = None) -> Evaluations:
    """Look for silence on each of the last days. Names get `drop:` before them; evidence is that of the lower tail."""
    first = 0 if last is None else max(0, len(panel.days) - last)
    steps = [_lowest(step, panel, policy) for step in walk(panel, policy, first=first)]
    shape = len(panel.names), len(steps)

    def column(name: str) -> Floats:
        return np.stack([s[name] for s in steps], axis=1) if steps else np.zeros(shape)

    evidence, ratio = column("evidence"), column("ratio")
    return Evaluations(
        names=tuple(f"drop:{name}" for name in panel.names),
        days=panel.days[first:],
        state=column("state").astype(np.int8),
        window=column("window"),
        observed=column("observed"),
        expected=column("expected"),
        variance=column("variance"),
        ratio=ratio,
        p=10.0**-evidence,
        evidence=evidence,
        exposure=column("exposure"),
        total=column("total"),
        publishers=np.full(shape, -1.0),
        stories=column("observed"),
        counts=panel.counts[:, first:],
        residual=column("residual"),
        policy=policy,
        first_day=panel.days[0],
    )


def _lowest(step: Step, panel: Panel, policy: Policy) -> dict[str, Floats]:
    """Choose each series' quieter window and judge it."""
    tested = [step.tested[i] for i in _WINDOWS]
    lower = np.stack([np.maximum(1.0 - upper_tail(t.observed + 1, t.expected, t.variance), LEAST_P) for t in tested])
    best = np.argmin(lower, axis=0)
    pick = np.arange(len(best))

    def chosen(values: list[Floats]) -> Floats:
        picked: Floats = np.stack(values)[best, pick]
        return picked

    windows = [float(policy.windows[i]) for i in _WINDOWS]
    expected = chosen([t.expected for t in tested])
    found = {
        "evidence": -np.log10(lower[best, pick]),
        "window": np.array(windows)[best],
        "observed": chosen([t.observed for t in tested]),
        "expected": expected,
        "variance": chosen([t.variance for t in tested]),
        "exposure": chosen([t.exposure for t in tested]),
        "total": chosen([_sum(panel.totals, step, int(w)) for w in windows]),
        "residual": step.residual,
    }
    found["ratio"] = found["observed"] / np.maximum(expected, 1e-9)
    ready = step.history >= policy.young_days + max(windows)
    found["state"] = _state(found, ready, step.usable[:, step.day])
    return found


def _state(found: dict[str, Floats], ready: Bools, usable: Bools) -> Floats:
    passes = (found["evidence"] >= _EVIDENCE) & (found["expected"] >= _LEAST_EXPECTED) & (found["ratio"] <= _MOST_RATIO)
    grave = passes & (found["ratio"] <= _ALERT_RATIO) & (found["expected"] >= _ALERT_EXPECTED)
    state = np.where(grave, ALERT, np.where(passes, WATCH, QUIET))
    return np.where(usable, np.where(ready, state, WARMING_UP), NO_DATA).astype(float)


def _sum(values: Floats, step: Step, length: int) -> Floats:
    cut = slice(max(0, step.day + 1 - length), step.day + 1)
    total: Floats = np.where(step.usable[:, cut], values[:, cut], 0.0).sum(axis=1)
    return total
