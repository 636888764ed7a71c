"""The sentiment, entities and key phrases of one text, by Comprehend or, where it has no result, by the local model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.analysis import emotion
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.analysis.text_windows import split_text
from chalicelib.domain import Caller, ComprehendOperation, SentimentScores, TextEmotion, TextSpan
from chalicelib.domain.emotions import Entity, TextAnalysis
from chalicelib.masking.masker import Masker, find_masked_parts
from chalicelib.services.ai import comprehend
from chalicelib.services.ai.comprehend import Results, TextRequest

# A reply has at most this many key phrases, and as many entities.
_MAX_SPANS = 5


def analyse(caller: Caller, text: str) -> TextAnalysis:
    """Analyse a text with Comprehend.

    Comprehend receives the masked text, and only its end if the whole text exceeds the limit of units. Key phrases and
    entities come from Comprehend only for a text of one piece. Category, intensity and summary always come from the
    local model, which starts from Comprehend's sentiment.
    """
    masker = Masker(caller.user_id, ())
    text_pieces = [piece for piece in split_text(masker.mask(text)) if piece.strip()]
    results = comprehend.ask(caller, _requests(text_pieces))
    if not results.by_request:
        return TextAnalysis(emotion.analyse(text), results.units)
    local_emotion = emotion.analyse(text, _sentiment(text_pieces, results))
    if len(text_pieces) == 1:
        local_emotion = replace(
            local_emotion,
            key_phrases=_key_phrases(text_pieces[0], results, masker, local_emotion),
            entities=_entities(text_pieces[0], results, masker, local_emotion),
        )
    return TextAnalysis(replace(local_emotion, engine="comprehend"), results.units)


def _requests(text_pieces: Sequence[str]) -> list[TextRequest]:
    """Return the requests in descending order of priority: first sentiment, from the last piece to the first."""
    requests = [TextRequest(ComprehendOperation.SENTIMENT, piece) for piece in reversed(text_pieces)]
    if len(text_pieces) == 1:
        requests += [
            TextRequest(operation, text_pieces[0])
            for operation in (ComprehendOperation.ENTITIES, ComprehendOperation.KEY_PHRASES)
        ]
    return requests


def _sentiment(text_pieces: Sequence[str], results: Results) -> SentimentScores:
    """Return the mean over the pieces, weighted by their length in characters."""
    weighted = [(len(piece), results.sentiment(piece) or sentiment_of(piece)) for piece in text_pieces]
    total = sum(length for length, _ in weighted)
    return SentimentScores(
        sum(length * scores.positive for length, scores in weighted) / total,
        sum(length * scores.negative for length, scores in weighted) / total,
        sum(length * scores.neutral for length, scores in weighted) / total,
        sum(length * scores.mixed for length, scores in weighted) / total,
    )


def _key_phrases(piece: str, results: Results, masker: Masker, local_emotion: TextEmotion) -> tuple[str, ...]:
    spans = results.spans(ComprehendOperation.KEY_PHRASES, piece)
    if spans is None:
        return local_emotion.key_phrases
    return tuple(dict.fromkeys(phrase.text for phrase in _unmask_spans(piece, spans, masker)))[:_MAX_SPANS]


def _entities(piece: str, results: Results, masker: Masker, local_emotion: TextEmotion) -> tuple[Entity, ...]:
    spans = results.spans(ComprehendOperation.ENTITIES, piece)
    if spans is None:
        return local_emotion.entities
    entities = [
        Entity(unmasked.text, unmasked.span.type, round(unmasked.span.confidence, 4))
        for unmasked in _unmask_spans(piece, spans, masker)
    ]
    return tuple(entities[:_MAX_SPANS])


class _UnmaskedSpan(NamedTuple):
    """A span of the masked text, and its original words."""

    span: TextSpan
    text: str


def _unmask_spans(piece: str, spans: Sequence[TextSpan], masker: Masker) -> list[_UnmaskedSpan]:
    """Return the spans with their original words, by descending confidence. Drop those that cannot be unmasked."""
    ranked = sorted(spans, key=lambda span: -span.confidence)
    unmasked = (_UnmaskedSpan(span, masker.unmask(piece[span.begin : span.end])) for span in ranked)
    return [each for each in unmasked if not find_masked_parts(each.text)]
