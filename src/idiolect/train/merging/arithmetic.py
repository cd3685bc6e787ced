"""Several tunings of one base as one: what is done with their changes of a tensor.

Every function takes the changes of one tensor, `tuned - base` each, and returns the change that stands for all of them. Weights
are relative: they are divided by their sum, so that two equal changes come out as what they are.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from idiolect.core.errors import InputError
from idiolect.lm.shards import Floats
from idiolect.train.merging.edit import Edit, Weights, read_as

Method = Literal["linear", "slerp", "ties", "dare", "dare-ties"]

_PARALLEL = 1e-2
"""Sine of an angle below which two changes count as parallel: there arc and line are one to five digits, and the formula divides
by almost 0."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How changes are put together."""

    method: Method = "linear"
    weights: tuple[float, ...] = ()
    """One a tuning, above 0; empty: all the same. Not for `slerp`."""
    scale: float = 1.0
    """What the result is multiplied by before it is added to the base."""
    density: float = 0.5
    """`ties`: share of each tensor's values that is kept, the largest. `dare`: the chance of each value to be kept."""
    t: float = 0.5
    """`slerp`: how far from the first to the second."""
    seed: int = 0
    """`dare`: which values are dropped."""

    def check(self, count: int) -> None:
        """Refuse what makes no sense for `count` tunings.

        Raises:
            InputError: it does not.
        """
        if self.method == "slerp" and count != 2:
            raise InputError(f"slerp goes from one tuning to another: name two, not {count}")
        if self.weights and len(self.weights) != count:
            raise InputError(f"{len(self.weights)} weights for {count} tunings", expected="one each, in their order")
        if any(not 0 < weight < float("inf") for weight in self.weights):
            raise InputError("weights are relative shares", expected="numbers above 0")
        if not math.isfinite(self.scale):
            raise InputError(f"scale is {self.scale:g}", expected="a number")
        if not 0 < self.density <= 1:
            raise InputError(f"density is {self.density:g}", expected="above 0, at most 1")
        if not 0 <= self.t <= 1:
            raise InputError(f"t is {self.t:g}", expected="0 (the first) to 1 (the second)")


def linear(changes: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """The weighted mean (task arithmetic, Ilharco et al. 2022, arXiv 2212.04089, with shares that add up to 1)."""
    total = np.zeros_like(changes[0])
    for change, share in zip(changes, shares, strict=True):
        total += share * change
    return total


def slerp(first: Floats, second: Floats, t: float) -> Floats:
    """From `first` (t = 0) to `second` (t = 1) along the arc between them (Shoemake 1985): the angle is that of the two tensors
    as vectors. Parallel ones, and one that is 0, are joined by a straight line."""
    a, b = first.reshape(-1), second.reshape(-1)
    lengths = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    cosine = float(np.clip(float(a @ b) / lengths, -1.0, 1.0)) if lengths else 1.0
    angle = float(np.arccos(cosine))
    sine = float(np.sin(angle))
    if sine < _PARALLEL:
        return linear((first, second), (1 - t, t))
    return linear((first, second), (float(np.sin((1 - t) * angle)) / sine, float(np.sin(t * angle)) / sine))


def trim(change: Floats, density: float) -> Floats:
    """The change with all but the `density` largest values by magnitude set to 0 (TIES, step 1); equals of the last stay."""
    keep = max(1, round(density * change.size))
    if keep >= change.size:
        return change
    magnitude = np.abs(change).reshape(-1)
    threshold = np.partition(magnitude, change.size - keep)[change.size - keep]
    return np.where(np.abs(change) >= threshold, change, change.dtype.type(0))


def elect(changes: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """TIES, steps 2 and 3: each value's sign is the one with more mass, and the mean is over those that have it and are not 0
    (Yadav et al. 2023, arXiv 2306.01708)."""
    sign = np.sign(linear(changes, shares))
    total, weight = np.zeros_like(changes[0]), np.zeros_like(changes[0])
    for change, share in zip(changes, shares, strict=True):
        agrees = change * sign > 0
        total += np.where(agrees, share * change, 0)
        weight += np.where(agrees, share, 0)
    np.divide(total, weight, out=total, where=weight > 0)
    return total


def drop(change: Floats, density: float, seed: int, *name: object) -> Floats:
    """DARE (Yu et al. 2023, arXiv 2311.03099): each value stays with the chance `density`, else it is 0, and those that stay are
    divided by it. What is drawn depends on `seed` and `name` only, not on the order in which tensors come."""
    if density == 1:
        return change
    key = hashlib.sha256(repr((seed, *name)).encode()).digest()[:16]
    random = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    kept: npt.NDArray[Any] = random.random(change.shape, dtype=np.float32) < density
    return np.where(kept, change / change.dtype.type(density), change.dtype.type(0))


@dataclass(frozen=True)
class Combined:
    """Several tunings of one base as one change. Implements `edit.Edit`."""

    edits: Sequence[Edit]
    recipe: Recipe

    def touches(self, name: str) -> bool:
        """See `Edit.touches`."""
        return any(edit.touches(name) for edit in self.edits)

    def apply(self, name: str, weight: Floats) -> Floats:
        """See `Edit.apply`. In memory are the changes of all tunings of this one tensor. TIES is always done in float32: in
        another precision other values may lie above its threshold, or another sign be elected, and the result is not near."""
        if self.recipe.method.endswith("ties"):
            weight = weight.astype(np.float32, copy=False)
        changes = [edit.apply(name, weight) - weight if edit.touches(name) else np.zeros_like(weight) for edit in self.edits]
        change = self._combine(name, changes)
        return weight + self.recipe.scale * change

    def _combine(self, name: str, changes: list[Floats]) -> Floats:
        recipe = self.recipe
        given = recipe.weights or (1.0,) * len(changes)
        shares = [each / sum(given) for each in given]
        if recipe.method == "slerp":
            return slerp(changes[0], changes[1], recipe.t)
        if recipe.method in {"dare", "dare-ties"}:
            for index in range(len(changes)):
                changes[index] = drop(changes[index], recipe.density, recipe.seed, index, name)
        elif recipe.method == "ties":
            for index in range(len(changes)):
                changes[index] = trim(changes[index], recipe.density)
        return (elect if recipe.method.endswith("ties") else linear)(changes, shares)


@dataclass(frozen=True)
class Grafted:
    """What a tuning changed in its base, added to another model (Shadow-FT, Wu et al. 2025, arXiv 2505.12716):
    W_other + W_tuned - W_base. Implements `edit.Edit`."""

    base: Weights
    tuned: Edit

    def touches(self, name: str) -> bool:
        """See `Edit.touches`."""
        return self.tuned.touches(name)

    def apply(self, name: str, weight: Floats) -> Floats:
        """See `Edit.apply`."""
        base = read_as(self.base.tensors[name], weight)
        return weight + (self.tuned.apply(name, base) - base)
