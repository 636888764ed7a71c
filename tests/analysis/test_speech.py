"""How people speak, counted from what they write."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import chalicelib.korean.endings as module
from chalicelib.analysis.speech import (
    SpeechCounts,
    analyse,
    choose_examples,
    has_emoji,
    has_honorific,
    has_laughter,
    is_question,
    level_of,
    style_fit,
)
from chalicelib.domain import SentimentScores, Speech, SpeechLevel

LEVELS = {
    SpeechLevel.HASIPSIO: [
        "안녕하십니까",
        "네 알겠습니다!",
        "오늘 즐거웠습니다 ㅎㅎ",
        "몇 시에 오십니까?",
        "조심히 들어가십시오",
        "그럼 내일 뵙겠습니다~",
        "같이 갑시다",
        "수고하십쇼",
        "감사함다",
        "잘 먹었슴다 ㅋㅋ",
        "반갑습니당 ㅎㅎ",
        "고맙습니다 하늘씨",
        "확인했습니다 팀장님",
        "사랑함니다",
        "입금했습니다 😊",
        "저는 괜찮습니다만…",
        "축하드립니다아",
        "도착했습니닼ㅋㅋ",
        "혹시 내일 시간 괜찮으십니까?",
        "금방 가겠습니다!!",
        "먼저 들어가보겠습니다 ㅎㅎ",
        "오늘 회의는 3시입니다",
        "좋은 하루 되십쇼~~",
        "그렇게 합시다",
        "네네 확인해보겠슴다 ㅋㅋ",
        "생일 축하드립니다 🎂",
        "죄송합니다 늦었습니다 ㅠㅠ",
    ],
    SpeechLevel.HAEYO: [
        "밥 먹었어요?",
        "오늘 뭐해요 ㅎㅎ",
        "저도요",
        "커피요!",
        "네",
        "넵ㅋㅋ",
        "넹~",
        "네네 ㅎㅎ",
        "예",
        "넴",
        "아니요",
        "아뇨 ㅠㅠ",
        "여보세요",
        "그렇죠",
        "맞죠?",
        "그쵸 ㅎㅎ",
        "좋네요^^",
        "그렇군요",
        "제가 할게요",
        "갈까요",
        "좋아하나요?",
        "주말에 뭐 하세요",
        "예뻐요",
        "학생이에요",
        "여기예요",
        "고마워요 하늘씨",
        "보고 싶어요 진짜",
        "뭐해용ㅋㅋ",
        "안녕하세욤",
        "그래여?",
        "반가워염",
        "맞아유",
        "했쥬?",
        "안녕하세욬ㅋㅋㅋ",
        "잘 들어갔나여",
        "재밌었어용!!",
        "배고파요오",
        "진짜요??",
        "왜요",
        "3개요",
        "5시요!",
        "아니에여 ㅠ",
        "가시죠",
        "아닌데요",
        "바빠서요",
        "네 하늘님",
        "네, 지금 학교",
        "지금 가는 중이에요 학교",
        "잘 자요 ㅎㅎ 굿밤",
        "그럼 나중에 봐요 ~",
        "ㅋㅋㅋ 맛있겠네요",
        "저 먼저 잘게요... ㅠㅠ",
        "오늘 안 갔어요 아직",
        "혹시 이번 주말에 시간 되세요?",
        "어제 잘 들어가셨어요?",
        "저는 집에서 쉬고 있어요~",
        "영화 좋아하시는구나ㅎㅎ 저도 좋아해요",
        "아하 그렇구나 저도 가보고 싶었어요",
        "그럼 토요일 6시 어때요",
        "네 좋아요! 강남역 어떠세요",
        "아직이요 ㅠㅠ 하늘씨는요?",
        "오 진짜요? 신기하네요",
        "헐 대박이네용",
        "담에 같이 가여 ㅎㅎ",
        "그건 좀 그런데요...",
        "저 지금 출발했어요!",
        "늦어서 미안해요 많이 기다렸죠",
        "괜찮아요 천천히 오세요",
        "맛집 찾아볼게요 ㅋㅋ",
        "잘자요~~ 내일 봐요",
        "덕분에 오늘 재밌었어요 조심히 들어가요",
        "취미가 뭐예요?",
        "엇 저두요!",
        "그러게요 ㅋㅋㅋㅋ",
        "아 맞다 그거 봤어요? 그 드라마",
        "몇 시쯤 끝나세요",
        "날씨 너무 좋지 않아요?",
    ],
    SpeechLevel.HAE: [
        "밥 먹었어?",
        "뭐해",
        "나 지금 집 가는 중이야",
        "좋아 ㅋㅋ",
        "괜찮아",
        "응",
        "웅웅",
        "어",
        "ㅇㅇ",
        "ㅇㅇ 학교",
        "글쎄",
        "아니",
        "아니야",
        "아니여",
        "그래 ㅋㅋ",
        "알겠어",
        "싫어",
        "없어 ㅠ",
        "몰라",
        "배고파",
        "바빠",
        "예뻐!",
        "고마워",
        "미안해ㅠㅠ",
        "내가 할게",
        "이따 볼까",
        "같이 갈래?",
        "그렇지",
        "맞지?",
        "예쁘네",
        "그랬구나",
        "하더라고",
        "했잖아",
        "그랬거든",
        "어제 봤는데",
        "비 오던데",
        "배고픈데",
        "뭐 먹지",
        "누구야?",
        "5시야",
        "BTS야",
        "잘 자 지민아",
        "지민아",
        "뭐해 자기야",
        "뭐해 지금",
        "보고 싶어 진짜로",
        "했엉",
        "좋앙 ㅎㅎ",
        "갈겡",
        "그랭",
        "뭐행",
        "좋넹",
        "했어어어",
        "뭐얔ㅋㅋ",
        "알았음",
        "지금 감",
        "나도 봄",
        "밥 먹는 중임",
        "재밌었음 ㅋㅋㅋ",
        "인정하는 듯",
        "갈 듯",
        "하셈",
        "하지 마",
        "안 돼",
        "빨리 와",
        "우리 집에 가",
        "얼른 자",
        "그니까",
        "피곤해서",
        "밥 먹고 있고",
        "걔가 뭐래",
        "온대",
        "어때",
        "진짜 웃겨 ㅋㅋ",
        "이거 비싸",
        "누가 그랬나",
        "그런가",
        "그거 알아? 나 붙었어!!",
        "헐 대박 축하해",
        "맞아 나도",
        "나 이거 샀어 https://shop.kr/1234",
        "너 지금 어디야",
        "나 방금 일어났어 ㅋㅋㅋ",
        "오늘 저녁에 뭐 먹을까?",
        "치킨 어때",
        "ㅋㅋㅋㅋ 미쳤나봐",
        "진짜 너무 힘들었어 오늘",
        "야 너 그거 들었어?",
        "아 배불러",
        "왜 전화 안 받아",
        "나도 보고싶어",
        "집 도착하면 연락해",
        "심심해 ㅠㅠ 놀아줘",
        "그럼 7시에 거기서 봐",
        "헐 나도 그 생각 했는데 ㅋㅋ",
        "걔 왜 그래?",
        "아니 근데 진짜 웃기지 않아?",
        "몰라 그냥 짜증나",
        "됐어 알아서 해",
        "다음에 얘기해",
        "나 오늘 야근이야 ㅠ",
        "알았어 이따 전화할게",
        "사진 보내줘",
        "뭐라고?",
        "그냥 그래",
        "자기 뭐해?",
        "씻고 올게~",
        "우와 맛있겠당 나도 먹고 싶어",
        "그건 아닌 듯",
        "개웃김 ㅋㅋㅋㅋ",
        "나 지금 버스 탐",
        "완전 내 스타일임",
        "응 조심히 와",
        "그치 나도 그렇게 생각해",
        "먹고싶어서 죽겠어",
        "이번 주는 좀 바쁠 것 같아",
        "내일 몇 시에 일어나야 돼?",
        "주말에 뭐할거야",
        "아 귀찮아서",
        "나 먼저 잘게 잘자",
        "오늘 고생했어 푹 쉬어",
        "담주에 시험이라서 ㅠㅠ",
        "여기 분위기 좋다며?",
    ],
    SpeechLevel.HAERA: [
        "밥 먹었니",
        "뭐하니?",
        "언제 오니",
        "뭐 하냐 ㅋㅋ",
        "먹었냐",
        "그냥 가자",
        "집에 가자!",
        "이따 보자~",
        "밥 먹자",
        "하자",
        "놀쟈",
        "배고프다",
        "졸리다 ㅠㅠ",
        "보고싶다",
        "좋다",
        "나 간다",
        "집에 왔다",
        "했당 ㅎㅎ",
        "재밌겠다",
        "비 온다",
        "좋더라",
        "빨리 와라",
        "먹어라",
        "하지 마라",
        "그만 먹으렴",
        "보고싶다 진짜",
        "갔니 민준아",
        "내일 보는 걸로 하자 ㅋㅋ",
        "오늘 날씨 진짜 좋다",
        "배고파 죽겠다",
        "담에 또 가자",
        "너 왜 그러냐",
        "아 집 가고 싶다",
        "드디어 퇴근했다!!",
        "뭐 그런 걸 가지고 그러니",
        "힘내라 ㅋㅋ",
        "일찍 일찍 다녀라",
        "벌써 보고 싶네 라고 하더라",
        "영화 재밌더라",
        "술 한잔 하자",
        "웃기고 있네 진짜 한심하다",
        "와 진짜 맛있겠다",
        "꼭 이겨라",
    ],
    SpeechLevel.NEUTRAL: [
        "바다",
        "남자",
        "여자",
        "과자",
        "휴지",
        "동네",
        "언니",
        "어머니",
        "할머니 ㅠㅠ",
        "강아지",
        "필요",
        "중요",
        "개요",
        "비용",
        "내용",
        "사용",
        "우유",
        "이유",
        "참여",
        "수염",
        "감염",
        "아이유",
        "여행",
        "우리은행",
        "모양",
        "그냥",
        "근데",
        "그래서",
        "그리고",
        "하나",
        "누나",
        "친구",
        "원래",
        "노래",
        "미래",
        "영어",
        "한국어",
        "고려",
        "배려",
        "샤워",
        "벌써",
        "달러",
        "콜라",
        "얼음",
        "웃음",
        "처음",
        "다음",
        "게임",
        "모임",
        "포함",
        "전문가",
        "식당",
        "사이다",
        "혼자",
        "아버지",
        "아직까지",
        "돼지",
        "진짜",
        "헐",
        "대박",
        "오",
        "ㅋㅋㅋㅋ",
        "ㅎㅎ",
        "ㅠㅠㅠ",
        "ㅇㅋ",
        "ㄱㄱ",
        "ㄴㄴ",
        "ㅇㅈ",
        "^^",
        "😂😂",
        "...",
        "?",
        "https://youtu.be/가자요",
        "010-1234-5678",
        "사진",
        "이모티콘",
        "ok",
        "저녁 7시 강남역 11번 출구",
        "오늘 회식",
        "아메리카노 두 잔",
        "내일 오후",
        "집 가는 중",
        "굿나잇",
        "감사",
        "ㄹㅇㅋㅋ",
        "오키오키",
        "ㅇㅋㅇㅋ",
        "헐...",
        "나도 ㅋㅋ",
        "너는?",
        "갑자기?",
        "파스타",
        "제주도 여행",
        "엄마",
        "사랑",
        "그 카페 사장님",
    ],
}
POLITE_LEVELS = {SpeechLevel.HASIPSIO, SpeechLevel.HAEYO}
CASUAL_LEVELS = {SpeechLevel.HAE, SpeechLevel.HAERA}
TABLE = [(text, level) for level, texts in LEVELS.items() for text in texts]

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


@pytest.mark.parametrize(("text", "level"), TABLE)
def test_a_message_has_the_level_of_its_last_ending(text, level):
    assert level_of(text) is level


def test_at_least_99_in_100_of_clean_sentences_are_read_as_polite_or_casual():
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    assert len(pairs) >= 400
    misread = [polite for polite, _ in pairs if level_of(polite) not in POLITE_LEVELS]
    misread += [casual for _, casual in pairs if level_of(casual) not in CASUAL_LEVELS]
    assert len(misread) <= 0.01 * 2 * len(pairs), misread


def test_at_least_97_in_100_of_chat_lines_have_their_level():
    labelled = [line.split("\t") for line in lines_of("chat_levels.tsv")]
    assert len(labelled) >= 500
    misread = [text for level, text in labelled if level_of(text).value != level]
    assert len(misread) <= 0.03 * len(labelled), misread


def test_no_ending_is_listed_twice():
    groups = json.loads((Path(module.__file__).parent / "data" / "endings.json").read_text("utf-8"))["groups"]
    endings = [ending for group in groups for line in group["endings"] for ending in line.split()]
    assert sorted(endings) == sorted(set(endings))


@pytest.mark.parametrize(
    "text", ["밥 먹었어?", "몇 시에 오십니까", "갈까", "뭐해", "어디야 ㅋㅋ", "언제 와", "왜", "좋나요", "먹냐"]
)
def test_a_question_is_known_by_its_mark_its_ending_or_its_question_word(text):
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["밥 먹었어", "그냥", "https://a.kr/?q=1", "그니까", "네 알겠습니다", "만나요", "", "ㅋㅋ"]
)
def test_a_statement_is_no_question(text):
    assert not is_question(text)


@pytest.mark.parametrize("text", ["ㅋ", "좋아 ㅎㅎ", "ㅇㅋㅋㅋ", "하하하", "크크", "했어욬ㅋㅋ"])
def test_laughter_is_heard(text):
    assert has_laughter(text)
    assert has_emoji(text)


@pytest.mark.parametrize("text", ["ㅇㅋ", "ㅎㅇ", "하하고 싶다"[1:], "네!", "ㅠㅠ"])
def test_other_jamo_are_not_laughter(text):
    assert not has_laughter(text)


@pytest.mark.parametrize("text", ["😀", "고마워♥", "ㅠㅠ", "^^", "좋아 :)", "ㅜㅜ 미안", "ㅇㅅㅇ", "ㅎㅎ"])
def test_emoji_emoticons_laughter_and_tears_count_as_emoji(text):
    assert has_emoji(text)


@pytest.mark.parametrize("text", ["8:30에 봐", "ㅇㅋ", "네...", "10,000원!", "https://a.kr/:)", "(웃음)"])
def test_plain_signs_are_no_emoji(text):
    assert not has_emoji(text)


@pytest.mark.parametrize(
    "text", ["어머니가 오셨어", "할머니께서 그랬어", "뭐 하세요", "주무셨어?", "드릴게", "선생님 왔어", "언제 오시는데"]
)
def test_honouring_the_referent_is_apart_from_the_level(text):
    assert has_honorific(text)


@pytest.mark.parametrize(
    "text", ["물 마셨어", "몇 시야", "다시 해", "그게 아님", "확실하지", "건드려", "네 좋아요", "하느님"]
)
def test_syllables_that_look_honorific_are_not(text):
    assert not has_honorific(text)


def test_counts_of_parts_merge_to_the_counts_of_the_whole():
    chance = _chance(7)
    texts = [chance.choice(TABLE)[0] + chance.choice(["", " ㅋㅋ", "~", " ㅠㅠ", "!!"]) for _ in range(600)]
    whole = _counted(texts)
    for _ in range(20):
        first, second = sorted(chance.sample(range(len(texts)), 2))
        parts = [_counted(part) for part in (texts[:first], texts[first:second], texts[second:])]
        chance.shuffle(parts)
        merged = SpeechCounts()
        for part in parts:
            merged.merge(SpeechCounts.from_document(json.loads(json.dumps(part.to_document()))))
        assert merged.to_document() == whole.to_document()
        assert merged.speech() == whole.speech()


@pytest.mark.slow
def test_a_document_stays_small_however_much_is_counted():
    chance = _chance(11)
    counts = _counted(chr(chance.randrange(0x1F300, 0x1FAFF)) * chance.randrange(1, 400) for _ in range(5000))
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


def test_without_a_level_nothing_is_formal():
    speech = analyse(["ㅋㅋ", "사진"])
    assert speech.formal_ratio == 0.0
    assert speech.speech_style == "casual"


def test_no_messages_are_no_analysis():
    with pytest.raises(ValueError, match="at least one"):
        analyse([])


def test_counts_of_nothing_are_still_a_speech():
    speech = SpeechCounts().speech()
    assert (speech.total_messages, speech.avg_length, speech.length_median) == (0, 0.0, 0)
    assert speech.emotions == SentimentScores(0.0, 0.0, 1.0, 0.0)
    assert speech.tone == "neutral"


@pytest.mark.parametrize(("n", "confidence"), [(4, "low"), (5, "medium"), (49, "medium"), (50, "high")])
def test_confidence_grows_with_the_messages(n, confidence):
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


def test_tone_is_the_clearly_larger_feeling():
    assert analyse(["너무 좋아", "고마워", "집"]).tone == "positive"
    assert analyse(["짜증나", "진짜 싫어", "집"]).tone == "negative"
    assert analyse(["집", "학교"]).tone == "neutral"


def test_habits_are_said_at_least_three_times_and_laughter_is_shortened():
    speech = analyse(["ㅋㅋㅋㅋㅋㅋ 뭐야", "ㅋㅋㅋㅋ", "ㅋㅋㅋ 그래", "헐 진짜?", "헐", "헐 대박", "ㅠㅠ", "오 좋아"])
    habits = {habit.text: habit.count for habit in speech.habits}
    assert habits == {"ㅋㅋㅋ": 3}
    assert {"헐": 3}.items() <= {h.text: h.count for h in analyse(["헐 왜", "헐", "헐 어떡해"]).habits}.items()


def test_a_habit_is_counted_once_a_message_and_eight_are_shown():
    assert analyse(["ㅋㅋ 아 ㅋㅋ 진짜 ㅋㅋ"] * 3).habits[0].count == 3
    assert len(analyse(["헐 ㅋㅋ ㅠㅠ ~ !! ^^ ;; … ㅇㅋ 😀 했잖아"] * 3).habits) == 8


def test_no_name_becomes_a_habit():
    assert analyse(["지민 왔어", "지민 뭐래", "지민 어디"] * 5).habits == ()


def test_examples_are_typical_distinct_and_hold_nothing_private():
    texts = [*CASUAL, *CASUAL, "네", "https://a.kr/밥", "계좌는 110123456789야", "아주 " * 60 + "길어", "@바다 뭐해"]
    examples = choose_examples(texts)
    assert len(examples) == len(set(examples)) == 5
    assert set(examples) <= set(CASUAL)
    assert choose_examples(["https://a.kr"]) == ()


def test_examples_of_a_level_can_be_asked_for():
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


def test_style_fit_stays_within_its_bounds():
    for speech in (analyse(CASUAL), analyse(POLITE), analyse(["ㅋㅋ"]), SpeechCounts().speech()):
        for text, _ in TABLE:
            assert 0.0 <= style_fit(text, speech) <= 1.0
        assert 0.0 <= style_fit("", speech) <= 1.0


def test_a_persons_own_messages_fit_their_own_speech():
    speech: Speech = analyse(CASUAL)
    assert sum(style_fit(text, speech) for text in CASUAL) / len(CASUAL) >= 0.85


def lines_of(name):
    lines = (Path(__file__).parent / "data" / name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def _counted(texts):
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts


def _chance(seed):
    return random.Random(seed)


def test_traits_carry_the_counts_they_rest_on():
    speech = analyse(["뭐해?", "집", "밥 먹었어?"] * 3)
    counted = next(each for each in speech.trait_counts if each.trait == "호기심이 많음")
    assert (counted.measure, counted.count, counted.messages) == ("question_ratio", 6, 9)
    assert counted.value == speech.question_ratio
    assert {each.trait for each in speech.trait_counts} == set(speech.personality_traits)


def test_what_is_denied_makes_no_trait():
    assert "다정함" in analyse(["진짜 좋아", "너무 행복해", "오늘 뭐 먹지"] * 3).personality_traits
    assert "다정함" not in analyse(["하나도 안 좋아", "행복하지 않아", "오늘 뭐 먹지"] * 3).personality_traits
