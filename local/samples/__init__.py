"""An invented chat in KakaoTalk's four Korean export formats."""

from __future__ import annotations

from pathlib import Path

# The one that `make demo` and `make run SEED=1` import.
SAMPLE = Path(__file__).with_name("kakaotalk_android.txt")
