"""The local coach, which writes three replies to a briefing. ``llm`` prepares a model's question and checks its answer.

The package performs no I/O, except that it reads its own data files.
"""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"
