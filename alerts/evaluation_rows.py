"""Evaluations as rows of the table `evaluations`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from alerts.detect import STATES, Evaluations


def to_evaluation_rows(
    evaluations: Evaluations,
    *,
    as_of: datetime,
    code_version: str,
    watermark: int,
    rules: Mapping[str, str] | None = None,
    column: int = -1,
) -> Iterator[dict[str, Any]]:
    """Give a row for each series on one day (the last by default), without `batch_id`.

    `parameters` and the watermark are all that is needed to count and test again: see docs/detection.md.
    """
    e, rules = evaluations, rules or {}
    column = column % len(e.days)
    parameters = e.parameters
    for i, name in enumerate(e.names):
        at = i, column
        yield {
            "series": name,
            "day": e.days[column],
            "as_of": as_of,
            "window_days": float(e.window[at]),
            "state": STATES[e.state[at]],
            "observed": float(e.observed[at]),
            "expected": float(e.expected[at]),
            "variance": float(e.variance[at]),
            "ratio": float(e.ratio[at]),
            "p": float(e.p[at]),
            "evidence": float(e.evidence[at]),
            "exposure": float(e.exposure[at]),
            "total": float(e.total[at]),
            "publishers": max(0, int(e.publishers[at])),
            "stories": int(e.stories[at]),
            "residual": None if np.isnan(e.residual[at]) else float(e.residual[at]),
            "parameters": parameters,
            "rule_hash": e.policy.rule_hash(rules.get(name, "")),
            "code_version": code_version,
            "watermark": watermark,
        }
