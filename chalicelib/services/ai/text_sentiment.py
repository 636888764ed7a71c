"""The sentiment, entities and key phrases of one text: by Comprehend, and by the local model where it has no result."""

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

# The most key phrases, and the most entities, in a reply.
_MAX_SPANS = 5


def analyse(caller: Caller, text: str) -> TextAnalysis:
    """Analyse a text with Comprehend.

    Comprehend sees the masked text. When it is too long for the units, its end is read. Key phrases and entities come
    from Comprehend only for a text of one piece. Category, intensity and summary always come from the local model,
    which starts from Comprehend's sentiment.
    """
    masker = Masker(caller.user_id, ())
    parts = [part for part in split_text(masker.mask(text)) if part.strip()]
    results = comprehend.ask(caller, _requests(parts))
    if not results.by_request:
        return TextAnalysis(emotion.analyse(text), results.units)
    local = emotion.analyse(text, _sentiment(parts, results))
    if len(parts) == 1:
        local = replace(
            local,
            key_phrases=_key_phrases(parts[0], results, masker, local),
            entities=_entities(parts[0], results, masker, local),
        )
    return TextAnalysis(replace(local, engine="comprehend"), results.units)


def _requests(parts: Sequence[str]) -> list[TextRequest]:
    """Return the requests in order of priority: sentiment from the end of the text, then a short text's other spans."""
    requests = [TextRequest(ComprehendOperation.SENTIMENT, part) for part in reversed(parts)]
    if len(parts) == 1:
        requests += [
            TextRequest(operation, parts[0])
            for operation in (ComprehendOperation.ENTITIES, ComprehendOperation.KEY_PHRASES)
        ]
    return requests


def _sentiment(parts: Sequence[str], results: Results) -> SentimentScores:
    """Return the mean over the parts, weighted by their length in characters."""
    scores = [(len(part), results.sentiment(part) or sentiment_of(part)) for part in parts]
    total = sum(length for length, _ in scores)
    return SentimentScores(
        sum(length * part.positive for length, part in scores) / total,
        sum(length * part.negative for length, part in scores) / total,
        sum(length * part.neutral for length, part in scores) / total,
        sum(length * part.mixed for length, part in scores) / total,
    )


def _key_phrases(part: str, results: Results, masker: Masker, local: TextEmotion) -> tuple[str, ...]:
    spans = results.spans(ComprehendOperation.KEY_PHRASES, part)
    if spans is None:
        return local.key_phrases
    return tuple(dict.fromkeys(phrase.text for phrase in _unmask_spans(part, spans, masker)))[:_MAX_SPANS]


def _entities(part: str, results: Results, masker: Masker, local: TextEmotion) -> tuple[Entity, ...]:
    spans = results.spans(ComprehendOperation.ENTITIES, part)
    if spans is None:
        return local.entities
    entities = [
        Entity(unmasked.text, unmasked.span.type, round(unmasked.span.confidence, 4))
        for unmasked in _unmask_spans(part, spans, masker)
    ]
    return tuple(entities[:_MAX_SPANS])


class _UnmaskedSpan(NamedTuple):
    span: TextSpan
    text: str


def _unmask_spans(part: str, spans: Sequence[TextSpan], masker: Masker) -> list[_UnmaskedSpan]:
    """Return the spans with the user's own words, by descending confidence. Drop those that stay masked."""
    ranked = sorted(spans, key=lambda span: -span.confidence)
    unmasked = (_UnmaskedSpan(span, masker.unmask(part[span.begin : span.end])) for span in ranked)
    return [each for each in unmasked if not find_masked_parts(each.text)]
