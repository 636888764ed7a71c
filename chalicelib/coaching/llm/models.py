"""The parameters and prices of Bedrock models: ``data/models.json``.

A model that is not in the file gets only the parameters that every model accepts, and a price above all listed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib import data_files
from chalicelib.coaching import DATA
from chalicelib.data_files import Data

_TOKENS_PER_PRICE = 1_000_000


class Price(Data, frozen=True):
    """US dollars for a million tokens."""

    input: float
    output: float


class ModelEntry(Data, frozen=True):
    """A model's parameters and its price through a global inference profile.

    ``forced_tool`` is true if a request may force the use of a tool, ``temperature`` if it may set a temperature.
    ``more`` are further fields of the request.
    """

    forced_tool: bool
    temperature: bool
    more: dict[str, Any]
    usd_per_million: Price


class ModelTable(Data, frozen=True):
    """The content of ``data/models.json``. ``profiles`` are the price factors of inference profiles."""

    about: str
    as_of: str
    profiles: dict[str, float]
    models: dict[str, ModelEntry]
    unknown: ModelEntry


@dataclass(frozen=True, slots=True)
class Model:
    """A model with the prices of its inference profile: ``input_usd`` and ``output_usd`` are US dollars for a token."""

    model_id: str
    forced_tool: bool
    temperature: bool
    more: Mapping[str, Any]
    input_usd: float
    output_usd: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return the price of a call in US dollars."""
        return input_tokens * self.input_usd + output_tokens * self.output_usd


@cache
def _table() -> ModelTable:
    return data_files.load(DATA / "models.json", ModelTable)


@cache
def model_of(model_id: str) -> Model:
    """Return the model of an id, which can be an inference profile or an ARN."""
    table = _table()
    # The longest name, because claude-sonnet-5 is part of claude-sonnet-5-5.
    name = max((name for name in table.models if name in model_id), key=len, default=None)
    entry = table.models[name] if name else table.unknown
    factor = next((factor for profile, factor in table.profiles.items() if profile in model_id), 1.0)
    return Model(
        model_id,
        entry.forced_tool,
        entry.temperature,
        entry.more,
        entry.usd_per_million.input * factor / _TOKENS_PER_PRICE,
        entry.usd_per_million.output * factor / _TOKENS_PER_PRICE,
    )
