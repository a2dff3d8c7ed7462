"""Many series are tested every day: what pages a person has to stand out among all of them.

Benjamini and Hochberg (1995) over the upper level, categories, relations and rules of the watch; concepts are then
tested within the categories that were found. What is not found this way stays on the dashboard as `watch`.
"""

from collections.abc import Sequence

import numpy as np

from alerts.panel import Bools, Floats


def discovered(evidence: Floats, parents: Sequence[str], names: Sequence[str], share: float) -> Bools:
    """Say which series of one day stand out, at most `share` of them falsely. `evidence` is -log10 of their p."""
    p = 10.0 ** -np.asarray(evidence)
    found = np.zeros(len(p), dtype=bool)
    groups: dict[str, list[int]] = {}
    for row, parent in enumerate(parents):
        groups.setdefault(parent, []).append(row)
    upper = groups.pop("", [])
    found[upper] = benjamini_hochberg(p[upper], share)
    above = {names[row] for row in upper if found[row]}
    known = {names[row] for row in upper}
    for parent, rows in groups.items():
        if parent in above or parent not in known:
            found[rows] = benjamini_hochberg(p[rows], share)
    return found


def benjamini_hochberg(p: Floats, share: float) -> Bools:
    """Give what is rejected at that false discovery rate."""
    order = np.argsort(p)
    passing = p[order] <= share * np.arange(1, len(p) + 1) / max(len(p), 1)
    rejected = np.zeros(len(p), dtype=bool)
    if passing.any():
        rejected[order[: np.nonzero(passing)[0][-1] + 1]] = True
    return rejected
