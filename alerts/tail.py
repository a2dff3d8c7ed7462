"""Probabilities of counts, with `scipy.special` alone: importing `scipy.stats` costs a second."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammainc, gammaln, ndtri

Floats = NDArray[np.float64]

LEAST_P = 1e-300  #: below that a double has no digits left, and nobody needs them
_NEARLY_POISSON = 1e-9  #: variance/mean - 1 below this: negative binomial and Poisson agree to all digits shown


def upper_tail(observed: Floats, mean: Floats, variance: Floats) -> Floats:
    """P(X >= observed) for a negative binomial of that mean and variance; Poisson where variance <= mean.

    The identity is P(X >= x) = I_q(x, r) with the regularised incomplete beta function, r = mean^2 / (variance - mean)
    and q = 1 - mean/variance. A mean of 0 gives 1 for nothing observed and 0 otherwise.
    """
    observed, mean, variance = np.broadcast_arrays(observed, mean, variance)
    p = np.ones(observed.shape)
    some = observed > 0
    p[some & (mean <= 0)] = 0.0
    over = variance > mean * (1 + _NEARLY_POISSON)
    poisson = some & (mean > 0) & ~over
    p[poisson] = gammainc(observed[poisson], mean[poisson])
    binomial = some & (mean > 0) & over
    m, v = mean[binomial], variance[binomial]
    p[binomial] = betainc(observed[binomial], m * m / (v - m), 1.0 - m / v)
    return p


def log_likelihood(observed: Floats, mean: Floats, variance: Floats) -> Floats:
    """Give ln P(X = observed) + ln observed! of a negative binomial; the factorial cancels where two are compared.

    A variance at or below the mean is taken a millionth above it, which is the Poisson to six digits.
    """
    mean = np.maximum(mean, 1e-9)
    variance = np.maximum(variance, mean * (1 + 1e-6))
    shape = mean * mean / (variance - mean)
    log: Floats = (
        gammaln(observed + shape)
        - gammaln(shape)
        + shape * np.log(mean / variance)
        + observed * np.log1p(-mean / variance)
    )
    return log


def plugin_bound(mean: Floats, phi: Floats, alpha: float) -> Floats:
    """Least count whose chance of being exceeded is at most alpha: the plug-in quantile of Noufaily 2013.

    Negative binomial with variance phi x mean, Poisson where phi <= 1. The search starts at the normal quantile and
    walks; each step settles all that are not settled yet.
    """
    mean, phi = (np.asarray(a, dtype=float) for a in np.broadcast_arrays(mean, phi))
    spread = np.maximum(phi, 1.0) * mean
    bound: Floats = np.maximum(0.0, np.floor(mean - ndtri(alpha) * np.sqrt(spread)))
    while (high := upper_tail(bound + 1, mean, spread) > alpha).any():
        bound = bound + high
    while (low := (bound > 0) & (upper_tail(bound, mean, spread) <= alpha)).any():
        bound = bound - low
    return bound
