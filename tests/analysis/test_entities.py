"""The entities of a text."""

from __future__ import annotations

import pytest

from chalicelib.analysis.entities import find_entities

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
def test_an_entity_has_its_text_and_type(text, named, kind):
    assert (named, kind) in {(match.entity.text, match.entity.type) for match in find_entities(text)}


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
def test_a_text_that_only_looks_like_an_entity_has_none(text):
    assert find_entities(text) == []
