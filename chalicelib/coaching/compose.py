"""Three replies that differ in what they dare, in the user's own way of writing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from chalicelib.analysis import speech
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.coaching import drafts, resources, templates, voice
from chalicelib.coaching.case import Case
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.templates import Entry, Filling, Variant
from chalicelib.coaching.voice import Voice
from chalicelib.domain import Action, Briefing, Response, ResponseType, Role

_QUOTE = 20
_MANY_LINES = 20
_CLOSE_ENOUGH = 0.1
_AT_LEAST = 4
_UNKNOWN_FIT = 0.5
# A mean probability of bad feeling above which a mood is low.
_LOW = 0.6
# What takes up a word of the partner's is worth this much of style.
_TAKES_UP = 0.06
_JAMO = frozenset(map(chr, range(ord("ㄱ"), ord("ㅣ") + 1)))

Three = tuple[Response, Response, Response]


@dataclass(frozen=True, slots=True)
class _ReplyContext:
    """What the three replies to a case have in common."""

    case: Case
    entry: Entry
    voice: Voice
    seed: str


def compose(case: Case) -> Three:
    """Return the three replies; empty ones, with what to do instead, when nothing may be sent."""
    context = _ReplyContext(
        case,
        templates.entries()[case.intent.name],
        voice.infer(case.briefing, case.conversation, friendship_only=case.verdict.friendship_only),
        _seed(case.briefing, case.conversation),
    )
    if case.verdict.recommendation.action is Action.DO_NOT_CONTACT:
        return _three(_unsent(context, index) for index in range(3))
    messages = _messages(context)
    return _three(_response(context, index, *messages[index]) for index in range(3))


def _three(responses: Iterable[Response]) -> Three:
    first, second, third = responses
    return first, second, third


def _messages(context: _ReplyContext) -> list[tuple[str, Variant | None]]:
    draft = (context.case.briefing.draft or "").strip()
    # A draft without a word, ㅋㅋ say, has nothing to keep.
    if any(letter.isalpha() and letter not in _JAMO for letter in draft):
        solemn = context.entry.mood in resources.load("style")["no_laughter"]
        improved = drafts.improve(draft, context.voice, solemn=solemn, choice=_number(context.seed, 0, "draft"))
        return [(text, None) for text in improved]
    return [_choose(context, index) for index in range(3)]


def _choose(context: _ReplyContext, index: int) -> tuple[str, Variant]:
    """Return a variant of those that fit the user best, a different one for a different chat."""
    degree = context.entry.degrees[templates.DEGREES[index]]
    said = {line.text.strip() for line in context.case.conversation.said_by(Role.ME)}
    filling = _filling(context, index)
    usable = [variant for variant in degree.variants if _usable(context, variant)]
    written = [(_written(context, index, variant, filling), variant) for variant in usable]
    fresh = [(text, variant) for text, variant in written if text not in said] or written
    fitting = [option for option in fresh if context.voice.fits(option[0])]
    fits = {text: _fit(context.voice, text) + (_TAKES_UP if variant.topic else 0) for text, variant in fitting or fresh}
    ranked = sorted(fitting or fresh, key=lambda option: -fits[option[0]])
    best = fits[ranked[0][0]]
    close = [option for n, option in enumerate(ranked) if n < _AT_LEAST or fits[option[0]] > best - _CLOSE_ENOUGH]
    return close[_number(context.seed, index, "variant") % len(close)]


def _written(context: _ReplyContext, index: int, variant: Variant, filling: Filling) -> str:
    text = templates.render(variant, context.voice, filling)
    if len(text) <= context.voice.longest:
        return text
    return (templates.render_short(variant, context.voice, filling) if index == 0 else None) or text


def _usable(context: _ReplyContext, variant: Variant) -> bool:
    return (
        context.voice.group in variant.groups
        and (variant.topic is None or variant.topic in context.case.intent.topics)
        and (variant.hours is None or _in_hours(context, variant.hours))
        and (variant.asks is None or not _answered(context.case.conversation, variant.asks))
    )


def _in_hours(context: _ReplyContext, name: str) -> bool:
    start, end = resources.load("style")["hours"][name]
    return bool(start <= context.case.briefing.now.hour < end)


def _answered(conversation: Conversation, asks: str) -> bool:
    """Whether the partner has just said what the variant would ask."""
    table = resources.load("asks")
    recent = conversation.spoken[-table["recent_lines"] :]
    return any(
        resources.matches_any(table["answered"][asks], line.text) for line in recent if line.role is Role.PARTNER
    )


def _filling(context: _ReplyContext, index: int) -> Filling:
    style = resources.load("style")
    leads = style["leads"][context.entry.mood][context.voice.level]
    solemn = context.entry.mood in style["no_laughter"] or _is_low(context.case.conversation)
    share = _number(context.seed, index, "laughter") % 100 / 100
    return Filling(
        laughs=not solemn and share < context.voice.laughing,
        cries=True,
        # The three begin differently, so that they do not read as one.
        lead=leads[(_number(context.seed, 0, "lead") + index) % len(leads)],
        topics=context.case.intent.topics,
    )


def _is_low(conversation: Conversation) -> bool:
    """Whether one of the two feels bad by their last lines: then nobody laughs."""
    mine = conversation.said_by(Role.ME)[-1:]
    return any(_feels_bad([line.text for line in lines]) for lines in (conversation.burst, mine))


def _feels_bad(texts: Sequence[str]) -> bool:
    return bool(texts) and fmean(sentiment_of(text).negative for text in texts) > _LOW


def _fit(voice: Voice, text: str) -> float:
    too_long = max(0, len(text) - voice.longest) / max(voice.longest, 1)
    if voice.speech is None:
        return 1 - abs(len(text) - voice.usual) / 100 - too_long
    return speech.style_fit(text, voice.speech) - too_long


def _response(context: _ReplyContext, index: int, message: str, variant: Variant | None) -> Response:
    name = templates.DEGREES[index]
    degree = context.entry.degrees[name]
    fit = speech.style_fit(message, context.voice.speech) if context.voice.speech else _UNKNOWN_FIT
    return Response(
        type=ResponseType(name),
        message=message,
        explanation=_explanation(context, degree.move if variant else drafts.moves()[index]),
        risk_level=context.entry.risks[index],
        confidence=_confidence(context, name),
        advice=_advice(context, index, variant),
        expected_reaction=degree.reaction + ".",
        style_fit=round(fit, 2),
        sendable=True,
    )


def _explanation(context: _ReplyContext, move: str) -> str:
    line = context.case.intent.line
    quote = f"‘{_shortened(line.text)}’, " if line and line.text.strip() and line.kind == "text" else ""
    return f"{quote}{context.entry.reading} {move}."


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE else text[: _QUOTE - 1].rstrip() + "…"


def _advice(context: _ReplyContext, index: int, variant: Variant | None) -> str:
    style = resources.load("style")
    if context.case.verdict.recommendation.action is Action.WAIT and not context.case.intent.name.startswith("crisis"):
        return str(style["advice_wait"])
    also = style["advice_also"].get(templates.DEGREES[index], {}).get(context.entry.mood)
    own = index == 0 or not also or context.case.intent.name.startswith("crisis")
    advice = context.entry.advice if own else also[_number(context.seed, index, "advice") % len(also)]
    granted = style["assumes"].format(variant.assumes) if variant and variant.assumes else ""
    return f"{advice} {granted}".strip()


def _confidence(context: _ReplyContext, name: str) -> float:
    lines = min(len(context.case.conversation.lines) / _MANY_LINES, 1.0)
    factor = float(resources.load("style")["factor"][name])
    return round(context.case.intent.certainty * factor * (0.85 + 0.15 * lines), 2)


def _unsent(context: _ReplyContext, index: int) -> Response:
    style = resources.load("style")["nothing_sent"]
    line = context.case.verdict.line
    quote = f"‘{_shortened(line.text)}’ " if line and line.text.strip() else ""
    return Response(
        type=ResponseType(templates.DEGREES[index]),
        message="",
        explanation=f"{quote}{context.case.verdict.recommendation.reason}",
        risk_level=(1, 2, 3)[index],
        confidence=style["confidence"],
        advice=context.case.verdict.instead[index],
        expected_reaction=context.case.verdict.reaction,
        style_fit=0.0,
        sendable=False,
    )


def _seed(briefing: Briefing, conversation: Conversation) -> str:
    """The conversation itself: another chat gets other words, the same chat the same."""
    said = [f"{line.role}:{line.kind}:{line.text}" for line in conversation.lines[-_MANY_LINES:]]
    told: Sequence[str | None] = (conversation.description, briefing.goal, briefing.draft)
    return "\x1f".join([*said, *(part or "" for part in told)])


def _number(seed: str, index: int, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose}{index}{seed}".encode()).digest()[:6])
