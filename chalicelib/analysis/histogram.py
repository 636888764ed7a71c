"""A histogram with fixed logarithmic buckets, so that counts of several imports add up exactly."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

_EXACT_BELOW = 32
_BUCKET_GROWTH = 1.07
_MAX_VALUE = 1e9


def _lower_bounds() -> Iterator[int]:
    yield from range(_EXACT_BELOW)
    bound = float(_EXACT_BELOW)
    while bound < _MAX_VALUE:
        yield math.ceil(bound)
        bound *= _BUCKET_GROWTH


# Buckets come only from this list of integers, so they are the same on every machine.
_BOUNDS = tuple(_lower_bounds())


class Histogram:
    """Counts of non-negative numbers, such as lengths in characters or reply times in seconds.

    A number is rounded to an integer. Below 32, each integer has its own bucket. Above, a bucket is 7 % wide and is
    represented by the number whose largest relative error within the bucket is smallest, at most 3.5 %. A quantile of
    integers is therefore off by at most 3.5 %, a quantile of fractions by at most 5 %.
    """

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]

    @property
    def total(self) -> int:
        """Return how many numbers were added."""
        return sum(self.counts.values())

    def add(self, value: float, n: int = 1) -> None:
        """Count ``value`` n times. A negative number counts as zero."""
        integer = max(round(value), 0)
        bound = integer if integer < _EXACT_BELOW else _BOUNDS[bisect_right(_BOUNDS, integer) - 1]
        self.counts[bound] = self.counts.get(bound, 0) + n

    def add_all(self, values: Iterable[float]) -> None:
        """Count many numbers. Equal numbers are counted together."""
        for value, n in Counter(values).items():
            self.add(value, n)

    def quantile(self, q: float) -> float | None:
        """Return the nearest-rank quantile, the number at rank ceil(q * total). None if nothing was added."""
        rank = max(math.ceil(q * self.total), 1)
        for bound in sorted(self.counts):
            rank -= self.counts[bound]
            if rank <= 0:
                return _representative(bound)
        return None

    def to_document(self) -> dict[str, int]:
        """Return the count of each bucket by its lower bound. JSON needs the bound as a string."""
        return {str(bound): self.counts[bound] for bound in sorted(self.counts)}

    @classmethod
    def from_document(cls, document: Mapping[str, int]) -> Histogram:
        """Return the histogram that ``to_document`` wrote."""
        histogram = cls()
        histogram.counts = {int(bound): n for bound, n in document.items()}
        return histogram


def _representative(bound: int) -> float:
    """Return the number that stands for a bucket, given its lower bound."""
    if bound < _EXACT_BELOW:
        return float(bound)
    upper = _BOUNDS[bisect_right(_BOUNDS, bound)] - 1
    # The harmonic mean of both bounds has the same relative error at each, so the largest error is the smallest
    # possible.
    return 2 * bound * upper / (bound + upper)
