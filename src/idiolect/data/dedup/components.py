"""Connected components of a growing graph, in arrays: which rows are near-duplicates of near-duplicates of one another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from idiolect.data.dedup.shingles import Numbers


class Components:
    """Every row has the smallest row of its component as label. At first every row is one of its own."""

    def __init__(self, count: int) -> None:
        """`count` rows."""
        self.labels: Numbers = np.arange(count)

    def apart(self, left: Numbers, right: Numbers) -> npt.NDArray[np.bool_]:
        """For each pair whether its rows are in different components."""
        return self.labels[left] != self.labels[right]

    def join(self, left: Numbers, right: Numbers) -> None:
        """Put the rows of each pair into one component.

        Every round hooks the larger label of a pair to the smaller one and then shortens all paths, until no pair is apart.
        """
        while True:
            one, other = self.labels[left], self.labels[right]
            apart = one != other
            if not apart.any():
                return
            left, right = left[apart], right[apart]
            np.minimum.at(self.labels, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
            while True:
                shorter = self.labels[self.labels]
                if np.array_equal(shorter, self.labels):
                    break
                self.labels = shorter
