"""The analysis of a partner, from the user's description and from the chat."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.analysis import speech
from chalicelib.coaching import partner_rules, traits
from chalicelib.coaching.partner_analysis import analyse, compatibility
from chalicelib.domain import Kind, PartnerFacts, Role
from tests.coaching.chats import CHATS, briefing_of, lines_of

RELATIONSHIPS = ["썸", "소개팅", "연인", "부부", "전 연인", "친구", "동료", "기타", "펜팔"]
NAME = "김바다"
ROMANCE = re.compile("연애|고백|썸|데이트|사랑|애정|설레|만남을 제안|스킨십")
DESCRIPTIONS = [
    "다정하고 유머가 있지만 낯을 가려요. 야근이 많아 답장이 느려요",
    "무뚝뚝하고 표현을 잘 못해요. 장거리 연애 중이고 질투가 있어요",
    "솔직하고 적극적인 사람, 강아지를 키워요",
    "",
]
POLITE = ["안녕하세요", "오늘 날씨가 좋네요", "저는 이제 퇴근했어요", "식사는 하셨어요?", "내일 뵐게요", "네 좋아요"]
CASUAL = ["안녕", "오늘 날씨 좋다 ㅋㅋ", "나 이제 퇴근했어", "밥 먹었어?", "내일 보자", "응 좋아"]


def facts_of(relationship="기타", **facts):
    return PartnerFacts(name=NAME, relationship=relationship, **facts)


def analysis_of(facts, lines=(), my_speech=None, partner_speech=None, words=(), **more):
    chat = lines_of(list(lines), datetime(2026, 11, 20, tzinfo=UTC)) if lines else ()
    return analyse(facts, chat, my_speech, partner_speech, words, **more)


def lists_of(analysis):
    return [
        analysis.personality_traits,
        analysis.communication_preferences,
        analysis.relationship_advice,
        analysis.conversation_topics,
        analysis.risk_factors,
    ]


def texts_of(analysis):
    return [*itertools.chain.from_iterable(lists_of(analysis)), analysis.approach_strategy]


def assert_complete(analysis):
    for texts in lists_of(analysis):
        assert 2 <= len(texts) <= 5
        assert len(set(texts)) == len(texts)
    for text in texts_of(analysis):
        assert text.strip() == text
        assert text
        assert len(text) < 160
        assert "{" not in text
    for text in (*analysis.communication_preferences, *analysis.relationship_advice, *analysis.risk_factors):
        assert re.search(r"[요다]\.$", text), text
    assert analysis.compatibility_score is None or 0 <= analysis.compatibility_score <= 1
    assert len(analysis.evidence) <= 12


@pytest.mark.parametrize("relationship", RELATIONSHIPS)
@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_every_analysis_is_complete(relationship, description):
    for mbti, age, interests in itertools.product((None, "INTP"), (None, 17, 31), (None, "등산, 재즈를 좋아함")):
        facts = facts_of(relationship, description=description, age=age, interests=interests)
        analysis = analysis_of(facts, mbti=mbti, my_age=24)
        assert_complete(analysis)
        assert analysis.evidence == ()
        assert analysis.engine == "local"


def test_each_relationship_has_its_own_strategy():
    strategies = {analysis_of(facts_of(relationship)).approach_strategy for relationship in RELATIONSHIPS[:-1]}
    assert len(strategies) == 8
    assert analysis_of(facts_of("펜팔")) == analysis_of(facts_of("기타"))


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat["id"])
def test_an_analysis_of_a_chat_quotes_only_the_partner(chat):
    briefing = briefing_of(chat)
    analysis = analyse(briefing.partner, briefing.lines, briefing.my_speech, None, (), my_age=briefing.my_age)
    assert_complete(analysis)
    by_id = {line.message_id: line for line in briefing.lines}
    for evidence in analysis.evidence:
        line = by_id[evidence.message_id]
        assert line.role is Role.PARTNER
        assert line.kind is Kind.TEXT
        assert evidence.quote
        assert line.text.startswith(evidence.quote)
        assert evidence.trait in analysis.personality_traits
    assert analysis == analyse(briefing.partner, briefing.lines, briefing.my_speech, None, (), my_age=briefing.my_age)


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat["id"])
def test_no_name_is_in_an_analysis(chat):
    briefing = briefing_of(chat)
    facts = replace(briefing.partner, name=NAME, interests="김바다와 등산, 바다 보기, 구름 사진")
    words = ("바다", "영화", "김바다", "하늘", "구름")
    analysis = analyse(facts, briefing.lines, briefing.my_speech, None, words)
    for text, name in itertools.product(texts_of(analysis), {NAME, "바다", *(line.sender for line in briefing.lines)}):
        assert name not in text


def test_a_frequent_word_that_can_be_a_name_is_not_a_topic():
    topics = analysis_of(facts_of("친구"), words=("민수", "어제", "떡볶이", "지은이")).conversation_topics
    assert "대화에 자주 나온 떡볶이 이야기" in topics
    assert not any("민수" in topic or "지은" in topic or "어제" in topic for topic in topics)


def test_interests_become_topics_and_dislikes_do_not():
    topics = analysis_of(facts_of("썸", interests="등산, 클래식 기타를 좋아함, 술은 싫어함")).conversation_topics
    assert "등산을 좋아하게 된 계기" in topics
    assert "요즘 즐기는 클래식 기타 이야기" in topics
    assert not any("술" in topic for topic in topics)
    sentence = facts_of("썸", interests="주말마다 친구들과 영화 보고 이것저것 하는 것을 좋아해요")
    assert "영화를 좋아하게 된 계기" in analysis_of(sentence).conversation_topics


def test_the_description_adds_suggestions():
    plain = analysis_of(facts_of("연인"))
    busy = analysis_of(facts_of("연인", description="요즘 야근이 많아요"))
    assert "야근" not in " ".join(texts_of(busy))
    assert set(busy.communication_preferences) > set(plain.communication_preferences)
    not_busy = analysis_of(facts_of("연인", description="별로 바쁘지 않아요"))
    assert not_busy == plain


def test_the_analysis_of_a_silent_ex_partner_suggests_no_further_contact():
    analysis = analysis_of(facts_of("전 연인", description="연락이 뜸해요"))
    assert analysis == analysis_of(facts_of("전 연인"))


def test_an_mbti_type_is_presented_as_a_statement_of_the_user():
    for analysis in (analysis_of(facts_of(), mbti="infp"), analysis_of(facts_of(personality="조용함, INFP"))):
        assert "MBTI로는 내향적" in analysis.personality_traits
    mbti_texts = [text for text in texts_of(analysis_of(facts_of(), mbti="infp")) if "INFP" in text]
    assert mbti_texts
    assert all("INFP라고 했으니" in text for text in mbti_texts)
    assert analysis_of(facts_of(), mbti="모름") == analysis_of(facts_of())


def test_suggestions_follow_the_speech_levels_of_both_people():
    polite, casual = speech.analyse(POLITE), speech.analyse(CASUAL)
    assert "존댓말" in analysis_of(facts_of("썸"), my_speech=casual, partner_speech=polite).approach_strategy
    assert any(
        "반말을 쓰고 있어서" in text
        for text in analysis_of(facts_of("썸"), my_speech=casual, partner_speech=polite).risk_factors
    )
    assert "존댓말" in analysis_of(facts_of("동료"), my_speech=polite, partner_speech=casual).approach_strategy
    assert "존댓말" not in analysis_of(facts_of("썸"), my_speech=casual, partner_speech=casual).approach_strategy
    assert analysis_of(facts_of("썸"), partner_speech=speech.analyse(POLITE[:4])) == analysis_of(facts_of("썸"))


def test_the_speech_level_is_read_from_the_chat_without_an_analysed_speech():
    lines = [f"P {text}" for text in POLITE]
    assert "존댓말" in analysis_of(facts_of("소개팅"), lines).approach_strategy


def test_traits_of_the_chat_come_first_with_their_quotes():
    analysis = analysis_of(facts_of("친구", personality="유머 있음"), ["P 밥은 먹었어?", "M 응", "P 푹 쉬어"])
    assert analysis.personality_traits[:2] == ("배려심", "유머")
    assert {(line.trait, line.quote) for line in analysis.evidence} == {
        ("배려심", "밥은 먹었어?"),
        ("배려심", "푹 쉬어"),
    }
    assert analysis.without_quotes() == replace(analysis, evidence=())


# Minors, refusals and threats.


@pytest.mark.parametrize("relationship", RELATIONSHIPS)
@pytest.mark.parametrize(
    "facts", [{"age": 17}, {"description": "고2 학생이에요"}, {"age": 15, "personality": "다정함"}]
)
@pytest.mark.parametrize("my_age", [None, 30, 17])
def test_a_partner_under_19_gets_suggestions_for_friendship_only(relationship, facts, my_age):
    equal = speech.analyse(CASUAL)
    analysis = analysis_of(facts_of(relationship, **facts), my_speech=equal, partner_speech=equal, my_age=my_age)
    assert_complete(analysis)
    assert analysis.compatibility_score is None
    assert "친구" in analysis.approach_strategy
    other_texts = [
        text for text in texts_of(analysis) if "연애로 이끌려고 하지" not in text and "연애에 관한 조언" not in text
    ]
    assert not any(ROMANCE.search(text) for text in other_texts)


def test_an_adult_is_advised_to_keep_a_distance_from_a_pupil():
    analysis = analysis_of(facts_of("썸", age=16, interests="농구", personality="적극적"), my_age=28)
    assert "거리" in analysis.approach_strategy
    assert "농구" not in " ".join(texts_of(analysis))
    by_message = analysis_of(facts_of("썸"), ["P 나 고2야", "M 아 그래?"])
    assert "미성년자" in by_message.approach_strategy


def test_a_user_under_19_is_warned_about_adults():
    analysis = analysis_of(facts_of("썸", age=29, interests="농구"), my_age=16)
    assert any("믿을 만한 어른" in text for text in analysis.risk_factors)
    assert "농구" not in " ".join(texts_of(analysis))
    friends = analysis_of(facts_of("썸", age=16, interests="농구"), my_age=16)
    assert "농구를 좋아하게 된 계기" in friends.conversation_topics


@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_a_refusal_is_respected(relationship):
    equal = speech.analyse(CASUAL)
    lines = ["M 우리 다시 볼까?", "P 이제 연락하지 마"]
    analysis = analysis_of(facts_of(relationship, interests="등산"), lines, my_speech=equal, partner_speech=equal)
    assert_complete(analysis)
    assert "멈추" in analysis.approach_strategy
    assert analysis.compatibility_score is None
    assert not any("등산" in text for text in texts_of(analysis))


@pytest.mark.parametrize("description", ["저를 때린 적이 있어요", "데이트 폭력이 있었어요", "저한테 협박을 해요"])
def test_harm_in_the_description_puts_safety_first(description):
    analysis = analysis_of(facts_of("연인", description=description))
    assert_complete(analysis)
    assert "안전" in analysis.approach_strategy
    assert "1366" in analysis.risk_factors[0]


def test_signs_of_self_harm_put_the_help_line_first():
    analysis = analysis_of(facts_of("친구"), ["M 요즘 어때", "P 나 그냥 죽고 싶어"])
    assert "109" in analysis.risk_factors[0]
    assert "안전" in analysis.approach_strategy


def test_after_evaded_invitations_the_analysis_suggests_waiting():
    lines = ["M 이번 주에 만날래?", "P 이번 주는 시간이 안 될 것 같아", "M 그럼 다음 주에 만날까?", "P 다음에 보자"]
    analysis = analysis_of(facts_of("썸"), lines)
    assert "기다려" in analysis.approach_strategy
    assert "제안" not in analysis.approach_strategy


def test_a_large_age_gap_has_its_own_advice():
    wide = analysis_of(facts_of("소개팅", age=36), my_age=26)
    assert any("나이 차이" in text for text in wide.relationship_advice)
    described = analysis_of(facts_of("썸", description="10살 연상이에요"))
    assert any("나이 차이" in text for text in described.relationship_advice)
    assert analysis_of(facts_of("소개팅", age=28), my_age=26) == analysis_of(facts_of("소개팅"))


# Compatibility.


def test_equal_speech_has_compatibility_one_and_different_speech_less():
    polite, casual = speech.analyse(POLITE), speech.analyse(CASUAL)
    assert compatibility(polite, polite) == 1
    assert compatibility(polite, casual) == compatibility(casual, polite)
    assert 0 <= compatibility(polite, casual) < 0.8


def test_compatibility_is_the_mean_of_its_parts():
    base = speech.analyse(CASUAL)
    me = replace(base, formal_ratio=0.0, length_median=10, laughter_ratio=0.2, emoji_ratio=0.4, question_ratio=0.1)
    them = replace(base, formal_ratio=1.0, length_median=5, laughter_ratio=0.6, emoji_ratio=0.4, question_ratio=0.3)
    assert compatibility(me, them) == round((0.0 + 0.5 + 0.8 + 0.5) / 4, 2)


def test_fewer_than_five_messages_have_no_compatibility():
    few, enough = speech.analyse(CASUAL[:4]), speech.analyse(CASUAL[:5])
    for me, them in ((few, enough), (enough, few), (None, enough), (enough, None), (None, None)):
        assert analysis_of(facts_of(), my_speech=me, partner_speech=them).compatibility_score is None
    assert analysis_of(facts_of(), my_speech=enough, partner_speech=enough).compatibility_score == 1


def test_messages_without_sentences_can_be_compared():
    silent = speech.analyse(["ㅋㅋ", "ㅎㅎ", "ㅋㅋㅋ", "ㅇㅋ", "ㅠㅠ"])
    assert compatibility(silent, silent) == 1


# The texts.


def test_no_text_is_manipulative_or_a_stereotype():
    texts = str(partner_rules.load_rules())
    for word in ("밀당", "질투심을", "집요", "무조건 연락", "여자는", "남자는", "여자라", "남자라"):
        assert word not in texts


def test_every_trait_has_suggestions():
    rules = traits.load_rules()
    names = {trait.name for trait in (*rules.traits, *rules.mbti.letters.values())}
    assert names == set(partner_rules.load_rules().traits)


def test_every_base_has_two_to_five_lines_in_each_list():
    rules = partner_rules.load_rules()
    for base in (*rules.relationships.values(), *rules.modes.values()):
        assert base.approach
        for lines in (base.preferences, base.advice, base.topics, base.risks):
            assert 2 <= len(lines) <= 5
