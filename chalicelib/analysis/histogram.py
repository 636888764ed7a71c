"""A histogram of fixed logarithmic buckets, so that counts of several imports combine exactly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

_EXACT_BELOW = 32
_GROWTH = 1.07
_HIGHEST = 1e9


def _lower_bounds() -> Iterator[int]:
    yield from range(_EXACT_BELOW)
    bound = float(_EXACT_BELOW)
    while bound < _HIGHEST:
        yield math.ceil(bound)
        bound *= _GROWTH


# Every whole number's bucket comes from this list alone, so it is the same on every machine.
_BOUNDS = tuple(_lower_bounds())


class Histogram:
    """Counts of non-negative numbers, such as lengths in characters or reply times in seconds.

    A number is rounded to a whole one. Below 32 every whole number has its own
    bucket; above, a bucket is 7 % wide and stands for the number in it whose
    largest relative error is smallest, which is at most 3.5 %. So a quantile of
    whole numbers is off by at most 3.5 %, and one of fractions by at most 5 %.
    """

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]

    @property
    def total(self) -> int:
        """How many numbers were added."""
        return sum(self.counts.values())

    def add(self, value: float, n: int = 1) -> None:
        """Count ``value`` n times; anything below zero counts as zero."""
        whole = max(round(value), 0)
        bound = whole if whole < _EXACT_BELOW else _BOUNDS[bisect_right(_BOUNDS, whole) - 1]
        self.counts[bound] = self.counts.get(bound, 0) + n

    def add_all(self, values: Iterable[float]) -> None:
        """Count many numbers, the equal ones together."""
        for value, n in Counter(values).items():
            self.add(value, n)

    def merge(self, other: Histogram) -> None:
        """Add everything ``other`` counted."""
        for bound, n in other.counts.items():
            self.counts[bound] = self.counts.get(bound, 0) + n

    def quantile(self, q: float) -> float | None:
        """Return the number at rank ceil(q * total), the nearest-rank quantile; None when nothing was added."""
        rank = max(math.ceil(q * self.total), 1)
        for bound in sorted(self.counts):
            rank -= self.counts[bound]
            if rank <= 0:
                return _middle(bound)
        return None

    def to_document(self) -> dict[str, int]:
        """Return each bucket's lowest number, as JSON wants it, with its count."""
        return {str(bound): self.counts[bound] for bound in sorted(self.counts)}

    @classmethod
    def from_document(cls, document: Mapping[str, int]) -> Histogram:
        """Read what ``to_document`` wrote."""
        histogram = cls()
        histogram.counts = {int(bound): n for bound, n in document.items()}
        return histogram


def _middle(bound: int) -> float:
    if bound < _EXACT_BELOW:
        return float(bound)
    highest = _BOUNDS[bisect_right(_BOUNDS, bound)] - 1
    return 2 * bound * highest / (bound + highest)
