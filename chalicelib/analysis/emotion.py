"""The feeling of a text by name and strength, and what the text is about.

The feelings' words are ``data/emotion_categories.json``, what may be named ``data/entities.json``; each says how it
is read. How positive or negative a text is remains ``emotion``'s to say.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from chalicelib.analysis.sentiment import SentimentCounts, sentiment_of, shares_from
from chalicelib.analysis.sentiment_model import category_scores
from chalicelib.domain import SentimentScores, SpeechLevel
from chalicelib.domain.emotions import Entity, TextEmotion
from chalicelib.korean.endings import ending_of, final_of, without_urls
from chalicelib.korean.nouns import joined, topic_forms

NEUTRAL = "neutral"
NOT_READ: Mapping[int, SentimentScores] = {}
_SHOWN = 5

# Intensity: see ``analyse``.
_PER_WEIGHT, _MOST_WEIGHT = 0.2, 3.0
_PER_INTENSIFIER, _MOST_INTENSIFIERS = 0.1, 2
_PER_MARK, _MOST_MARKS = 0.05, 2
_PER_TEAR, _MOST_TEARS = 0.05, 4
_SOFTENED, _LEAST = 0.1, 0.05

# What a word's weight adds to its category's logit; what a feeling weighs that no word names.
_PER_WORD_WEIGHT = 2.5
_UNNAMED_WEIGHT = 1.0
_SECOND = 0.5
_SECOND_LEAST = 1.0
# Of many messages: the least summed intensity per message for a category to be theirs.
_MANY_LEAST = 0.03

_TREND_DAYS, _TREND_MESSAGES = 4, 20
_TREND_CHANGE, _TREND_ERRORS, _TREND_CAP = 0.15, 2.0, 3.0

_LONGEST_NEGATOR = 5
_QUESTION = re.compile(r"[가-힣]{0,5}\s?[ㅋㅎㅠㅜ~]{0,9}[?？]")
_LAUGHTER, _TEARS, _MARKS = re.compile("[ㅋㅎ]+"), re.compile("[ㅠㅜ]+"), re.compile("[!?~]+")
_SPOKEN = re.compile(r"[가-힣A-Za-z]")
_SHORTEST = 2
_AFTER_FINAL, _AFTER_VOWEL, _AFTER_ANY = ("이", "은", "과"), ("가", "와", "랑", "로"), ("도", "만", "에", "의")


class _Stem(NamedTuple):
    category: str
    weight: float


class _Feeling(NamedTuple):
    """A category and its weight in a text, the next after it, and the intensity."""

    category: str
    intensity: float
    second: str | None = None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The words of the categories; ``words`` finds them, the longest at each place."""

    words: re.Pattern[str]
    stems: Mapping[str, _Stem | None]
    order: Mapping[str, int]
    asked: frozenset[str]
    pleasant: frozenset[str]
    negated_before: re.Pattern[str]
    negated_after: re.Pattern[str]
    intensifiers: re.Pattern[str]
    softeners: re.Pattern[str]


class _Namer(NamedTuple):
    type: str
    confidence: float
    pattern: re.Pattern[str]


class _Found(NamedTuple):
    start: int
    end: int
    rank: int
    entity: Entity


def analyse(text: str, emotions: SentimentScores | None = None) -> TextEmotion:
    """Return the feeling of a text and what it names; ``emotions`` are somebody else's reading of it.

    The category is the one with the largest sum of the model's logit and 2.5 times what its words weigh (each 1 to 3,
    negated ones nothing; laughter and tears where no word does). It is neutral where no word names a feeling and
    ``emotion`` reads none. Its intensity, of the words' weight or 1, is

        0.2 * min(weight, 3) + 0.1 * min(intensifiers, 2) + 0.05 * min(marks, 2) + 0.05 * min(tears, 4)

    less 0.1 for a softener, from 0.05 to 1, where marks are those of the longest run of ``!?~`` after its first and
    tears the length of the longest run of ㅠㅜ; 0 for a neutral text.
    """
    plain = without_urls(text)
    emotions = emotions or sentiment_of(plain)
    feeling = _feeling(plain, emotions)
    return TextEmotion(
        emotions=emotions,
        category=feeling.category,
        intensity=feeling.intensity,
        key_phrases=_key_phrases([plain]),
        entities=_most_certain(_entities(plain)),
        summary=_summary(feeling, many=False) if _says_something(plain, feeling) else str(_data()["nothing"]),
    )


def analyse_many(texts: Sequence[str], read: Mapping[int, SentimentScores] = NOT_READ) -> TextEmotion:
    """Return the feeling of one person's messages together; ``read`` are somebody else's readings, by message.

    Emotions are the mean of the messages'. The category is the one with the largest sum of intensities, neutral when
    that is under 0.03 a message; the intensity is the mean of the messages that show it. Key phrases and entities
    are the most frequent.
    """
    plain = [without_urls(text) for text in texts]
    emotions = [read.get(index) or sentiment_of(text) for index, text in enumerate(plain)]
    counts = SentimentCounts()
    counts.add([shares_from(each) for each in emotions])
    feeling = _shared(list(map(_feeling, plain, emotions)))
    return TextEmotion(
        emotions=counts.emotions(),
        category=feeling.category,
        intensity=feeling.intensity,
        key_phrases=_key_phrases(plain),
        entities=_most_said(found for text in plain for found in _entities(text)),
        summary=_summary(feeling, many=True) if texts else str(_data()["nothing"]),
    )


def trend(points: Sequence[tuple[int, float]]) -> str | None:
    """Return whether somebody's feeling is rising, steady or falling.

    Args:
        points: Of each day, oldest first, the messages and their mean positive minus negative share.

    A line is laid through the days by weighted least squares, each weighing its messages, at most three times the
    median day's, so that one long evening does not decide. The change is what the line climbs from the first day to
    the last; it rises or falls when that is at least 0.15 and at least twice its standard error, else it is steady.
    None for fewer than four days with messages, or fewer than 20 messages in all.
    """
    days = [(messages, mean) for messages, mean in points if messages > 0]
    if len(days) < _TREND_DAYS or sum(messages for messages, _ in days) < _TREND_MESSAGES:
        return None
    change, error = _change(days)
    if abs(change) < _TREND_CHANGE or abs(change) < _TREND_ERRORS * error:
        return "steady"
    return "rising" if change > 0 else "falling"


def _change(days: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """What the weighted line climbs over all the days, and the standard error of that."""
    cap = _TREND_CAP * median(messages for messages, _ in days)
    points = [(min(messages, cap), day, mean) for day, (messages, mean) in enumerate(days)]
    whole = sum(weight for weight, _, _ in points)
    centre = sum(weight * day for weight, day, _ in points) / whole
    level = sum(weight * mean for weight, _, mean in points) / whole
    spread = sum(weight * (day - centre) ** 2 for weight, day, _ in points)
    slope = sum(weight * (day - centre) * (mean - level) for weight, day, mean in points) / spread
    left = sum(weight * (mean - level - slope * (day - centre)) ** 2 for weight, day, mean in points)
    error = sqrt(left / (len(days) - 2) / spread)
    return slope * (len(days) - 1), error * (len(days) - 1)


def _feeling(text: str, emotions: SentimentScores) -> _Feeling:
    weights = _weights(text) or _signs(text)
    if not weights and not _leans(text, emotions):
        return _Feeling(NEUTRAL, 0.0)
    scores = category_scores(text)
    first = max(scores, key=lambda category: scores[category] + _PER_WORD_WEIGHT * weights.get(category, 0.0))
    weight = weights.pop(first, _UNNAMED_WEIGHT)
    others = [category for category in _ranked(weights) if weights[category] >= max(_SECOND_LEAST, _SECOND * weight)]
    return _Feeling(first, _intensity(text, weight), others[0] if others else None)


def _ranked(weights: Mapping[str, float]) -> list[str]:
    order = _lexicon().order
    return sorted(weights, key=lambda category: (-weights[category], order[category]))


def _weights(text: str) -> dict[str, float]:
    """What the words of each category weigh, without those negated or asked of another."""
    lexicon = _lexicon()
    weights: dict[str, float] = {}
    for match in lexicon.words.finditer(text):
        stem = lexicon.stems[match.group()]
        if stem and not _is_negated(text, match) and not (stem.category in lexicon.asked and _is_asked(text, match)):
            weights[stem.category] = weights.get(stem.category, 0.0) + stem.weight
    return weights


def _is_negated(text: str, match: re.Match[str]) -> bool:
    lexicon, end = _lexicon(), match.end()
    before = text[max(match.start() - _LONGEST_NEGATOR, 0) : match.start()]
    after = lexicon.negated_after
    # A stem may hold the 지 of its negation: 좋지 않아.
    return bool(lexicon.negated_before.search(before) or after.match(text, end) or after.match(text, end - 1))


def _is_asked(text: str, match: re.Match[str]) -> bool:
    return _QUESTION.match(text, match.end()) is not None


def _signs(text: str) -> dict[str, float]:
    """What laughter and tears alone weigh: the longer the run, the more; a single ㅋ nothing."""
    weights: dict[str, float] = {}
    for sign, pattern in (("tears", _TEARS), ("laughter", _LAUGHTER)):
        rule, run = _data()[sign], _longest(pattern, text)
        weight = next((weight for length, weight in rule["weights"] if run >= length), 0.0)
        if weight:
            weights[rule["category"]] = weight
    return weights


def _leans(text: str, emotions: SentimentScores) -> bool:
    """Whether a text says a feeling by its sentiment alone: a good word negated is a bad one, a bad one is none."""
    lexicon = _lexicon()
    stems = [lexicon.stems[word] for word in lexicon.words.findall(text)]
    if emotions.sentiment == "POSITIVE":
        return not stems
    pleasant = all(stem and stem.category in lexicon.pleasant for stem in stems)
    return emotions.sentiment == "NEGATIVE" and pleasant


def _intensity(text: str, weight: float) -> float:
    lexicon = _lexicon()
    marks = max(_longest(_MARKS, text) - 1, 0)
    intensity = (
        _PER_WEIGHT * min(weight, _MOST_WEIGHT)
        + _PER_INTENSIFIER * min(len(lexicon.intensifiers.findall(text)), _MOST_INTENSIFIERS)
        + _PER_MARK * min(marks, _MOST_MARKS)
        + _PER_TEAR * min(_longest(_TEARS, text), _MOST_TEARS)
        - (_SOFTENED if lexicon.softeners.search(text) else 0.0)
    )
    return round(min(max(intensity, _LEAST), 1.0), 2)


def _longest(pattern: re.Pattern[str], text: str) -> int:
    return max((len(run) for run in pattern.findall(text)), default=0)


def _shared(feelings: Sequence[_Feeling]) -> _Feeling:
    sums: dict[str, float] = {}
    for feeling in feelings:
        sums[feeling.category] = sums.get(feeling.category, 0.0) + feeling.intensity
    sums.pop(NEUTRAL, None)
    ranked = _ranked(sums)
    if not ranked or sums[ranked[0]] < _MANY_LEAST * len(feelings):
        return _Feeling(NEUTRAL, 0.0)
    first = ranked[0]
    shown = [feeling.intensity for feeling in feelings if feeling.category == first]
    second = ranked[1] if len(ranked) > 1 and sums[ranked[1]] >= _SECOND * sums[first] else None
    return _Feeling(first, round(sum(shown) / len(shown), 2), second)


def _says_something(text: str, feeling: _Feeling) -> bool:
    return feeling.category != NEUTRAL or _SPOKEN.search(text) is not None


def _summary(feeling: _Feeling, *, many: bool) -> str:
    data = _data()
    if feeling.category == NEUTRAL:
        return str(data["neutral"]["many" if many else "summary"])
    name = str(data["categories"][feeling.category]["feeling"])
    degree = next(word for bound, word in data["degrees"] if feeling.intensity >= bound)
    sentence = data[("many" if many else "summary") + ("_two" if feeling.second else "")]
    second = data["categories"][feeling.second]["feeling"] + "도" if feeling.second else ""
    subject = name + ("가" if final_of(name[-1]) == " " else "이")
    return str(sentence.format(feeling=subject, degree=degree, second=second))


def _key_phrases(texts: Iterable[str]) -> tuple[str, ...]:
    """The topic words said most, the earlier first where said alike: no verbs, no feelings, no dates."""
    words: Counter[str] = Counter()
    for form, count in joined(Counter(form for text in texts for form in topic_forms(text))).items():
        words[_noun(form)] += count
    topics = (word for word, _ in words.most_common() if _is_topic(word))
    return tuple(islice(topics, _SHOWN))


def _noun(form: str) -> str:
    """The word without a particle that fits its last sound: a text alone says a word too rarely to compare forms."""
    kept = tuple(_data()["phrases"]["keep_final"])
    if len(form) <= _SHORTEST or form.endswith(kept):
        return form
    fitting = _AFTER_VOWEL if final_of(form[-2]) == " " else _AFTER_FINAL
    return form[:-1] if form[-1] in (*fitting, *_AFTER_ANY) else form


def _is_topic(word: str) -> bool:
    lexicon = _lexicon()
    feeling = lexicon.words.match(word)
    stem = lexicon.stems[feeling.group()] if feeling else None
    ending = ending_of(word)
    return not (
        (stem and stem.weight > 1)
        or (ending and ending.level is not SpeechLevel.NEUTRAL)
        or _not_nouns().search(word)
        or not topic_forms(word)
        or any(found.entity.type == "DATE" and found.end >= len(word) for found in _entities(word))
    )


def _entities(text: str) -> list[_Found]:
    """What a text names, from left to right; of what overlaps the first, then the longest."""
    found = sorted(_candidates(text), key=lambda each: (each.start, -each.end, each.rank))
    kept: list[_Found] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _candidates(text: str) -> Iterator[_Found]:
    nobody = _nobody()
    for rank, namer in enumerate(_namers()):
        for match in namer.pattern.finditer(text):
            if match.groupdict().get("name") not in nobody:
                entity = Entity(match.group(), namer.type, namer.confidence)
                yield _Found(match.start(), match.end(), rank, entity)


def _most_certain(found: Sequence[_Found]) -> tuple[Entity, ...]:
    """The five most certain entities in the text's order, each once."""
    entities = list({(each.entity.type, each.entity.text): each.entity for each in found}.values())
    best = sorted(entities, key=lambda entity: -entity.confidence)[:_SHOWN]
    return tuple(entity for entity in entities if entity in best)


def _most_said(found: Iterable[_Found]) -> tuple[Entity, ...]:
    counted = Counter(each.entity for each in found)
    ranked = sorted(counted, key=lambda entity: -counted[entity] * entity.confidence)
    return tuple(ranked[:_SHOWN])


@cache
def _lexicon() -> _Lexicon:
    data = _data()
    negators = json.loads((Path(__file__).parent / "data" / "sentiment_lexicon.json").read_text("utf-8"))
    stems: dict[str, _Stem | None] = dict.fromkeys(_listed(data["neither"]))
    for category, rule in data["categories"].items():
        for weight in ("3", "2", "1"):
            stems |= dict.fromkeys(_listed(rule[weight]), _Stem(category, float(weight)))
    before, after = (_any_of(_listed(negators[side])) for side in ("negators_before", "negators_after"))
    return _Lexicon(
        words=re.compile(f"(?=[{re.escape(''.join({stem[0] for stem in stems}))}])(?:{_any_of(stems)})"),
        stems=stems,
        order={category: rank for rank, category in enumerate(data["categories"])},
        asked=frozenset(_listed(data["asked"])),
        pleasant=frozenset(_listed(data["pleasant"])),
        negated_before=re.compile(rf"(?<![가-힣])(?:{before})\s?$"),
        negated_after=re.compile(rf"[가-힣]?(?:{after})"),
        intensifiers=re.compile(_any_of(_listed(data["intensifiers"]))),
        softeners=re.compile(_any_of(_listed(data["softeners"]))),
    )


@cache
def _namers() -> tuple[_Namer, ...]:
    data = _data("entities")
    parts = {name: _any_of(_listed(data[name])) for name in ("places", "surnames")}
    parts |= data["parts"]
    return tuple(_namer(rule, parts) for rule in data["patterns"])


def _namer(rule: Mapping[str, Any], parts: Mapping[str, str]) -> _Namer:
    pattern = str(rule["pattern"])
    for name, part in parts.items():
        pattern = pattern.replace(f"{{{name}}}", part)
    after = f"(?!{rule['after']})" if "after" in rule else ""
    return _Namer(rule["type"], rule["confidence"], re.compile(f"(?<![가-힣A-Za-z0-9:.,-])(?:{pattern}){after}"))


@cache
def _nobody() -> frozenset[str]:
    return frozenset(_listed(_data("entities")["not_people"]))


@cache
def _not_nouns() -> re.Pattern[str]:
    return re.compile(_data()["phrases"]["not"])


@cache
def _data(name: str = "emotion_categories") -> Any:
    return json.loads((Path(__file__).parent / "data" / f"{name}.json").read_text("utf-8"))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _listed(words: str) -> list[str]:
    return words.split(", ")
