"""Compose three replies of increasing boldness in the user's style of writing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.coaching import DATA, drafts, templates, voice
from chalicelib.coaching.case import Case
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.patterns import Patterns
from chalicelib.coaching.reply_rules import load_rules
from chalicelib.coaching.templates import Filling, IntentReplies, Variant
from chalicelib.coaching.voice import Voice
from chalicelib.data_files import Data
from chalicelib.domain import Action, Kind, ReplyType, Role, SuggestedReply

# A longer message is cut to this many characters where an explanation quotes it.
_MAX_QUOTE_LENGTH = 20
# The choice of words depends on this many of the latest lines. The confidence grows up to this many lines.
_MAX_LINES = 20
# The factor of the confidence for a chat without lines.
_MIN_CONFIDENCE_FACTOR = 0.85
# A reply is chosen among those whose fit differs by less than this from the best, and among at least this many.
_MAX_FIT_DIFFERENCE = 0.1
_MIN_OPTIONS = 4
# Above this mean share of negative sentiment, no reply has laughter.
_MAX_NEGATIVE_SHARE = 0.6
# A reply that names a topic of the partner's messages is preferred over a reply with a slightly better fit.
_TOPIC_BONUS = 0.06
_JAMO = frozenset(map(chr, range(ord("ㄱ"), ord("ㅣ") + 1)))
_TYPES = tuple(ReplyType)
# The risk levels of the three responses without a message.
_UNSENT_RISKS = (1, 2, 3)

_Responses = tuple[SuggestedReply, SuggestedReply, SuggestedReply]


class QuestionRules(Data, frozen=True):
    """The content of ``data/asks.json``: how the partner's latest lines show that a question is already answered."""

    about: str
    recent_lines: int
    answered: dict[str, Patterns]


@cache
def question_rules() -> QuestionRules:
    """Return the questions that replies ask, with the patterns of their answers."""
    return data_files.load(DATA / "asks.json", QuestionRules)


@dataclass(frozen=True, slots=True)
class _ReplyContext:
    """The values that the three replies to a case share."""

    case: Case
    replies: IntentReplies
    voice: Voice
    seed: str

    @property
    def is_crisis(self) -> bool:
        """True if somebody speaks of suicide or self-harm."""
        return self.case.intent.name.startswith("crisis")


class _Message(NamedTuple):
    """The text of a reply, and its variant. The variant is None for an improved draft."""

    text: str
    variant: Variant | None = None

    @property
    def has_topic(self) -> bool:
        """True if the reply names a topic of the partner's messages."""
        return self.variant is not None and self.variant.topic is not None


def compose(case: Case) -> _Responses:
    """Return the three replies. If nothing may be sent, their messages are empty and they advise what to do instead."""
    context = _ReplyContext(
        case,
        templates.replies_by_intent()[case.intent.name],
        voice.infer(case.briefing, case.conversation, friendship_only=case.verdict.friendship_only),
        _seed(case),
    )
    if case.verdict.recommendation.action is Action.DO_NOT_CONTACT:
        return _three(_unsent_response(context, index) for index in range(3))
    return _three(_response(context, index, message) for index, message in enumerate(_messages(context)))


def _three(responses: Iterable[SuggestedReply]) -> _Responses:
    """Return the responses as a tuple of three for the type checker."""
    safe, balanced, bold = responses
    return safe, balanced, bold


def _messages(context: _ReplyContext) -> list[_Message]:
    """Return three degrees of the user's draft, or three written replies if there is no draft."""
    draft = (context.case.briefing.draft or "").strip()
    # A draft without a word, such as ㅋㅋ, has no content to keep.
    if any(letter.isalpha() and letter not in _JAMO for letter in draft):
        solemn = context.replies.mood in load_rules().no_laughter
        texts = drafts.improve(draft, context.voice, solemn=solemn, choice=_pseudo_random(context.seed, 0, "draft"))
        return [_Message(text) for text in texts]
    return [_choose(context, index) for index in range(3)]


def _choose(context: _ReplyContext, index: int) -> _Message:
    """Return one of the variants that fit the user best. The choice depends only on the conversation."""
    options = _options(context, index)
    fits = {
        option.text: _fit(context.voice, option.text) + (_TOPIC_BONUS if option.has_topic else 0) for option in options
    }
    ranked = sorted(options, key=lambda option: -fits[option.text])
    min_fit = fits[ranked[0].text] - _MAX_FIT_DIFFERENCE
    best = [option for rank, option in enumerate(ranked) if rank < _MIN_OPTIONS or fits[option.text] > min_fit]
    return best[_pseudo_random(context.seed, index, "variant") % len(best)]


def _options(context: _ReplyContext, index: int) -> list[_Message]:
    """Return the replies of one degree without those that the user has already sent or would not write.

    A filter that leaves no reply is skipped.
    """
    user_texts = {line.text.strip() for line in context.case.conversation.lines_of(Role.ME)}
    filling = _filling(context, index)
    variants = [variant for variant in context.replies.degrees[index].variants if _is_usable(context, variant)]
    options = [_Message(_render(context, index, variant, filling), variant) for variant in variants]
    options = [option for option in options if option.text not in user_texts] or options
    return [option for option in options if context.voice.fits(option.text)] or options


def _render(context: _ReplyContext, index: int, variant: Variant, filling: Filling) -> str:
    """Return the text of a variant. Cut the safe reply to its first sentence if it is too long for the user."""
    text = templates.render(variant, context.voice, filling)
    if len(text) <= context.voice.max_length or _TYPES[index] is not ReplyType.SAFE:
        return text
    return templates.render_short(variant, context.voice, filling) or text


def _is_usable(context: _ReplyContext, variant: Variant) -> bool:
    return (
        context.voice.relationship_kind in variant.relationship_kinds
        and (variant.topic is None or variant.topic in context.case.intent.topics)
        and (variant.hours is None or _is_in_hours(context, variant.hours))
        and (variant.asks is None or not _is_answered(context.case.conversation, variant.asks))
    )


def _is_in_hours(context: _ReplyContext, name: str) -> bool:
    start, end = load_rules().hours[name]
    return start <= context.case.briefing.now.hour < end


def _is_answered(conversation: Conversation, question: str) -> bool:
    """Return whether the partner has just answered the question of a variant."""
    rules = question_rules()
    recent = conversation.spoken_lines[-rules.recent_lines :]
    return any(rules.answered[question].matches(line.text) for line in recent if line.role is Role.PARTNER)


def _filling(context: _ReplyContext, index: int) -> Filling:
    mood = context.replies.mood
    leads = load_rules().leads[mood].of(context.voice.level)
    solemn = mood in load_rules().no_laughter or _is_mood_low(context.case.conversation)
    draw = _pseudo_random(context.seed, index, "laughter") % 100 / 100
    return Filling(
        laughs=not solemn and draw < context.voice.laughter_share,
        # The three replies begin with different words, so that they do not read alike.
        lead=leads[(_pseudo_random(context.seed, 0, "lead") + index) % len(leads)],
        topics=context.case.intent.topics,
    )


def _is_mood_low(conversation: Conversation) -> bool:
    """Return whether the latest messages of either person are negative."""
    user_lines = conversation.lines_of(Role.ME)[-1:]
    return any(_is_negative([line.text for line in lines]) for lines in (conversation.burst, user_lines))


def _is_negative(texts: Sequence[str]) -> bool:
    return bool(texts) and fmean(sentiment_of(text).negative for text in texts) > _MAX_NEGATIVE_SHARE


def _fit(voice: Voice, text: str) -> float:
    """Return how well a reply fits the user's style, minus a penalty for a reply that is too long.

    While the style is unknown, the fit decreases with the distance from the usual length.
    """
    excess = max(0, len(text) - voice.max_length) / max(voice.max_length, 1)
    if voice.speech is None:
        return 1 - abs(len(text) - voice.usual_length) / 100 - excess
    return voice.style_fit(text) - excess


def _response(context: _ReplyContext, index: int, message: _Message) -> SuggestedReply:
    degree = context.replies.degrees[index]
    return SuggestedReply(
        type=_TYPES[index],
        message=message.text,
        explanation=_explanation(context, degree.move if message.variant else drafts.moves()[index]),
        risk_level=context.replies.risks[index],
        confidence=_confidence(context, index),
        advice=_advice(context, index, message.variant),
        expected_reaction=degree.reaction + ".",
        style_fit=round(context.voice.style_fit(message.text), 2),
        sendable=True,
    )


def _explanation(context: _ReplyContext, move: str) -> str:
    line = context.case.intent.line
    quote = f"‘{_shorten(line.text)}’, " if line and line.text.strip() and line.kind is Kind.TEXT else ""
    return f"{quote}{context.replies.interpretation} {move}."


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_QUOTE_LENGTH else text[: _MAX_QUOTE_LENGTH - 1].rstrip() + "…"


def _advice(context: _ReplyContext, index: int, variant: Variant | None) -> str:
    if context.case.verdict.recommendation.action is Action.WAIT and not context.is_crisis:
        return load_rules().advice_wait
    by_mood = load_rules().advice_also.get(_TYPES[index], {}).get(context.replies.mood, ())
    if by_mood and not context.is_crisis:
        advice = by_mood[_pseudo_random(context.seed, index, "advice") % len(by_mood)]
    else:
        advice = context.replies.advice
    assumption = load_rules().assumption.format(variant.assumes) if variant and variant.assumes else ""
    return f"{advice} {assumption}".strip()


def _confidence(context: _ReplyContext, index: int) -> float:
    lines = min(len(context.case.conversation.lines) / _MAX_LINES, 1.0)
    factor = load_rules().confidence_factors[_TYPES[index]]
    length_factor = _MIN_CONFIDENCE_FACTOR + (1 - _MIN_CONFIDENCE_FACTOR) * lines
    return round(context.case.intent.certainty * factor * length_factor, 2)


def _unsent_response(context: _ReplyContext, index: int) -> SuggestedReply:
    verdict = context.case.verdict
    quote = f"‘{_shorten(verdict.line.text)}’ " if verdict.line and verdict.line.text.strip() else ""
    return SuggestedReply(
        type=_TYPES[index],
        message="",
        explanation=f"{quote}{verdict.recommendation.reason}",
        risk_level=_UNSENT_RISKS[index],
        confidence=load_rules().unsent_confidence,
        advice=verdict.instead[index],
        expected_reaction=verdict.reaction,
        style_fit=0.0,
        sendable=False,
    )


def _seed(case: Case) -> str:
    """Return the texts that the choice of words depends on. The same chat gets the same words."""
    lines = [f"{line.role}:{line.kind}:{line.text}" for line in case.conversation.lines[-_MAX_LINES:]]
    texts = (case.conversation.description, case.briefing.goal, case.briefing.draft)
    return "\x1f".join([*lines, *(text or "" for text in texts)])


def _pseudo_random(seed: str, index: int, purpose: str) -> int:
    """Return a pseudo-random number that depends only on the arguments."""
    return int.from_bytes(hashlib.sha256(f"{purpose}{index}{seed}".encode()).digest()[:6])
