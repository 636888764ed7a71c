"""The feeling of a text by name and strength, what the text names, and where somebody's feeling goes."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import chalicelib.analysis.emotion as module
from chalicelib.analysis.emotion import analyse, analyse_many, trend
from chalicelib.analysis.sentiment import sentiment_of
from chalicelib.domain.emotions import Entity
from tests.support.complexity import is_linear

CATEGORIES = json.loads((Path(module.__file__).parent / "data" / "emotion_categories.json").read_text("utf-8"))
FEELINGS = {
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
ALL = [text for texts in FEELINGS.values() for text in texts]


@pytest.mark.parametrize(("category", "text"), [(name, text) for name, texts in FEELINGS.items() for text in texts])
def test_a_feeling_has_its_name(category, text):
    assert analyse(text).category == category


def test_the_table_is_large_and_names_every_category():
    assert len(ALL) >= 40
    assert set(FEELINGS) == {*CATEGORIES["categories"], "neutral"}


def test_the_lexicon_says_every_stem_once():
    rules = CATEGORIES["categories"].values()
    stems = [stem for rule in rules for weight in "123" for stem in rule[weight].split(", ")]
    stems += CATEGORIES["neither"].split(", ")
    assert sorted(stems) == sorted(set(stems))
    assert all(stem.strip() == stem and stem for stem in stems)


@pytest.mark.parametrize("text", ALL)
def test_every_answer_is_whole(text):
    answer = analyse(text)
    assert 0 <= answer.intensity <= 1
    assert (answer.intensity == 0) == (answer.category == "neutral")
    assert answer.summary.endswith("요.")
    assert "{" not in answer.summary
    assert len(answer.key_phrases) <= 5
    assert len(answer.entities) <= 5
    assert all(phrase in text for phrase in answer.key_phrases)
    assert all(entity.text in text and 0 < entity.confidence < 1 for entity in answer.entities)
    assert answer == analyse(text)


def test_sentiment_is_that_of_the_emotion_analysis():
    assert analyse("너무 좋은데 너무 슬퍼").emotions == sentiment_of("너무 좋은데 너무 슬퍼")


def test_more_of_a_feeling_is_more_intense():
    rising = [
        "조금 서운해",
        "서운해",
        "너무 서운해",
        "너무 서운해ㅠㅠ",
        "너무 서운해ㅠㅠㅠㅠ",
        "진짜 너무 서운해ㅠㅠㅠㅠ!!!",
    ]
    figures = [analyse(text).intensity for text in rising]
    assert figures == sorted(set(figures))
    assert analyse("ㅠㅠㅠㅠㅠㅠ").intensity > analyse("ㅠㅠ").intensity
    assert analyse("ㅋㅋㅋㅋㅋㅋ").intensity > analyse("ㅋㅋ").intensity


def test_two_feelings_are_both_said():
    assert analyse("고마워 그리고 미안해").summary.count("마음") == 2


def test_signs_alone_say_little_and_nothing_says_so():
    assert analyse("ㅋ").summary == analyse("").summary == analyse("  !!").summary
    assert analyse("집이야").summary != analyse("").summary


ENTITIES = [
    ("내일 오후 7시에 봐", "내일 오후 7시", "DATE"),
    ("다음 주 금요일 어때?", "다음 주 금요일", "DATE"),
    ("3월 2일이 개강이야", "3월 2일", "DATE"),
    ("일곱 시 반쯤 도착", "일곱 시 반", "DATE"),
    ("주말에 뭐 해", "주말", "DATE"),
    ("19:30에 만나", "19:30", "DATE"),
    ("회비는 3만원이야", "3만원", "QUANTITY"),
    ("10만 원이면 될까", "10만 원", "QUANTITY"),
    ("두 시간 걸렸어", "두 시간", "QUANTITY"),
    ("5명이서 갔어", "5명", "QUANTITY"),
    ("1시간 기다렸어", "1시간", "QUANTITY"),
    ("서울숲에서 보자", "서울숲", "LOCATION"),
    ("성수역 3번 출구", "성수역", "LOCATION"),
    ("강남에서 밥 먹자", "강남", "LOCATION"),
    ("망원동에서 만나", "망원동", "LOCATION"),
    ("까치산역으로 와", "까치산역", "LOCATION"),
    ("민수씨가 그랬어", "민수씨", "PERSON"),
    ("김민수 씨는 누구예요?", "김민수 씨", "PERSON"),
    ("지은 언니랑 갔어", "지은 언니", "PERSON"),
    ("민수형한테 물어봐", "민수형", "PERSON"),
    ("김팀장님이 불러", "김팀장님", "PERSON"),
    ("내 생일은 언제게", "생일", "EVENT"),
    ("중간고사 망했어", "중간고사", "EVENT"),
    ("회식이라 늦어", "회식", "EVENT"),
]


@pytest.mark.parametrize(("text", "named", "kind"), ENTITIES)
def test_what_a_text_names(text, named, kind):
    assert (named, kind) in {(entity.text, entity.type) for entity in analyse(text).entities}


@pytest.mark.parametrize(
    "text",
    [
        "아저씨 곰인형 주세요",
        "글씨가 예쁘다",
        "운동 갔다가 활동 중",
        "다시 역시 혹시 택시",
        "우리 오빠 왔어",
        "선생님 안녕하세요",
        "이번 주제가 뭐야",
        "그 지역에서 방역에 나섰어",
        "감동에서 못 벗어나",
        "시험지 걷어",
        "이상형에 가까워",
        "세시풍속",
        "010-1234-5678",
    ],
)
def test_what_only_looks_like_a_name_is_none(text):
    assert analyse(text).entities == ()


def test_what_overlaps_is_named_once_and_the_surest_five_are_shown_in_order():
    answer = analyse("내일 민수씨랑 성수역에서 5명이 3만원짜리 밥 먹고 생일 파티 가서 두 시간 놀았어")
    assert len(answer.entities) == 5
    assert answer.entities[0] == Entity("내일", "DATE", 0.95)
    assert len({entity.text for entity in answer.entities}) == 5


def test_key_phrases_are_topics_most_said_first():
    answer = analyse("영화가 좋았어? 나는 그 영화도 좋고 떡볶이를 먹은 것도 좋았어. 오늘 진짜 힘들었는데")
    assert answer.key_phrases == ("영화", "떡볶이")
    assert analyse("고양이가 주말에 카페를 어지럽혔어").key_phrases[0] == "고양이"


def test_many_messages_are_one_answer():
    answer = analyse_many(["고마워!", "진짜 고마워ㅠㅠ", "집이야", "영화 보자", "그 영화 감사히 볼게", "성수역에서 봐"])
    assert answer.category == "gratitude"
    assert answer.key_phrases[0] == "영화"
    assert [entity.text for entity in answer.entities] == ["성수역"]
    assert answer.summary.startswith("보낸 말에서")
    assert 0 < answer.intensity <= 1


def test_a_stray_feeling_among_many_plain_messages_is_neutral():
    assert analyse_many(["집이야"] * 200 + ["짜증나"]).category == "neutral"
    nothing = analyse_many([])
    assert (nothing.category, nothing.intensity, nothing.emotions.neutral) == ("neutral", 0.0, 1.0)


def test_laughter_does_not_drown_what_is_said():
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
def test_a_long_text_is_read_in_time_that_grows_with_its_length(flood):
    answer = analyse((flood * 10_000)[:10_000])
    assert is_linear(lambda size: analyse((flood * size)[:size]), 10_000 // 8)
    assert len(answer.entities) <= 5
    assert answer.intensity <= 1


def test_any_signs_in_any_order_are_read():
    chance = random.Random(7)
    signs = [*"가힣ㅋㅠㅎ안못지않 \n!?~.,0123456789:년월일시분원씨님형역동", "😂", "♥", "사랑해", "내일", "\u200d", "A"]
    for _ in range(300):
        text = "".join(chance.choices(signs, k=chance.randrange(60)))
        answer = analyse(text)
        assert 0 <= answer.intensity <= 1
        assert all(entity.text in text for entity in answer.entities)


def test_a_feeling_that_climbs_is_rising_and_one_that_sinks_falling():
    up = [(20, -0.2), (25, -0.05), (18, 0.05), (22, 0.2), (20, 0.3)]
    assert trend(up) == "rising"
    assert trend([(messages, -mean) for messages, mean in up]) == "falling"
    assert trend([(messages, 0.3) for messages, _ in up]) == "steady"


def test_a_trend_needs_four_days_and_twenty_messages():
    assert trend([]) is None
    assert trend([(100, -0.5), (100, 0.0), (100, 0.5)]) is None
    assert trend([(4, -0.5), (4, -0.2), (4, 0.2), (4, 0.5)]) is None
    assert trend([(5, -0.5), (0, 0.0), (5, -0.2), (5, 0.2), (5, 0.5)]) == "rising"
    assert trend([(0, 1.0)] * 50) is None


def test_one_odd_day_or_one_long_evening_is_no_trend():
    calm = [(20, 0.1)] * 9
    assert trend([*calm, (3, 1.0)]) == "steady"
    assert trend([(20, 0.1), (20, 0.15), (20, 0.05), (20, 0.1), (20, 0.12), (2_000, 0.2)]) == "steady"


def test_a_small_change_and_mere_noise_are_steady():
    assert trend([(50, 0.1 + day * 0.01) for day in range(7)]) == "steady"
    assert trend([(20, 0.5), (20, -0.5), (20, 0.5), (20, -0.5), (20, 0.6), (20, -0.2)]) == "steady"
