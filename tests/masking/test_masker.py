"""What masking promises, on invented lines: what goes, what stays, what comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.masking import (
    PARTICIPANTS,
    RECALL,
    TOUCHED,
    clean_lines,
    people_lines,
    personal_lines,
    recall,
    touched,
)
from chalicelib.masking import pseudonyms
from chalicelib.masking.masker import Masker, find_masked_parts

PERSONAL = list(personal_lines())
CLEAN = list(clean_lines())
WORDS = [line for line in CLEAN if not any(sign.isdigit() for sign in line)]
# Every form of a name that comes back letter by letter.
AFTER_CONSONANT = [
    "",
    "아",
    "이가",
    "이는",
    "이를",
    "이랑",
    "이와",
    "이한테",
    "이야",
    "이도",
    "이네",
    "씨",
    " 씨는",
    "님",
    "누나",
    "으로",
]
AFTER_VOWEL = ["", "야", "가", "는", "를", "랑", "와", "한테", "예요", "도", "네", "씨", " 씨는", "님", "언니", "로"]
SAID = (
    st.tuples(st.sampled_from(["김지민", "지민", "하늘", "김하늘"]), st.sampled_from(AFTER_CONSONANT))
    | st.tuples(st.sampled_from(["바다", "박바다", "이나라"]), st.sampled_from(AFTER_VOWEL))
    | st.tuples(st.sampled_from(["Michael"]), st.sampled_from(["", "이랑", " 씨", "한테"]))
).map("".join)
ROOM = ("김지민", "하늘", "바다", "이나라", "Michael")


@pytest.fixture
def masker():
    return Masker("room", PARTICIPANTS)


def test_the_test_set_is_large_enough():
    assert len(PERSONAL) >= 250
    assert len(CLEAN) >= 400
    assert len(set(PERSONAL)) == len(PERSONAL)
    assert len(set(CLEAN)) == len(CLEAN)


@pytest.mark.parametrize("kind", dict.fromkeys(line.kind for line in PERSONAL))
def test_at_least_99_in_100_of_each_kind_are_masked(kind):
    assert recall([line for line in PERSONAL if line.kind == kind]).share >= RECALL


def test_at_most_one_clean_line_in_100_is_touched():
    assert len(touched(CLEAN)) <= TOUCHED * len(CLEAN)


def test_other_peoples_names_are_found_as_often_as_the_docs_say():
    assert recall(list(people_lines()), ()).share >= 0.85


@pytest.mark.parametrize("line", PERSONAL, ids=lambda line: line.text)
def test_masking_a_masked_line_changes_nothing(masker, line):
    masked = masker.mask(line.text)
    assert masker.mask(masked) == masked


@pytest.mark.parametrize("line", [line for line in PERSONAL if line.kind != "name"], ids=lambda line: line.text)
def test_nothing_but_names_comes_back(masker, line):
    answer = masker.unmask(masker.mask(line.text))
    assert not any(secret in answer for secret in line.secrets)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("내 번호 010-0000-1234야", "내 번호 [전화번호]야"),
        ("신한 110-000-000000으로 보내", "신한 [계좌번호]으로 보내"),
        ("900101-1000000", "[주민등록번호]"),
        ("카드 4242 4242 4242 4242", "카드 [카드번호]"),
        ("haneul@example.com, https://example.com", "[이메일], [링크]"),
        ("서울 마포구 가람길 12 101동 1203호로 와", "[주소]로 와"),
        ("카톡 아이디 haneul_00이야", "카톡 아이디 [아이디]이야"),
        ("12가 3456 차 빼", "[차량번호] 차 빼"),
    ],
)
def test_what_is_masked_reads_as_its_kind(masker, text, masked):
    assert masker.mask(text) == masked


def test_names_are_the_same_in_a_room_whenever_and_in_whatever_order_it_is_read():
    said = "지민이가 하늘이랑 바다한테 갔대"
    masked = Masker("room", PARTICIPANTS).mask(said)
    assert Masker("room", PARTICIPANTS[::-1]).mask(said) == masked
    assert Masker("room", PARTICIPANTS).unmask(masked) == said
    assert Masker("another room", PARTICIPANTS).mask(said) != masked


def test_all_forms_of_a_name_share_a_pseudonym(masker):
    given, full, other = (masker.mask(said) for said in ("지민", "김지민", "박지민"))
    assert full.endswith(given)
    assert other.endswith(given)
    assert full != other


@pytest.mark.parametrize(
    "said", ["지민아", "하늘아", "바다야", "지민이가", "바다는", "하늘로", "바다와", "Michael이랑"]
)
def test_a_particle_that_fits_the_name_fits_the_pseudonym(masker, said):
    assert masker.mask(said)[2:] in said
    assert masker.unmask(masker.mask(said)) == said


@pytest.mark.parametrize(
    ("said", "back"), [("지미나 자?", "지민아 자?"), ("michael 왔어", "Michael 왔어"), ("바단데", "바단데")]
)
def test_a_form_that_is_spelled_apart_comes_back_as_the_name(masker, said, back):
    assert masker.unmask(masker.mask(said)) == back


def test_a_model_may_drop_the_family_name_of_a_pseudonym(masker):
    full = masker.mask("김지민")
    assert masker.unmask(f"{full[1:]}이 왔어") == "지민이 왔어"


def test_other_people_come_back_where_they_were_masked_and_are_left_over_elsewhere(masker):
    masked = masker.mask("수진이랑 도겸오빠 왔대")
    assert "수진" not in masked
    assert "도겸" not in masked
    assert masker.unmask(masked) == "수진이랑 도겸오빠 왔대"
    assert len(find_masked_parts(Masker("room", PARTICIPANTS).unmask(masked))) == 2


def test_what_cannot_be_sent_is_found_in_an_answer(masker):
    masked = masker.mask("지민아 010-0000-1234로 전화해")
    assert len(find_masked_parts(masked)) == 2
    assert find_masked_parts(masker.unmask(masked)) == ["[전화번호]"]
    assert find_masked_parts("오늘 [중요] 회의 있대") == []


def test_words_are_names_only_where_somebody_is_called_so():
    texts = ["하늘이 맑다", "바다가 보고 싶어", "나라가 크다", "이슬이 맺혔네", "한결 낫다"]
    names = ("하늘", "바다", "나라", "이슬", "한결")
    assert [Masker("room", ()).mask(text) for text in texts] == texts
    named = [Masker("room", names).mask(text) for text in texts]
    assert not any(name in text for name, text in zip(names, named, strict=True))


@pytest.mark.parametrize("text", ["하늘색 옷", "지우개 줘", "국민지원금", "우리나라", "이슬비 온다"])
def test_a_name_within_another_word_is_left_alone(text):
    assert Masker("room", ("하늘", "지우", "민지", "나라", "이슬")).mask(text) == text


@pytest.mark.parametrize(
    ("display", "said"),
    [
        ("🐰지민이🐰", "지민아"),
        ("김지민 대리님", "지민씨"),
        ("지민쌤", "지민이"),
        ("Jimin Kim", "jimin아"),
        ("남궁하늘", "하늘이가"),
        ("이준", "준아"),
        ("솔", "솔이가"),
        ("花子", "花子ちゃん"),
        ("Анна", "Анна왔어"),
        ("귀요미♥", "귀요미가"),
        ("춤추는 고래", "춤추는 고래님"),
        ("지민99", "지민이"),
        ("서연 (디자인)", "서연아"),
    ],
)
def test_a_display_name_tells_what_somebody_is_called(display, said):
    masked = Masker("room", [display]).mask(said)
    assert find_masked_parts(masked)
    assert not masked.startswith(said[:2])
    assert Masker("room", [display]).unmask(masked).lower() == said.lower()


@pytest.mark.parametrize(
    "display", ["엄마", "우리 자기♥", "오빠", "팀장님", "(알 수 없음)", "🐰", "ㅋㅋ", "나", ".", ""]
)
def test_a_display_name_that_names_nobody_masks_nothing(display):
    text = "엄마가 우리 오빠랑 자기 얘기하다가 팀장님 나 왔어 ㅋㅋ 🐰 . 알 수 없음"
    assert Masker("room", [display]).mask(text) == text


def test_more_names_than_there_are_pseudonyms_are_masked_for_good():
    masker = Masker(
        "room",
        (
            f"참가자{letter}{other}"
            for letter in "가나다라마바사아자차카타파하"
            for other in "가나다라마바사아자차카타파하"
        ),
    )
    masked = masker.mask("참가자하하")
    assert masked == "[이름]"
    assert masker.unmask(masked) == masked


def test_no_pseudonym_is_in_any_line():
    lines = [*CLEAN, *(line.text for line in PERSONAL), *(line.text for line in people_lines())]
    assert not any(pseudonyms.PATTERN.search(line) for line in lines)


@settings(deadline=None)
@given(st.lists(SAID | st.sampled_from(WORDS), max_size=8))
def test_texts_with_participants_names_come_back_whole(parts):
    masker, text = Masker("room", ROOM), " ".join(parts)
    assert masker.unmask(masker.mask(text)) == text


@settings(deadline=None)
@given(st.lists(SAID | st.text(max_size=6), max_size=6))
def test_no_participants_name_is_left_where_a_word_begins_with_it(parts):
    masked = Masker("room", ROOM).mask(" ".join(parts))
    words = masked.split()
    assert not any(word.startswith(("지민", "김지민", "Michael")) for word in words)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([line.text for line in PERSONAL]) | SAID | st.text(max_size=8), max_size=5),
    st.sampled_from([" ", ", ", "\n"]),
)
def test_masking_twice_is_masking_once(parts, joint):
    masker = Masker("room", PARTICIPANTS)
    masked = masker.mask(joint.join(parts))
    assert masker.mask(masked) == masked
