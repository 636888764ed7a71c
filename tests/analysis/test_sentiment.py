"""The sentiment of a message."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import chalicelib.analysis.sentiment as module
from chalicelib.analysis.sentiment import SentimentCounts, sentiment_of, sentiment_shares_of
from chalicelib.domain import SentimentScores

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
NEUTRAL = ["지금 집 가는 중이야", "7시에 봐", "", "ㅇㅋ", "화면", "울산", "https://a.kr", "그 카페 몇 시까지 해?", "ㅋ"]
# Words that may express a feeling, but not in a question, an arrangement or a message about something else.
MILD = ["화났어?", "많이 아파?", "좋아하는 색이 뭐야?", "병원 예약했어", "시험 몇 시야?", "선물 뭐 사지", "맞아요"]
NEGATIONS = [
    ("재밌어", "재미없어"),
    ("안 힘들어", "힘들어"),
    ("안 아파", "아파"),
    ("좋아", "안 좋아"),
    ("예뻐", "안 예뻐"),
    ("마음에 들어", "마음에 안 들어"),
    ("좋다", "좋지 않다"),
    ("좋았어", "하나도 안 좋았어"),
]
SIGNS = [("😊", "😭"), ("👍", "👎"), ("^^", "ㅡㅡ"), ("♥", "💔"), ("🥰", "😡"), ("오늘 봤어 ㅎㅎ", "오늘 봤어 ㅠㅠ")]


@pytest.mark.parametrize("text", POSITIVE)
def test_a_good_feeling_is_positive(text):
    scores = sentiment_of(text)
    assert scores.positive > scores.negative


@pytest.mark.parametrize("text", NEGATIVE)
def test_a_bad_feeling_is_negative(text):
    scores = sentiment_of(text)
    assert scores.negative > scores.positive


@pytest.mark.parametrize("text", [*NEUTRAL, *MILD])
def test_plain_messages_are_neutral(text):
    assert sentiment_of(text).sentiment == "NEUTRAL"


@pytest.mark.parametrize(("good", "bad"), NEGATIONS)
def test_a_negation_reverses_the_sentiment(good, bad):
    assert _lean(good) > 0.5 > _lean(bad)


@pytest.mark.parametrize(("good", "bad"), SIGNS)
def test_emoji_and_emoticons_are_positive_or_negative(good, bad):
    assert _lean(good) > 0.5 > _lean(bad)


@pytest.mark.parametrize(
    "text", ["너무 좋은데 너무 슬퍼", "재밌는데 피곤하다", "좋았지만 너무 힘들었어", "짜증나지만 귀여워"]
)
def test_opposite_feelings_around_a_turn_are_mixed(text):
    assert sentiment_of(text).sentiment == "MIXED"


def test_two_good_feelings_are_not_mixed():
    assert sentiment_of("맛있는데 분위기도 좋아").mixed < 0.1


def test_an_empty_text_is_neutral():
    assert sentiment_of("") == sentiment_of("  \n") == SentimentScores(0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize("flood", ["좋아", "싫어 ", "ㅋ", "최악이고 ", "😂", "안 ", "는데 ", "\U0001f468\u200d"])
def test_the_shares_of_a_long_text_add_up_to_one(flood):
    shares = sentiment_shares_of((flood * 100_000)[:100_000])
    assert sum(shares) == 1_000
    assert min(shares) >= 0


def test_tears_without_words_are_mildly_negative():
    assert sentiment_of("ㅠㅠ").negative < sentiment_of("진짜 최악이야").negative
    assert sentiment_of("ㅠㅠㅠㅠㅠㅠ") == sentiment_of("ㅠㅠ")


def test_the_shares_add_up_to_one():
    for text in [*POSITIVE, *NEGATIVE, *NEUTRAL, "너무 좋은데 너무 슬퍼 ㅠㅠ"]:
        scores = sentiment_of(text)
        shares = (scores.positive, scores.negative, scores.neutral, scores.mixed)
        assert sum(shares) == pytest.approx(1)
        assert min(shares) >= 0


def test_counting_continues_from_a_stored_document():
    rng = random.Random(3)
    texts = rng.choices([*POSITIVE, *NEGATIVE, *NEUTRAL], k=300)
    cut = rng.randrange(300)
    counts = SentimentCounts.from_document(json.loads(json.dumps(_counted(texts[:cut]).to_document())))
    counts.add([sentiment_shares_of(text) for text in texts[cut:]])
    assert counts == _counted(texts)
    assert counts.mean() == _counted(texts).mean()


def test_counts_are_the_mean_of_their_messages():
    whole, parts = _counted(["좋아", "집"]).mean(), (sentiment_of("좋아"), sentiment_of("집"))
    assert whole.positive == pytest.approx(sum(part.positive for part in parts) / 2)
    assert SentimentCounts().mean() == SentimentScores(0.0, 0.0, 1.0, 0.0)


def test_the_lexicon_lists_every_stem_once():
    data = json.loads((Path(module.__file__).parent / "data" / "sentiment_lexicon.json").read_text("utf-8"))
    stems = [stem for side in ("positive", "negative") for listed in data[side].values() for stem in listed.split(", ")]
    assert len(stems) >= 250
    assert sorted(stems) == sorted(set(stems))


def _lean(text):
    scores = sentiment_of(text)
    return scores.positive / (scores.positive + scores.negative)


def _counted(texts):
    counts = SentimentCounts()
    counts.add([sentiment_shares_of(text) for text in texts])
    return counts
