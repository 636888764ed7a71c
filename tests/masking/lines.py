"""The invented chat lines of the masking tests."""

from __future__ import annotations

from benchmarks.masking import clean_lines, personal_lines, third_party_lines

PERSONAL = list(personal_lines())
THIRD_PARTIES = list(third_party_lines())
CLEAN = list(clean_lines())
