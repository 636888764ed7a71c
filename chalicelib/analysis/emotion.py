"""Recognise the emotion of a text: its category, its intensity, its key phrases and its entities.

The stems of the categories are in ``data/emotion_categories.json``, which describes its fields. ``sentiment`` rates how
positive or negative a text is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from chalicelib import data_files
from chalicelib.analysis.entities import EntityMatch, find_entities
from chalicelib.analysis.sentiment import SentimentCounts, sentiment_of, shares_from_scores
from chalicelib.analysis.sentiment_lexicon import Weight, load_lexicon
from chalicelib.analysis.sentiment_model import category_scores
from chalicelib.analysis.stem_list import StemList, any_of
from chalicelib.data_files import Data
from chalicelib.domain import SentimentScores, SpeechLevel
from chalicelib.domain.emotions import Entity, TextEmotion
from chalicelib.korean.endings import ending_of, without_urls
from chalicelib.korean.hangul import NO_FINAL, final_of
from chalicelib.korean.nouns import merge_forms, topic_forms
from chalicelib.korean.particles import with_particle

NEUTRAL = "neutral"
_NO_SCORES: Mapping[int, SentimentScores] = {}
_MAX_KEY_PHRASES = _MAX_ENTITIES = 5

# The terms of the intensity; ``analyse`` has the formula.
_PER_WEIGHT, _MAX_WEIGHT = 0.2, 3.0
_PER_INTENSIFIER, _MAX_INTENSIFIERS = 0.1, 2
_PER_PUNCTUATION, _MAX_PUNCTUATION = 0.05, 2
_PER_TEAR, _MAX_TEARS = 0.05, 4
_SOFTENER, _MIN_INTENSITY = 0.1, 0.05

# The logit that a word adds to its category, per weight.
_LOGIT_PER_WEIGHT = 2.5
# The weight of a feeling that no word names.
_UNNAMED_WEIGHT = 1.0
# A second category is named if its weight is at least this share of the first one's, and at least this weight.
_MIN_SECOND_SHARE = 0.5
_MIN_SECOND_WEIGHT = 1.0
# Many messages have a category if the sum of its intensities is at least this much per message.
_MIN_INTENSITY_PER_MESSAGE = 0.03

_MAX_NEGATOR_LENGTH = 5
_QUESTION = re.compile(r"[가-힣]{0,5}\s?[ㅋㅎㅠㅜ~]{0,9}[?？]")
_LAUGHTER, _TEARS, _PUNCTUATION = re.compile("[ㅋㅎ]+"), re.compile("[ㅠㅜ]+"), re.compile("[!?~]+")
_LETTER = re.compile(r"[가-힣A-Za-z]")
_MIN_NOUN_LENGTH = 2
_PARTICLES_AFTER_FINAL = ("이", "은", "과")
_PARTICLES_AFTER_VOWEL = ("가", "와", "랑", "로")
_PARTICLES_AFTER_ANY = ("도", "만", "에", "의")


class _Category(Data, frozen=True):
    feeling: str
    stems: dict[Weight, StemList]


class _MarkWeights(Data, frozen=True):
    category: str
    weights: tuple[tuple[int, float], ...]


class _Summaries(Data, frozen=True):
    neutral: str
    one: str
    two: str


class _KeyPhrases(Data, frozen=True):
    keep_final: tuple[str, ...]
    excluded: str


class EmotionsFile(Data, frozen=True):
    """``data/emotion_categories.json``, which describes its fields."""

    about: tuple[str, ...]
    categories: dict[str, _Category]
    neither: StemList
    asks_about_partner: StemList
    pleasant: StemList
    laughter: _MarkWeights
    tears: _MarkWeights
    intensifiers: StemList
    softeners: StemList
    degrees: tuple[tuple[float, str], ...]
    of_message: _Summaries
    of_messages: _Summaries
    without_letters: str
    key_phrases: _KeyPhrases


class _Stem(NamedTuple):
    category: str
    weight: float


class _Emotion(NamedTuple):
    """A category, its intensity, and the second category of the text, if there is one."""

    category: str
    intensity: float
    second: str | None = None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The stems of the categories. ``words`` matches the longest stem at each position."""

    words: re.Pattern[str]
    stems: Mapping[str, _Stem | None]
    order: Mapping[str, int]
    asks_about_partner: frozenset[str]
    pleasant: frozenset[str]
    negator_before: re.Pattern[str]
    negator_after: re.Pattern[str]
    intensifiers: re.Pattern[str]
    softeners: re.Pattern[str]
    not_topics: re.Pattern[str]


def analyse(text: str, sentiment: SentimentScores | None = None) -> TextEmotion:
    """Return the emotion of a text with its key phrases and entities.

    The category is the one with the largest sum of the model's logit and 2.5 times the weight of its words. A word
    weighs 1 to 3, or nothing if it is negated. Laughter and tears count if no word does. The category is neutral if no
    word names a feeling and the sentiment is neutral. With the weight of the category's words (1 if there are none),
    the intensity is

        0.2 * min(weight, 3) + 0.1 * min(intensifiers, 2) + 0.05 * min(punctuation, 2) + 0.05 * min(tears, 4)

    less 0.1 for a softener, and between 0.05 and 1. ``punctuation`` is the length of the longest run of ``!?~`` less
    one, ``tears`` the length of the longest run of ㅠㅜ. A neutral text has the intensity 0.

    Args:
        text: The text.
        sentiment: The sentiment by another engine. By default it is rated here.
    """
    plain = without_urls(text)
    sentiment = sentiment or sentiment_of(plain)
    emotion = _emotion(plain, sentiment)
    has_content = emotion.category != NEUTRAL or _LETTER.search(plain) is not None
    return TextEmotion(
        emotions=sentiment,
        category=emotion.category,
        intensity=emotion.intensity,
        key_phrases=_key_phrases([plain]),
        entities=_most_certain(find_entities(plain)),
        summary=_summary(emotion, _data().of_message) if has_content else _data().without_letters,
    )


def analyse_many(texts: Sequence[str], scores_by_index: Mapping[int, SentimentScores] = _NO_SCORES) -> TextEmotion:
    """Return the emotion of one person's messages together.

    The sentiment is the mean over the messages. The category is the one with the largest sum of intensities, or neutral
    if that sum is under 0.03 per message. The intensity is the mean over the messages of that category. Key phrases and
    entities are the most frequent.

    Args:
        texts: The messages.
        scores_by_index: The sentiment by another engine, for some of the messages.
    """
    plain = [without_urls(text) for text in texts]
    sentiments = [scores_by_index.get(index) or sentiment_of(text) for index, text in enumerate(plain)]
    counts = SentimentCounts()
    counts.add([shares_from_scores(scores) for scores in sentiments])
    emotion = _merge(list(map(_emotion, plain, sentiments)))
    return TextEmotion(
        emotions=counts.mean(),
        category=emotion.category,
        intensity=emotion.intensity,
        key_phrases=_key_phrases(plain),
        entities=_most_frequent(match for text in plain for match in find_entities(text)),
        summary=_summary(emotion, _data().of_messages) if texts else _data().without_letters,
    )


def _emotion(text: str, sentiment: SentimentScores) -> _Emotion:
    weights = _word_weights(text) or _mark_weights(text)
    if not weights and not _is_unnamed_feeling(text, sentiment):
        return _Emotion(NEUTRAL, 0.0)
    scores = category_scores(text)
    first = max(scores, key=lambda category: scores[category] + _LOGIT_PER_WEIGHT * weights.get(category, 0.0))
    weight = weights.pop(first, _UNNAMED_WEIGHT)
    min_weight = max(_MIN_SECOND_WEIGHT, _MIN_SECOND_SHARE * weight)
    second = next((category for category in _rank(weights) if weights[category] >= min_weight), None)
    return _Emotion(first, _intensity(text, weight), second)


def _rank(weights: Mapping[str, float]) -> list[str]:
    order = _lexicon().order
    return sorted(weights, key=lambda category: (-weights[category], order[category]))


def _word_weights(text: str) -> dict[str, float]:
    """Return the weight of the words of each category, without negated words and words that ask about another."""
    lexicon = _lexicon()
    weights: dict[str, float] = {}
    for match in lexicon.words.finditer(text):
        stem = lexicon.stems[match.group()]
        if stem is None or _is_negated(text, match):
            continue
        if stem.category not in lexicon.asks_about_partner or not _is_question(text, match):
            weights[stem.category] = weights.get(stem.category, 0.0) + stem.weight
    return weights


def _is_negated(text: str, match: re.Match[str]) -> bool:
    lexicon, end = _lexicon(), match.end()
    before = text[max(match.start() - _MAX_NEGATOR_LENGTH, 0) : match.start()]
    after = lexicon.negator_after
    # A stem may include the 지 of its negation: 좋지 않아.
    return bool(lexicon.negator_before.search(before) or after.match(text, end) or after.match(text, end - 1))


def _is_question(text: str, match: re.Match[str]) -> bool:
    return _QUESTION.match(text, match.end()) is not None


def _mark_weights(text: str) -> dict[str, float]:
    """Return the weights of tears and laughter. A longer run weighs more; a single ㅋ weighs nothing."""
    weights: dict[str, float] = {}
    for mark, pattern in ((_data().tears, _TEARS), (_data().laughter, _LAUGHTER)):
        run = _longest_run(pattern, text)
        weight = next((weight for min_length, weight in mark.weights if run >= min_length), 0.0)
        if weight:
            weights[mark.category] = weight
    return weights


def _is_unnamed_feeling(text: str, sentiment: SentimentScores) -> bool:
    """Return whether a text without a counted word expresses a feeling by its sentiment.

    A negated pleasant word is an unpleasant feeling. A negated unpleasant word is not a feeling.
    """
    lexicon = _lexicon()
    stems = [lexicon.stems[word] for word in lexicon.words.findall(text)]
    if sentiment.sentiment == "POSITIVE":
        return not stems
    all_pleasant = all(stem and stem.category in lexicon.pleasant for stem in stems)
    return sentiment.sentiment == "NEGATIVE" and all_pleasant


def _intensity(text: str, weight: float) -> float:
    lexicon = _lexicon()
    punctuation = max(_longest_run(_PUNCTUATION, text) - 1, 0)
    intensity = (
        _PER_WEIGHT * min(weight, _MAX_WEIGHT)
        + _PER_INTENSIFIER * min(len(lexicon.intensifiers.findall(text)), _MAX_INTENSIFIERS)
        + _PER_PUNCTUATION * min(punctuation, _MAX_PUNCTUATION)
        + _PER_TEAR * min(_longest_run(_TEARS, text), _MAX_TEARS)
        - (_SOFTENER if lexicon.softeners.search(text) else 0.0)
    )
    return round(min(max(intensity, _MIN_INTENSITY), 1.0), 2)


def _longest_run(pattern: re.Pattern[str], text: str) -> int:
    return max((len(run) for run in pattern.findall(text)), default=0)


def _merge(emotions: Sequence[_Emotion]) -> _Emotion:
    """Return the emotion of many messages, given that of each."""
    sums: dict[str, float] = {}
    for emotion in emotions:
        sums[emotion.category] = sums.get(emotion.category, 0.0) + emotion.intensity
    sums.pop(NEUTRAL, None)
    ranked = _rank(sums)
    if not ranked or sums[ranked[0]] < _MIN_INTENSITY_PER_MESSAGE * len(emotions):
        return _Emotion(NEUTRAL, 0.0)
    first = ranked[0]
    intensities = [emotion.intensity for emotion in emotions if emotion.category == first]
    second = ranked[1] if len(ranked) > 1 and sums[ranked[1]] >= _MIN_SECOND_SHARE * sums[first] else None
    return _Emotion(first, round(sum(intensities) / len(intensities), 2), second)


def _summary(emotion: _Emotion, summaries: _Summaries) -> str:
    if emotion.category == NEUTRAL:
        return summaries.neutral
    categories = _data().categories
    degree = next(degree for min_intensity, degree in _data().degrees if emotion.intensity >= min_intensity)
    sentence = summaries.two if emotion.second else summaries.one
    return sentence.format(
        feeling=with_particle(categories[emotion.category].feeling, "이/가"),
        degree=degree,
        second=categories[emotion.second].feeling + "도" if emotion.second else "",
    )


def _key_phrases(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the most frequent topic words, without verbs, feelings and dates. Ties keep their order."""
    words: Counter[str] = Counter()
    for form, count in merge_forms(Counter(form for text in texts for form in topic_forms(text))).items():
        words[_without_particle(form)] += count
    topics = (word for word, _ in words.most_common() if _is_topic(word))
    return tuple(islice(topics, _MAX_KEY_PHRASES))


def _without_particle(form: str) -> str:
    """Remove a particle that matches the last sound before it. A single text repeats too little to compare forms."""
    if len(form) <= _MIN_NOUN_LENGTH or form.endswith(_data().key_phrases.keep_final):
        return form
    particles = _PARTICLES_AFTER_VOWEL if final_of(form[-2]) == NO_FINAL else _PARTICLES_AFTER_FINAL
    return form[:-1] if form[-1] in (*particles, *_PARTICLES_AFTER_ANY) else form


def _is_topic(word: str) -> bool:
    lexicon = _lexicon()
    match = lexicon.words.match(word)
    stem = lexicon.stems[match.group()] if match else None
    ending = ending_of(word)
    return not (
        (stem and stem.weight > 1)
        or (ending and ending.level is not SpeechLevel.NEUTRAL)
        or lexicon.not_topics.search(word)
        or not topic_forms(word)
        or any(match.entity.type == "DATE" and match.end >= len(word) for match in find_entities(word))
    )


def _most_certain(matches: Sequence[EntityMatch]) -> tuple[Entity, ...]:
    """Return the most certain entities in the order of the text, each once."""
    entities = list({(match.entity.type, match.entity.text): match.entity for match in matches}.values())
    best = sorted(entities, key=lambda entity: -entity.confidence)[:_MAX_ENTITIES]
    return tuple(entity for entity in entities if entity in best)


def _most_frequent(matches: Iterable[EntityMatch]) -> tuple[Entity, ...]:
    counts = Counter(match.entity for match in matches)
    ranked = sorted(counts, key=lambda entity: -counts[entity] * entity.confidence)
    return tuple(ranked[:_MAX_ENTITIES])


@cache
def _lexicon() -> _Lexicon:
    data, negators = _data(), load_lexicon()
    stems: dict[str, _Stem | None] = dict.fromkeys(data.neither)
    for name, category in data.categories.items():
        for weight, listed in category.stems.items():
            stems |= dict.fromkeys(listed, _Stem(name, float(weight)))
    first_letters = re.escape("".join({stem[0] for stem in stems}))
    return _Lexicon(
        words=re.compile(f"(?=[{first_letters}])(?:{any_of(stems)})"),
        stems=stems,
        order={category: rank for rank, category in enumerate(data.categories)},
        asks_about_partner=frozenset(data.asks_about_partner),
        pleasant=frozenset(data.pleasant),
        negator_before=re.compile(rf"(?<![가-힣])(?:{any_of(negators.negators_before)})\s?$"),
        negator_after=re.compile(rf"[가-힣]?(?:{any_of(negators.negators_after)})"),
        intensifiers=re.compile(any_of(data.intensifiers)),
        softeners=re.compile(any_of(data.softeners)),
        not_topics=re.compile(data.key_phrases.excluded),
    )


@cache
def _data() -> EmotionsFile:
    return data_files.load(Path(__file__).parent / "data" / "emotion_categories.json", EmotionsFile)


def category_codes() -> tuple[str, ...]:
    """Return the codes of all categories but neutral, in the order in which they win a tie."""
    return tuple(_data().categories)
