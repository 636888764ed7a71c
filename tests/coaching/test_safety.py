"""The safety rules: lines that a rule must match, and lines that it must not match."""

from __future__ import annotations

import pytest

from chalicelib.coaching import safety
from chalicelib.coaching.local_coach import coach
from chalicelib.domain import Action
from tests.coaching.chats import briefing_of


def answer_to(*lines: str, **chat):
    return coach(briefing_of({"lines": list(lines), "relationship": "썸", "voice": "laughing", **chat}))


@pytest.mark.parametrize(
    "words",
    [
        "연락하지 마",
        "이제 연락 그만해",
        "그만 연락해 줘",
        "톡 좀 그만 보내",
        "다시는 연락하지 마세요",
        "앞으로 연락 안 했으면 좋겠어요",
        "저한테 관심 없어요",
        "나 이제 너한테 마음 없어",
        "부담스러워요",
        "좀 부담스럽네요",
        "더 이상 만나고 싶지 않아",
        "우리 그만 만나자",
        "헤어지자",
        "우리 여기까지 하자",
        "차단한다",
        "싫다고 했잖아",
        "그만해",
        "그만해 주세요.",
        "불편해요",
    ],
)
def test_a_refusal_is_respected(words):
    answer = answer_to("M 잘 지내?", f"P {words}")
    assert answer.recommendation.action is Action.DO_NOT_CONTACT
    assert answer.recommendation.code == "refused"
    assert not any(response.sendable or response.message for response in answer.responses)


@pytest.mark.parametrize(
    "words",
    [
        "친구가 연락하지 말래 그래서 웃겼어",
        "전남친한테 차단한다고 했더니 조용해짐",
        "그만해ㅋㅋㅋㅋ",
        "부담스러우면 안 와도 돼",
        "부담 갖지 마",
        "가격이 좀 부담스러워",
        "나 축구에는 관심 없어",
        "오늘은 여기까지 할게 이제 자야지",
        "헤어지기 싫다",
        "회사 가기 싫다",
        "의자가 너무 불편해",
        "일 그만하고 싶다",
        "별 생각 없었어",
        "이제 연락해도 돼",
        "연락 기다렸어",
        "게임 그만하고 자야겠다",
    ],
)
def test_a_line_that_only_sounds_like_a_refusal_is_not_one(words):
    assert answer_to("M 뭐해?", f"P {words}").recommendation.code == "ok"


@pytest.mark.parametrize(
    "description",
    [
        "상대가 연락하지 말래요",
        "걔가 저 차단했어요. 차단당했는데 어떡하죠",
        "여친이 헤어지자고 해요",
        "제가 부담스럽대요",
    ],
)
def test_a_refusal_in_the_users_description_counts(description):
    assert answer_to(context=description).recommendation.code == "refused"
    assert answer_to("P ㅋㅋ", situation=description).recommendation.code == "refused"


def test_a_refusal_by_the_user_does_not_count():
    assert answer_to("M 너 이제 연락하지 마", "P 왜 그래").recommendation.action is Action.SEND


@pytest.mark.parametrize(
    ("words", "contact"),
    [
        ("나 진짜 죽고 싶어", "109"),
        ("어제 손목 그었어", "109"),
        ("그냥 사라지고 싶다", "109"),
        ("아빠한테 또 맞았어", "112"),
        ("가만 안 둔다 진짜", "112"),
    ],
)
def test_the_help_line_for_the_danger_comes_first(words, contact):
    answer = answer_to("M 무슨 일이야", f"P {words}")
    assert answer.help[0].contact == contact
    assert all(line.name and line.hours for line in answer.help)


@pytest.mark.parametrize(
    "words",
    [
        "쪽팔려서 죽고 싶다ㅋㅋ",
        "배고파 죽겠다",
        "귀여워 죽겠네",
        "죽고 싶냐ㅋㅋ",
        "어제 드라마에서 주인공이 자살하려고 해서 울었어",
        "과제 다 끝내고 싶다",
        "자살골 넣었대ㅋㅋ",
        "너 죽일 거야ㅋㅋㅋ",
    ],
)
def test_a_figure_of_speech_shows_no_help_line(words):
    answer = answer_to("M 뭐해", f"P {words}")
    assert answer.help == ()
    assert answer.recommendation.action is Action.SEND


def test_a_partner_in_danger_gets_replies():
    answer = answer_to("P 살기 싫어")
    assert answer.recommendation.action is Action.SEND
    assert all(response.sendable and response.message for response in answer.responses)


def test_a_user_in_danger_is_advised_to_wait_and_gets_help_lines():
    answer = answer_to("P 미안", draft="너 없으면 나 죽을 거야")
    assert answer.recommendation.action is Action.WAIT
    assert answer.help[0].contact == "109"


def test_a_threatening_draft_must_not_be_sent():
    answer = answer_to("P 응", draft="답 안 하면 집으로 찾아간다")
    assert answer.recommendation.code == "threat_by_me"
    assert not any(response.sendable for response in answer.responses)


@pytest.mark.parametrize("words", ["저 고1이에요", "나 아직 중3이야", "나 고등학생인데", "저 17살이에요", "고2요"])
def test_an_adult_is_advised_not_to_contact_a_pupil(words):
    assert answer_to(f"P {words}", my_age=26).recommendation.code == "minor"


@pytest.mark.parametrize(
    "words",
    [
        "고3 때 생각난다",
        "동생이 고1이야",
        "나 중2병인가봐ㅋㅋ",
        "고2 과외 하고 왔어",
        "조카가 초등학생이야",
        "나 25살이야",
    ],
)
def test_a_partner_who_mentions_school_is_not_a_minor(words):
    assert answer_to(f"P {words}", my_age=26).recommendation.code != "minor"


def test_the_age_takes_precedence_over_words():
    assert answer_to("P 안녕", my_age=30, partner_age=18).recommendation.code == "minor"
    assert answer_to("P 안녕", my_age=30, partner_age=19).recommendation.code == "ok"
    assert answer_to("P 안녕", my_age=17, partner_age=17).recommendation.code == "friendship_only"
    assert answer_to("P 안녕", my_age=None, partner_age=17).recommendation.code == "minor"
    assert answer_to("M 나 고2야", "P 안녕", my_age=None, partner_age=17).recommendation.code == "friendship_only"
    assert answer_to("P 안녕", my_age=30, description="고등학생, 같은 학원").recommendation.code == "minor"
    assert answer_to("P 안녕", my_age=30, description="고등학생 때 친구").recommendation.code == "ok"


def test_after_two_evaded_invitations_in_a_row_the_user_should_wait():
    once = ("M 주말에 볼래?", "P 주말은 약속 있어ㅠ")
    twice = (*once, "M 그럼 다음 주에 밥 먹을까?", "P 다음 주도 바빠서 힘들 것 같아")
    accepted = (*once, "M 그럼 다음 주에 밥 먹을까?", "P 좋아 수요일에 보자")
    assert answer_to(*once).recommendation.code == "ok"
    assert answer_to(*twice).recommendation.code == "soft_refusals"
    assert answer_to(*accepted).recommendation.code == "ok"


def test_a_busy_partner_without_an_invitation_has_not_refused():
    lines = ("M 뭐해", "P 나 오늘 바빠", "M 힘내", "P 괜찮아", "M 밥은?", "P 나중에 먹으려고")
    assert answer_to(*lines).recommendation.code == "ok"


def test_after_hours_without_an_answer_the_user_should_wait():
    lines = ("P ㅇㅇ", "M 뭐해", "M 자?", "M 나 심심해")
    assert answer_to(*lines).recommendation.code == "ok"
    assert answer_to(*lines, silence_hours=12).recommendation.code == "unanswered"
    assert all(response.sendable for response in answer_to(*lines, silence_hours=12).responses)


def test_every_rule_has_a_reason_and_advice_for_unsent_replies():
    rules = safety.load_rules()
    for rule in rules.rules:
        assert rule.about
        assert rule.reason
        assert len(rule.instead) == (3 if rule.action is Action.DO_NOT_CONTACT else 0)
        assert set(rule.help) <= set(rules.help)


def test_every_code_belongs_to_one_rule():
    rules = safety.load_rules()
    others = (rules.soft_refusals, rules.unanswered, rules.minor_user, rules.ok)
    assert sorted(rule.code for rule in (*rules.rules, *others)) == sorted(safety.SafetyCode)
