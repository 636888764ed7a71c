"""A single text as Comprehend reads it, and the local model where Comprehend does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.analysis import emotion
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.analysis.text_windows import split_text
from chalicelib.domain import Caller, ComprehendCall, SentimentScores, TextEmotion, TextSpan
from chalicelib.domain.emotions import Entity
from chalicelib.masking.masker import Masker, left_over
from chalicelib.services.ai import comprehend
from chalicelib.services.ai.comprehend import Answers, Question

# Of key phrases and of entities.
_SHOWN = 5


def read(caller: Caller, text: str) -> tuple[TextEmotion, int]:
    """The feeling of a text and what it names, and the units of Comprehend that this took.

    Comprehend is shown the masked text, the end of it first as far as the units go. Key phrases and entities are
    its own where the text is one piece; category, intensity and summary are the local model's, from these emotions.
    """
    masker = Masker(caller.user_id, ())
    parts = [part for part in split_text(masker.mask(text)) if part.strip()]
    answers = comprehend.ask(caller, _questions(parts))
    if not answers.found:
        return emotion.analyse(text), answers.units
    found = emotion.analyse(text, _emotions(parts, answers))
    if len(parts) == 1:
        found = replace(
            found,
            key_phrases=_key_phrases(parts[0], answers, masker, found),
            entities=_entities(parts[0], answers, masker, found),
        )
    return replace(found, engine="comprehend"), answers.units


def _questions(parts: Sequence[str]) -> list[Question]:
    sentiments = [(ComprehendCall.SENTIMENT, part) for part in reversed(parts)]
    named = [
        (operation, parts[0]) for operation in (ComprehendCall.ENTITIES, ComprehendCall.KEY_PHRASES) if len(parts) == 1
    ]
    return [*sentiments, *named]


def _emotions(parts: Sequence[str], answers: Answers) -> SentimentScores:
    """The mean over the parts, each weighing its characters."""
    read = [(len(part), answers.sentiment(part) or sentiment_of(part)) for part in parts]
    whole = sum(length for length, _ in read)
    shares = (
        sum(length * getattr(emotions, name) for length, emotions in read) / whole
        for name in ("positive", "negative", "neutral", "mixed")
    )
    return SentimentScores(*shares)


def _key_phrases(part: str, answers: Answers, masker: Masker, local: TextEmotion) -> tuple[str, ...]:
    found = answers.places(ComprehendCall.KEY_PHRASES, part)
    if found is None:
        return local.key_phrases
    return tuple(dict.fromkeys(phrase for _, phrase in _said(part, found, masker)))[:_SHOWN]


def _entities(part: str, answers: Answers, masker: Masker, local: TextEmotion) -> tuple[Entity, ...]:
    found = answers.places(ComprehendCall.ENTITIES, part)
    if found is None:
        return local.entities
    entities = [Entity(said, place.type, round(place.confidence, 4)) for place, said in _said(part, found, masker)]
    return tuple(entities[:_SHOWN])


def _said(part: str, places: Sequence[TextSpan], masker: Masker) -> list[tuple[TextSpan, str]]:
    """What stands at the places, in the user's words, the surest first; not what was masked for good."""
    ranked = sorted(places, key=lambda place: -place.confidence)
    said = ((place, masker.unmask(part[place.begin : place.end])) for place in ranked)
    return [(place, words) for place, words in said if not left_over(words)]
