"""The feeling of a message."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import chalicelib.services.analysis.emotion as module
from chalicelib.domain import Emotions
from chalicelib.services.analysis.emotion import EmotionCounts, emotions_of, shares_of

POSITIVE = [
    "너무 좋아",
    "고마워 ㅠㅠ",
    "사랑해♥",
    "진짜 재밌었어",
    "오늘 행복했어요",
    "귀여워 ㅎㅎ",
    "안 힘들어",
    "최고다!",
    "보고 싶어",
]
NEGATIVE = [
    "짜증나",
    "진짜 싫어",
    "안 좋아",
    "좋지 않아",
    "별로 재미있지 않았어",
    "힘들어 ㅠㅠ",
    "서운해",
    "재미없어",
    "ㅠㅠ",
    "최악이야",
]
NEUTRAL = ["지금 집 가는 중이야", "7시에 봐", "", "ㅇㅋ", "화면", "울산", "https://a.kr"]


@pytest.mark.parametrize("text", POSITIVE)
def test_good_feelings_are_positive(text):
    emotions = emotions_of(text)
    assert emotions.positive > emotions.negative


@pytest.mark.parametrize("text", NEGATIVE)
def test_bad_feelings_are_negative(text):
    emotions = emotions_of(text)
    assert emotions.negative > emotions.positive


@pytest.mark.parametrize("text", NEUTRAL)
def test_plain_messages_are_neutral(text):
    assert emotions_of(text) == Emotions(0.0, 0.0, 1.0, 0.0)


def test_both_at_once_is_mixed():
    emotions = emotions_of("너무 좋은데 너무 슬퍼")
    assert emotions.sentiment == "MIXED"


def test_tears_alone_are_mild():
    assert emotions_of("ㅠㅠ").negative < emotions_of("진짜 최악이야").negative
    assert emotions_of("ㅠㅠㅠㅠㅠㅠ") == emotions_of("ㅠㅠ")


def test_the_shares_add_up_to_one():
    for text in [*POSITIVE, *NEGATIVE, *NEUTRAL, "너무 좋은데 너무 슬퍼 ㅠㅠ"]:
        emotions = emotions_of(text)
        assert emotions.positive + emotions.negative + emotions.neutral + emotions.mixed == pytest.approx(1)
        assert min(emotions.positive, emotions.negative, emotions.neutral, emotions.mixed) >= 0


def test_counts_of_parts_merge_to_the_counts_of_the_whole():
    chance = _chance(3)
    texts = chance.choices([*POSITIVE, *NEGATIVE, *NEUTRAL], k=300)
    middle = chance.randrange(300)
    merged = _counted(texts[:middle])
    merged.merge(EmotionCounts.from_document(json.loads(json.dumps(_counted(texts[middle:]).to_document()))))
    assert merged == _counted(texts)
    assert merged.emotions() == _counted(texts).emotions()


def test_counts_are_the_mean_of_their_messages():
    assert _counted(["좋아", "집"]).emotions().positive == pytest.approx(emotions_of("좋아").positive / 2)
    assert EmotionCounts().emotions() == Emotions(0.0, 0.0, 1.0, 0.0)


def test_the_lexicon_says_every_stem_once():
    data = json.loads((Path(module.__file__).parent / "data" / "emotion_lexicon.json").read_text("utf-8"))
    stems = [stem for side in ("positive", "negative") for listed in data[side].values() for stem in listed.split(", ")]
    assert len(stems) >= 250
    assert sorted(stems) == sorted(set(stems))


def _counted(texts):
    counts = EmotionCounts()
    for text in texts:
        counts.add(shares_of(text))
    return counts


def _chance(seed):
    return random.Random(seed)
