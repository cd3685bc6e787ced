"""Verdicts to numbers: proportions with intervals, compile@k, and what two models on the same tasks differ by.

Every interval is 95 %. The methods are the ones that keep their word at a hundred tasks and near 0 and 1, where the normal
approximation and the percentile bootstrap cover less than they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The 0.975 quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """`successes` of `n`. An average over several scorings of the same tasks makes `successes` a fraction."""

    successes: float
    n: int

    def __post_init__(self) -> None:
        if not (self.n > 0 and 0 <= self.successes <= self.n):
            raise ValueError(f"not a proportion: {self.successes} of {self.n}")

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.successes / self.n

    @property
    def interval(self) -> Interval:
        """Wilson's score interval."""
        return wilson(self.successes, self.n)


def wilson(successes: float, n: int) -> Interval:
    """The score interval of a proportion: all p that a two-sided 5 % score test does not reject.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212.

    Raises:
        ValueError: `n` is not positive, or `successes` is outside 0..n.
    """
    if not (n > 0 and 0 <= successes <= n):
        raise ValueError(f"not a proportion: {successes} of {n}")
    share = successes / n
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    middle = share + Z95**2 / (2 * n)
    scale = 1 + Z95**2 / n
    low = 0.0 if successes == 0 else (middle - spread) / scale  # exact at the ends, where rounding would leave 1e-17
    high = 1.0 if successes == n else (middle + spread) / scale
    return Interval(low, high)


def pass_at_k(n: int, successes: int, k: int) -> float:
    """Probability that at least one of `k` samples, drawn without replacement from `n` with `successes` good ones, is good.

    The unbiased estimator 1 - C(n - c, k) / C(n, k) of M. Chen et al., Evaluating large language models trained on code (2021),
    arXiv 2107.03374, section 2.1. With `n` = `k` = 1 it is the sample's own success.

    Raises:
        ValueError: `k` is not in 1..n, or `successes` not in 0..n.
    """
    if not (1 <= k <= n and 0 <= successes <= n):
        raise ValueError(f"no estimate of pass@{k} from {successes} of {n}")
    return 1.0 - math.comb(n - successes, k) / math.comb(n, k)


def mcnemar_exact(gained: int, lost: int) -> float:
    """Two-sided p-value of: a task on which two models differ is as likely to be gained as lost.

    The exact conditional (binomial) form of Q. McNemar's test, Psychometrika 12 (1947) 153-157: twice the smaller tail, at
    most 1.

    Raises:
        ValueError: a count is negative.
    """
    if gained < 0 or lost < 0:
        raise ValueError(f"negative count: {gained}, {lost}")
    differing = gained + lost
    tail = sum(math.comb(differing, i) for i in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / 2**differing)


def paired_difference(gained: int, lost: int, n: int) -> Interval:
    """The score interval of the difference (gained - lost) / n of two proportions on the same `n` tasks.

    T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample design, Statistics
    in Medicine 17 (1998) 891-908. A difference d belongs to the interval when |gained - lost - n d| <= z sqrt(n (2 q + d - d^2)),
    where q is the probability of a loss that is most likely under d, the larger root of
    2 n q^2 + ((2 n - gained + lost) d - gained - lost) q - lost d (1 - d) = 0. The limits are found by bisection.

    Raises:
        ValueError: the counts are negative or larger than `n`.
    """
    if gained < 0 or lost < 0 or n <= 0 or gained + lost > n:
        raise ValueError(f"not a paired table: gained {gained}, lost {lost}, n {n}")

    def excess(difference: float) -> float:
        """Positive where the score test rejects `difference`."""
        b = (2 * n - gained + lost) * difference - gained - lost
        c = -lost * difference * (1 - difference)
        q = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
        variance = n * (2 * q + difference * (1 - difference))
        return abs(gained - lost - n * difference) - Z95 * math.sqrt(max(variance, 0.0))

    estimate = (gained - lost) / n
    return Interval(_border(excess, estimate, -1.0), _border(excess, estimate, 1.0))


def _border(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """Where `excess` turns positive between a point of the interval and one that is not in it (or is its very end)."""
    if excess(outside) <= 0:
        return outside
    for _ in range(60):  # 2 / 2**60 is below the spacing of floats near 1
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if excess(middle) > 0 else (middle, outside)
    return inside
