"""The part of the user's style of writing that reply templates need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.analysis import speech as speech_analysis
from chalicelib.coaching.conversation import Conversation, resolve_speech
from chalicelib.coaching.reply_rules import RelationshipKind, ReplyLevel, load_rules
from chalicelib.domain import Briefing, Role, Speech

# With a smaller share of messages with laughter, a message with laughter is out of character.
_RARE_SHARE = 0.25
# With a larger share, a message without laughter is out of character.
_FREQUENT_SHARE = 0.75
# A reply with a lower style fit is offered only if no reply reaches it.
_MIN_FIT = 0.8
_UNKNOWN_FIT = 0.5
_SPACED_LAUGHTER = re.compile(r"[가-힣] [ㅋㅎ]{1,}")
_ATTACHED_LAUGHTER = re.compile(r"[가-힣][ㅋㅎ]{1,}")


@dataclass(frozen=True, slots=True)
class Voice:
    """The user's style of writing to this partner.

    ``laughter`` is the text of a laugh, and ``laughter_share`` the share of replies that get one. ``tears`` is the text
    of tears, empty if the user writes none. ``usual_length`` and ``max_length`` are in characters. ``address`` is the
    word that the user calls the partner in 반말, None for 너. ``speech`` is None while the user's speech is unknown.
    """

    level: ReplyLevel
    laughter: str
    laughter_share: float
    tears: str
    usual_length: int
    max_length: int
    address: str | None
    relationship_kind: RelationshipKind
    speech: Speech | None

    def style_fit(self, text: str) -> float:
        """Return how well a message fits the user's style, 0.0 to 1.0. It is 0.5 while the speech is unknown."""
        return _UNKNOWN_FIT if self.speech is None else speech_analysis.style_fit(text, self.speech)

    def fits(self, text: str) -> bool:
        """Return whether the user could have written a message. Every message fits while the speech is unknown."""
        return self.speech is None or self.style_fit(text) >= _MIN_FIT


def infer(briefing: Briefing, conversation: Conversation, *, friendship_only: bool) -> Voice:
    """Return the user's voice: from the stored speech, otherwise from the user's lines, otherwise a polite default."""
    texts = conversation.texts_of(Role.ME)
    speech = resolve_speech(briefing.my_speech, texts)
    level = ReplyLevel.HAEYO if speech is None or not speech.has_level or speech.is_polite else ReplyLevel.BANMAL
    rules = load_rules()
    limits = rules.length
    return Voice(
        level=level,
        laughter=_laughter(speech, texts, rules.laughter.of(level)),
        laughter_share=_laughter_share(speech, rules.laughter.unknown),
        tears=rules.tears if _writes_tears(speech) else "",
        usual_length=speech.length_median if speech else limits.unknown,
        max_length=max(limits.floor, round(speech.length_p90 * limits.over_p90)) if speech else limits.unknown * 2,
        address=_address(texts, rules.address),
        relationship_kind=RelationshipKind.MINOR
        if friendship_only
        else rules.relationship_kind(briefing.partner.relationship),
        speech=speech,
    )


def _laughter_share(speech: Speech | None, default: float) -> float:
    if speech is None:
        return default
    share = speech.laughter_ratio
    if share < _RARE_SHARE:
        return 0.0
    if share > _FREQUENT_SHARE:
        return 1.0
    # Replies with and without laughter are in character. Prefer laughter, because it separates two sentences.
    return (1 + share) / 2


def _laughter(speech: Speech | None, texts: Sequence[str], default: str) -> str:
    """Return the user's laughter, with a space before it if the user usually writes one."""
    habits = [habit.text for habit in speech.habits] if speech else []
    mark = next((habit for habit in habits if re.fullmatch("[ㅋㅎ]{2,}", habit)), default)
    samples = [*texts, *(speech.response_examples if speech else ())]
    spaced = sum(bool(_SPACED_LAUGHTER.search(text)) for text in samples)
    attached = sum(bool(_ATTACHED_LAUGHTER.search(text)) for text in samples)
    return f" {mark}" if spaced > attached else mark


def _writes_tears(speech: Speech | None) -> bool:
    if speech is None:
        return True
    is_habit = any("ㅠ" in habit.text or "ㅜ" in habit.text for habit in speech.habits)
    return is_habit or speech.emoji_ratio >= _RARE_SHARE


def _address(texts: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the word that the user last called the partner, such as 오빠, so that a reply does not say 너."""
    for text in reversed(texts):
        for word in words:
            if word in text and _is_address(word, text):
                return word
    return None


def _is_address(word: str, text: str) -> bool:
    # 오빠는 or 오빠! address the partner. 우리 오빠가 or 오빠랑 싸웠어 can speak of another person.
    is_subject = re.search(rf"(?:^|\s){word}(?:는|은|도|야|[!?~]|$|\s)", text)
    return bool(is_subject) and not re.search(rf"우리\s?{word}", text)
