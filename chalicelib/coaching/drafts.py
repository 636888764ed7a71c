"""The user's own draft, improved in three degrees: tidied, made easy to answer, made more honest.

What the draft says stays. The words are ``data/drafts.json``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from chalicelib.analysis import speech
from chalicelib.coaching import resources
from chalicelib.coaching.voice import Voice
from chalicelib.domain import SpeechLevel

# Sentences, with the laughter, tears and signs between them kept.
_BETWEEN = re.compile(r"((?:\s*[ㅋㅎㅠㅜ~!?.…^;]+\s*)|\n+)")
_LAUGHTER = re.compile(r"\s*[ㅋㅎ]{2,}")
_ENDS = tuple(".?!~…ㅋㅎㅠㅜ^")
_POLITE = (SpeechLevel.HASIPSIO, SpeechLevel.HAEYO)


def moves() -> tuple[str, str, str]:
    """Return what each of the three did with the draft, in Korean."""
    safe, balanced, bold = resources.load("drafts")["moves"]
    return safe, balanced, bold


def improve(draft: str, voice: Voice, *, solemn: bool, choice: int) -> tuple[str, str, str]:
    """Return the draft in three degrees.

    Args:
        draft: What the user wrote, not empty.
        voice: How the user writes.
        solemn: Whether laughter is out of place.
        choice: Any number; another one adds other words.
    """
    table = resources.load("drafts")
    tidy = _tidied(draft, voice, table, solemn=solemn)
    added = next(kind["add"] for kind in table["kinds"] if resources.matches_any(kind["patterns"], tidy))
    balanced, bold = (_added(tidy, options, voice, choice) for options in added)
    return tidy, balanced, bold


def _tidied(draft: str, voice: Voice, table: Any, *, solemn: bool) -> str:
    text = " ".join(draft.split())
    for name in ("spelling", "soften"):
        text = _replaced(text, table[name])
    if solemn:
        text = _LAUGHTER.sub("", text)
    # A draft of laughter alone stays what it is.
    return _levelled(" ".join(text.split()) or draft, voice.level, table)


def _replaced(text: str, pairs: Sequence[Sequence[str]]) -> str:
    for pattern, replacement in pairs:
        text = re.sub(pattern, replacement, text)
    return text


def _levelled(text: str, level: str, table: Any) -> str:
    """Return the text in the user's level, sentence by sentence; what cannot be turned stays as it was."""
    parts = _BETWEEN.split(text)
    turned = [_turned(part, level, table["to_" + level]) for part in parts]
    if turned == parts:
        return text
    return _replaced("".join(turned), table["pronouns_" + level])


def _turned(sentence: str, level: str, endings: Sequence[Sequence[str]]) -> str:
    found = speech.level_of(sentence)
    if found is SpeechLevel.NEUTRAL or (found in _POLITE) == (level == "yo"):
        return sentence
    for pattern, replacement in endings:
        other = re.sub(pattern, replacement, sentence)
        if other != sentence:
            return other if (speech.level_of(other) in _POLITE) == (level == "yo") else sentence
    return sentence


def _added(text: str, options: Sequence[dict[str, str]], voice: Voice, choice: int) -> str:
    joint = " " if text.endswith(_ENDS) else ". "
    longer = [f"{text}{joint}{option[voice.level]}" for option in options]
    fitting = [one for one in longer if voice.fits(one)]
    return fitting[choice % len(fitting)] if fitting else min(longer, key=len)
