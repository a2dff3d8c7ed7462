"""Our formulas beside the outputs of R's surveillance 1.20.3 on the same series."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import nbinom, poisson  # noqa: TID251 - the oracle of our own tails

from alerts.ears import ears
from alerts.tail import plugin_bound, upper_tail


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("method", ["ears-c1", "ears-c2", "ears-c3"])
def test_ears_bounds_equal_those_of_r(shared: Path, method: str) -> None:
    folder = shared / "detection/r-surveillance"
    counts = defaultdict(list)
    for row in rows(folder / "series.csv"):
        counts[row["series"]].append(float(row["count"]))
    groups = defaultdict(list)
    for row in rows(folder / "reference_ears_cusum_bayes.csv"):
        if row["method"] == method.replace("-c", "C") and row["upperbound"] != "NA":
            groups[row["series"], row["params"]].append((int(row["t"]), float(row["upperbound"])))
    compared = 0
    for (series, params), expected in groups.items():
        given = dict(p.split("=") for p in params.split(";"))
        found = ears(
            np.array([counts[series]]), method,
            baseline=int(given["baseline"]), least_deviation=float(given["minSigma"]),
        )  # fmt: skip
        bound = found.bound(float(given["alpha"]))[0]
        for t, reference in expected:
            if np.isfinite(reference) and np.isfinite(bound[t - 1]):
                assert bound[t - 1] == pytest.approx(reference, abs=1e-9)
                compared += 1
    assert compared > 3000


def test_plugin_bounds_and_tails_equal_those_of_r(shared: Path) -> None:
    table = rows(shared / "detection/r-surveillance/reference_farrington_flexible.csv")
    # "-Inf" and "NA" stand where R had too few weeks.
    table = [r for r in table if "nbPlugin" in r["params"] and "NA" not in {r["upperbound"], r["phi"], r["mu0"]}]
    mean, phi, bound, p, observed = (
        np.array([float(r[c]) for r in table]) for c in ("mu0", "phi", "upperbound", "pvalue", "observed")
    )
    assert len(table) == 1496
    assert np.array_equal(plugin_bound(mean, phi, 0.01), bound)
    assert np.abs(upper_tail(observed, mean, np.maximum(phi, 1) * mean) - p).max() < 1e-9


def test_tails_equal_those_of_scipy_over_the_whole_range() -> None:
    rng = np.random.default_rng(5)
    mean = np.exp(rng.uniform(-5, 7, 2000))
    variance = mean * np.where(rng.random(2000) < 0.2, 1.0, np.exp(rng.uniform(0.01, 4, 2000)))
    observed = np.floor(mean + rng.uniform(-2, 12, 2000) * np.sqrt(variance)).clip(0)
    size = mean**2 / np.maximum(variance - mean, 1e-300)
    binomial = nbinom.sf(observed - 1, size, mean / variance)
    reference = np.where(variance > mean, binomial, poisson.sf(observed - 1, mean))
    assert np.allclose(upper_tail(observed, mean, variance), reference, rtol=1e-8, atol=1e-290)
