"""The emotion of a text: category, intensity, summary, key phrases and entities."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import chalicelib.analysis.emotion as module
from chalicelib.analysis.emotion import analyse, analyse_many
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.domain.emotions import Entity
from tests.support.complexity import is_linear

CATEGORIES = json.loads((Path(module.__file__).parent / "data" / "emotion_categories.json").read_text("utf-8"))
TEXTS_BY_CATEGORY = {
    "affection": ["사랑해♥", "보고 싶다 진짜로", "강아지 너무 귀여워", "잘 자고 좋은 꿈 꿔", "걱정 마 내가 있잖아"],
    "gratitude": ["오늘 너무 고마웠어", "감사합니다!", "덕분에 잘 끝났어요", "고마워ㅠㅠ"],
    "guilt": ["미안해 내가 잘못했어", "늦어서 죄송합니다ㅠㅠ", "다 내 잘못이야"],
    "loneliness": ["요즘 너무 외로워", "혼자라 쓸쓸하네", "심심해"],
    "disappointment": ["솔직히 서운했어", "기대했는데 실망이야", "영화 재미없었어", "별로야", "좋지 않아", "안 예뻐"],
    "anger": ["진짜 화나네", "너 때문에 열받아", "아 빡친다", "😡😡"],
    "annoyance": ["아 짜증나 귀찮아", "사람 많아서 답답해", "너 진짜 싫어", "됐어 알아서 해"],
    "anxiety": ["내일 면접인데 너무 떨려", "결과 나올까 봐 불안해요", "나 어떡해?", "무섭다 진짜"],
    "fatigue": ["야근해서 너무 피곤해 ㅠㅠ", "몸살 나서 힘들다", "완전 지쳤어", "졸려"],
    "sadness": ["너무 슬퍼서 눈물 나", "우울한 하루였어", "마음이 아파", "ㅠㅠ", "💔"],
    "excitement": ["다음 주 여행 설렌다!!", "콘서트 완전 기대돼", "나 합격했어!!!!", "생일 축하해!"],
    "surprise": ["헐 대박 진짜?", "깜짝 놀랐잖아", "세상에 말도 안 돼"],
    "joy": ["오늘 진짜 행복했어", "저녁 맛있었다 ㅎㅎ", "오 좋아", "날씨 너무 좋다"],
    "amusement": ["ㅋㅋㅋㅋㅋㅋ", "개웃겨", "ㅋㅋ", "😂😂😂"],
    "neutral": [
        "지금 집 가는 중",
        "7시에 강남역에서 봐",
        "ㅋ",
        "ㅇㅇ",
        "",
        "???",
        "안 힘들어",
        "하나도 안 무서워",
        "많이 아파?",
        "화났어?",
        "전화나 해",
        "어머니 모시고 왔어요",
        "https://a.kr/행복",
    ],
}
TEXTS = [text for texts in TEXTS_BY_CATEGORY.values() for text in texts]


@pytest.mark.parametrize(
    ("category", "text"), [(name, text) for name, texts in TEXTS_BY_CATEGORY.items() for text in texts]
)
def test_a_text_has_the_category_of_its_feeling(category, text):
    assert analyse(text).category == category


def test_the_table_is_large_and_names_every_category():
    assert len(TEXTS) >= 40
    assert set(TEXTS_BY_CATEGORY) == {*CATEGORIES["categories"], "neutral"}


def test_the_lexicon_lists_every_stem_once():
    categories = CATEGORIES["categories"].values()
    stems = [stem for each in categories for listed in each["stems"].values() for stem in listed.split(", ")]
    stems += CATEGORIES["neither"].split(", ")
    assert sorted(stems) == sorted(set(stems))
    assert all(stem.strip() == stem and stem for stem in stems)


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_has_a_complete_analysis(text):
    emotion = analyse(text)
    assert 0 <= emotion.intensity <= 1
    assert (emotion.intensity == 0) == (emotion.category == "neutral")
    assert emotion.summary.endswith("요.")
    assert "{" not in emotion.summary
    assert len(emotion.key_phrases) <= 5
    assert len(emotion.entities) <= 5
    assert all(phrase in text for phrase in emotion.key_phrases)
    assert all(entity.text in text and 0 < entity.confidence < 1 for entity in emotion.entities)
    assert emotion == analyse(text)


def test_the_sentiment_is_that_of_the_sentiment_analysis():
    assert analyse("너무 좋은데 너무 슬퍼").emotions == sentiment_of("너무 좋은데 너무 슬퍼")


def test_a_stronger_feeling_is_more_intense():
    rising = [
        "조금 서운해",
        "서운해",
        "너무 서운해",
        "너무 서운해ㅠㅠ",
        "너무 서운해ㅠㅠㅠㅠ",
        "진짜 너무 서운해ㅠㅠㅠㅠ!!!",
    ]
    intensities = [analyse(text).intensity for text in rising]
    assert intensities == sorted(set(intensities))
    assert analyse("ㅠㅠㅠㅠㅠㅠ").intensity > analyse("ㅠㅠ").intensity
    assert analyse("ㅋㅋㅋㅋㅋㅋ").intensity > analyse("ㅋㅋ").intensity


def test_a_summary_names_both_of_two_feelings():
    assert analyse("고마워 그리고 미안해").summary.count("마음") == 2


def test_a_text_without_letters_has_a_summary_of_its_own():
    assert analyse("ㅋ").summary == analyse("").summary == analyse("  !!").summary
    assert analyse("집이야").summary != analyse("").summary


def test_the_five_most_certain_entities_are_returned_in_order():
    emotion = analyse("내일 민수씨랑 성수역에서 5명이 3만원짜리 밥 먹고 생일 파티 가서 두 시간 놀았어")
    assert len(emotion.entities) == 5
    assert emotion.entities[0] == Entity("내일", "DATE", 0.95)
    assert len({entity.text for entity in emotion.entities}) == 5


def test_key_phrases_are_topic_words_the_most_frequent_first():
    emotion = analyse("영화가 좋았어? 나는 그 영화도 좋고 떡볶이를 먹은 것도 좋았어. 오늘 진짜 힘들었는데")
    assert emotion.key_phrases == ("영화", "떡볶이")
    assert analyse("고양이가 주말에 카페를 어지럽혔어").key_phrases[0] == "고양이"


def test_many_messages_have_one_emotion():
    emotion = analyse_many(
        ["고마워!", "진짜 고마워ㅠㅠ", "집이야", "영화 보자", "그 영화 감사히 볼게", "성수역에서 봐"]
    )
    assert emotion.category == "gratitude"
    assert emotion.key_phrases[0] == "영화"
    assert [entity.text for entity in emotion.entities] == ["성수역"]
    assert emotion.summary.startswith("보낸 말에서")
    assert 0 < emotion.intensity <= 1


def test_one_feeling_among_many_plain_messages_is_neutral():
    assert analyse_many(["집이야"] * 200 + ["짜증나"]).category == "neutral"
    empty = analyse_many([])
    assert (empty.category, empty.intensity, empty.emotions.neutral) == ("neutral", 0.0, 1.0)


def test_words_outweigh_laughter():
    assert analyse_many([*["ㅋㅋ"] * 30, *["진짜 너무 고마워"] * 10]).category == "gratitude"


FLOODS = [
    "😂",
    "가",
    "1",
    "ㅋ",
    "ㅠ",
    "안 ",
    "일 ",
    "한시",
    "김민수",
    "1:",
    "!?~",
    " ",
    "너무 사랑해 ",
    "내일 3만원 서울숲 ",
    "가나다라마바사역 ",
]


@pytest.mark.parametrize("flood", FLOODS)
def test_the_time_for_a_long_text_is_linear_in_its_length(flood):
    emotion = analyse((flood * 10_000)[:10_000])
    assert is_linear(lambda size: analyse((flood * size)[:size]), 10_000 // 8)
    assert len(emotion.entities) <= 5
    assert emotion.intensity <= 1


def test_any_sequence_of_signs_can_be_analysed():
    rng = random.Random(7)
    signs = [*"가힣ㅋㅠㅎ안못지않 \n!?~.,0123456789:년월일시분원씨님형역동", "😂", "♥", "사랑해", "내일", "\u200d", "A"]
    for _ in range(300):
        text = "".join(rng.choices(signs, k=rng.randrange(60)))
        emotion = analyse(text)
        assert 0 <= emotion.intensity <= 1
        assert all(entity.text in text for entity in emotion.entities)
