"""The speech of a person, counted from their messages."""

from __future__ import annotations

import json
import random

import pytest

from chalicelib.analysis.speech import SpeechCounts, analyse, choose_examples, style_fit
from chalicelib.domain import SentimentScores, SpeechLevel
from tests.korean.levels import LABELLED

CASUAL = [
    "밥 먹었어? ㅋㅋ",
    "나 지금 집 가는 중이야",
    "ㅋㅋㅋㅋ 그니까",
    "오 좋아 ㅋㅋ",
    "이따 전화할게",
    "배고프다",
    "뭐해",
    "헐 대박 ㅋㅋ",
]
POLITE = [
    "오늘 잘 들어가셨어요?",
    "저는 지금 집에 가고 있어요",
    "네 알겠습니다",
    "주말에 시간 되세요?",
    "덕분에 즐거웠습니다 ^^",
    "네 좋아요",
]


def test_counting_continues_from_a_stored_document():
    rng = random.Random(7)
    texts = [rng.choice(LABELLED)[0] + rng.choice(["", " ㅋㅋ", "~", " ㅠㅠ", "!!"]) for _ in range(600)]
    whole = _counted(texts)
    for _ in range(20):
        cut = rng.randrange(len(texts))
        counts = SpeechCounts.from_document(json.loads(json.dumps(_counted(texts[:cut]).to_document())))
        for text in texts[cut:]:
            counts.add(text)
        assert counts.to_document() == whole.to_document()
        assert counts.speech() == whole.speech()


def test_the_document_stays_small_for_any_number_of_messages():
    rng = random.Random(11)
    counts = _counted(chr(rng.randrange(0x1F300, 0x1FAFF)) * rng.randrange(1, 400) for _ in range(5000))
    assert len(counts.habits) > 300
    document = counts.to_document()
    assert len(document["habits"]) == 300
    assert len(json.dumps(document)) < 20_000


def test_the_ratios_follow_the_contract():
    speech = analyse(["네 알겠습니다", "좋아요 ㅎㅎ", "뭐해?", "배고프다", "ㅋㅋ", "사진"])
    assert speech.total_messages == 6
    assert speech.formal_ratio == pytest.approx(2 / 4)
    assert speech.emoji_ratio == pytest.approx(2 / 6)
    assert speech.laughter_ratio == pytest.approx(2 / 6)
    assert speech.question_ratio == pytest.approx(1 / 6)
    assert speech.avg_length == pytest.approx((7 + 6 + 3 + 4 + 2 + 2) / 6)
    assert speech.levels == {
        SpeechLevel.HASIPSIO: pytest.approx(1 / 6),
        SpeechLevel.HAEYO: pytest.approx(1 / 6),
        SpeechLevel.HAE: pytest.approx(1 / 6),
        SpeechLevel.HAERA: pytest.approx(1 / 6),
        SpeechLevel.NEUTRAL: pytest.approx(2 / 6),
    }
    assert speech.speech_style == "semi_formal"
    assert (speech.length_median, speech.length_p90) == (3, 7)


def test_speech_without_a_level_is_casual():
    speech = analyse(["ㅋㅋ", "사진"])
    assert speech.formal_ratio == 0.0
    assert speech.speech_style == "casual"


def test_an_analysis_needs_a_message():
    with pytest.raises(ValueError, match="at least one"):
        analyse([])


def test_the_speech_of_no_messages_is_neutral():
    speech = SpeechCounts().speech()
    assert (speech.total_messages, speech.avg_length, speech.length_median) == (0, 0.0, 0)
    assert speech.emotions == SentimentScores(0.0, 0.0, 1.0, 0.0)
    assert speech.tone == "neutral"


@pytest.mark.parametrize(("n", "confidence"), [(4, "low"), (5, "medium"), (49, "medium"), (50, "high")])
def test_confidence_grows_with_the_number_of_messages(n, confidence):
    assert analyse(["뭐해? ㅋㅋ"] * n).confidence == confidence


def test_traits_need_five_messages():
    assert analyse(["네 알겠습니다"] * 4).personality_traits == ()
    assert "정중함" in analyse(["네 알겠습니다"] * 5).personality_traits


def test_traits_follow_the_counts():
    assert {"친근함", "유머러스함", "간결함"} <= set(
        analyse(["뭐해 ㅋㅋ", "지금 감 ㅋㅋ", "응응 ㅋㅋ"] * 3).personality_traits
    )
    assert "호기심이 많음" in analyse(["뭐해?", "집", "밥 먹었어?"] * 3).personality_traits
    assert "애교가 많음" in analyse(["뭐 했어용", "안녕하세용 ㅎㅎ"] * 4).personality_traits


def test_tone_is_the_clearly_larger_sentiment():
    assert analyse(["너무 좋아", "고마워", "집"]).tone == "positive"
    assert analyse(["짜증나", "진짜 싫어", "집"]).tone == "negative"
    assert analyse(["집", "학교"]).tone == "neutral"


def test_a_habit_occurs_in_three_messages_and_laughter_is_shortened():
    speech = analyse(["ㅋㅋㅋㅋㅋㅋ 뭐야", "ㅋㅋㅋㅋ", "ㅋㅋㅋ 그래", "헐 진짜?", "헐", "헐 대박", "ㅠㅠ", "오 좋아"])
    habits = {habit.text: habit.count for habit in speech.habits}
    assert habits == {"ㅋㅋㅋ": 3}
    assert {"헐": 3}.items() <= {h.text: h.count for h in analyse(["헐 왜", "헐", "헐 어떡해"]).habits}.items()


def test_a_habit_counts_once_per_message_and_eight_are_shown():
    assert analyse(["ㅋㅋ 아 ㅋㅋ 진짜 ㅋㅋ"] * 3).habits[0].count == 3
    assert len(analyse(["헐 ㅋㅋ ㅠㅠ ~ !! ^^ ;; … ㅇㅋ 😀 했잖아"] * 3).habits) == 8


def test_a_name_never_becomes_a_habit():
    assert analyse(["지민 왔어", "지민 뭐래", "지민 어디"] * 5).habits == ()


def test_examples_are_typical_and_distinct_without_private_data():
    texts = [*CASUAL, *CASUAL, "네", "https://a.kr/밥", "계좌는 110123456789야", "아주 " * 60 + "길어", "@바다 뭐해"]
    examples = choose_examples(texts)
    assert len(examples) == len(set(examples)) == 5
    assert set(examples) <= set(CASUAL)
    assert choose_examples(["https://a.kr"]) == ()


def test_examples_can_be_chosen_for_a_level():
    assert choose_examples([*CASUAL, "네 좋아요 그때 봐요"], SpeechLevel.HAEYO)[0] == "네 좋아요 그때 봐요"


@pytest.mark.parametrize(
    ("texts", "fitting", "misfitting"),
    [
        (CASUAL, "나 지금 밥 먹는 중이야 ㅋㅋ", "저는 지금 식사하고 있습니다"),
        (POLITE, "저는 지금 밥 먹고 있어요", "나 지금 밥 먹어 ㅋㅋ"),
        (CASUAL, "이따 봐", "이따 봐 " * 30),
        (["ㅋㅋ 뭐해", "아 ㅋㅋ 좋아"] * 5, "오 ㅋㅋ 갈게", "오 나 갈게"),
    ],
)
def test_a_fitting_message_scores_above_a_misfitting_one(texts, fitting, misfitting):
    speech = analyse(texts)
    assert style_fit(fitting, speech) >= 0.8
    assert style_fit(fitting, speech) > style_fit(misfitting, speech)


def test_style_fit_is_between_0_and_1():
    for speech in (analyse(CASUAL), analyse(POLITE), analyse(["ㅋㅋ"]), SpeechCounts().speech()):
        for text, _ in LABELLED:
            assert 0.0 <= style_fit(text, speech) <= 1.0
        assert 0.0 <= style_fit("", speech) <= 1.0


def test_a_persons_own_messages_fit_their_own_speech():
    speech = analyse(CASUAL)
    assert sum(style_fit(text, speech) for text in CASUAL) / len(CASUAL) >= 0.85


def test_traits_have_the_counts_behind_them():
    speech = analyse(["뭐해?", "집", "밥 먹었어?"] * 3)
    trait = next(each for each in speech.trait_counts if each.trait == "호기심이 많음")
    assert (trait.measure, trait.count, trait.messages) == ("question_ratio", 6, 9)
    assert trait.value == speech.question_ratio
    assert {each.trait for each in speech.trait_counts} == set(speech.personality_traits)


def test_a_denied_feeling_does_not_count_for_a_trait():
    assert "다정함" in analyse(["진짜 좋아", "너무 행복해", "오늘 뭐 먹지"] * 3).personality_traits
    assert "다정함" not in analyse(["하나도 안 좋아", "행복하지 않아", "오늘 뭐 먹지"] * 3).personality_traits


def _counted(texts):
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts
