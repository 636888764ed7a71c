"""The local coach: from a briefing to three replies, without I/O. ``llm`` prepares and checks a model's answer."""

from __future__ import annotations

from pathlib import Path

# The folder of the coach's data files.
DATA = Path(__file__).parent / "data"
