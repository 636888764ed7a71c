"""What a model takes and costs: ``data/models.json``.

Of an id that is not in the table only what every model takes is asked, and the dearest known price is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.coaching import resources

_PER = 1_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """A model: whether it can be told to use a tool, whether it takes a temperature, what else a request says.

    ``input_usd`` and ``output_usd`` are what one token costs.
    """

    model_id: str
    forced_tool: bool
    temperature: bool
    more: Mapping[str, Any]
    input_usd: float
    output_usd: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for so many tokens."""
        return input_tokens * self.input_usd + output_tokens * self.output_usd


@cache
def model_of(model_id: str) -> Model:
    """The model of an id, which may be an inference profile's or an ARN."""
    table = resources.load("models")
    known = max((name for name in table["models"] if name in model_id), key=len, default=None)
    entry = table["models"][known] if known else table["unknown"]
    profile = next((factor for name, factor in table["profiles"].items() if name in model_id), 1.0)
    price = entry["usd_per_million"]
    return Model(
        model_id,
        entry["forced_tool"],
        entry["temperature"],
        entry["more"],
        price["input"] * profile / _PER,
        price["output"] * profile / _PER,
    )
