"""How the user writes, as far as a template needs to know it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.analysis import speech as speech_analysis
from chalicelib.coaching import resources
from chalicelib.coaching.conversation import Conversation
from chalicelib.domain import Briefing, Kind, Role, Speech, SpeechLevel

# Below and above these shares of laughing messages a message without or with laughter is out of character.
_SELDOM, _NEARLY_ALWAYS = 0.25, 0.75
# A message that fits worse is offered only where nothing else is written.
_FITTING = 0.8
_SPACED = re.compile(r"[가-힣] [ㅋㅎ]{1,}")
_ATTACHED = re.compile(r"[가-힣][ㅋㅎ]{1,}")


@dataclass(frozen=True, slots=True)
class Voice:
    """The user's own way of writing to this partner.

    ``level`` is ``yo`` or ``banmal``, the names of a template's two forms. ``laughing`` is the share of messages
    that get laughter. ``usual`` and ``longest`` are lengths in characters. ``address`` is what the user calls the
    partner in 반말 when it is not 너. ``group`` is the relationship as the templates know it.
    """

    level: str
    laughter: str
    laughing: float
    tears: str
    usual: int
    longest: int
    address: str | None
    group: str
    speech: Speech | None

    def fits(self, text: str) -> bool:
        """Whether a message could be the user's; any could while nothing is known of how they speak."""
        return self.speech is None or speech_analysis.style_fit(text, self.speech) >= _FITTING


def infer(briefing: Briefing, conversation: Conversation, *, friendship_only: bool) -> Voice:
    """Return the user's voice: from their speech analysis, else from their own lines, else a polite default."""
    own = [line.text for line in conversation.said_by(Role.ME) if line.kind is Kind.TEXT and line.text.strip()]
    known = _known(briefing.me, own)
    level = "yo" if known is None or not _has_level(known) or known.polite else "banmal"
    style = resources.load("style")
    length = style["length"]
    return Voice(
        level=level,
        laughter=_laughter(known, own, style["laughter"][level]),
        laughing=_laughing(known, style["laughter"]["unknown"]),
        tears=style["tears"] if _cries(known) else "",
        usual=known.length_median if known else length["unknown"],
        longest=max(length["floor"], round(known.length_p90 * length["over_p90"])) if known else length["unknown"] * 2,
        address=_address(own, style["address"]),
        group=style["friendly"] if friendship_only else _group(briefing.partner.relationship),
        speech=known,
    )


def _known(me: Speech | None, own: Sequence[str]) -> Speech | None:
    if me is not None and me.total_messages:
        return me
    return speech_analysis.analyse(own) if own else None


def _has_level(speech: Speech) -> bool:
    return any(share for level, share in speech.levels.items() if level is not SpeechLevel.NEUTRAL)


def _laughing(known: Speech | None, unknown: float) -> float:
    if known is None:
        return unknown
    share = known.laughter_ratio
    if share < _SELDOM:
        return 0.0
    # In between either is in character, and laughter is what keeps two sentences apart.
    return 1.0 if share > _NEARLY_ALWAYS else (1 + share) / 2


def _laughter(known: Speech | None, own: Sequence[str], usual: str) -> str:
    habits = [habit.text for habit in known.habits] if known else []
    mark = next((habit for habit in habits if re.fullmatch("[ㅋㅎ]{2,}", habit)), usual)
    samples = [*own, *(known.response_examples if known else ())]
    spaced = sum(bool(_SPACED.search(text)) for text in samples)
    attached = sum(bool(_ATTACHED.search(text)) for text in samples)
    return f" {mark}" if spaced > attached else mark


def _cries(known: Speech | None) -> bool:
    if known is None:
        return True
    habit = any("ㅠ" in habit.text or "ㅜ" in habit.text for habit in known.habits)
    return habit or known.emoji_ratio >= _SELDOM


def _address(own: Sequence[str], words: Sequence[str]) -> str | None:
    """Return what the user last called the partner, so that nobody's 오빠 becomes 너."""
    for text in reversed(own):
        for word in words:
            if word not in text:
                continue
            # 오빠는, 오빠!, but not 우리 오빠가 or 오빠랑 싸웠어, who may be somebody else.
            if re.search(rf"(?:^|\s){word}(?:는|은|도|야|[!?~]|$|\s)", text) and not re.search(rf"우리\s?{word}", text):
                return word
    return None


def _group(relationship: str) -> str:
    style = resources.load("style")
    return str(style["relationships"].get(relationship, style["other_relationship"]))
