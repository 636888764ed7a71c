"""The masker: recall on invented lines, idempotence, and restoration of names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.masking import MAX_CHANGED_SHARE, MIN_RECALL, PARTICIPANTS, changed_lines, recall
from chalicelib.masking.masker import Masker, find_masked_parts
from tests.masking.lines import CLEAN, PERSONAL

WORDS = [line for line in CLEAN if not any(character.isdigit() for character in line)]
ROOM = ("김지민", "하늘", "바다", "이나라", "Michael")
# The suffixes with which a name is restored exactly.
AFTER_CONSONANT = [
    *("", "아", "이가", "이는", "이를", "이랑", "이와", "이한테", "이야", "이도", "이네"),
    *("씨", " 씨는", "님", "누나", "으로"),
]
AFTER_VOWEL = ["", "야", "가", "는", "를", "랑", "와", "한테", "예요", "도", "네", "씨", " 씨는", "님", "언니", "로"]
MENTIONS = (
    st.tuples(st.sampled_from(["김지민", "지민", "하늘", "김하늘"]), st.sampled_from(AFTER_CONSONANT))
    | st.tuples(st.sampled_from(["바다", "박바다", "이나라"]), st.sampled_from(AFTER_VOWEL))
    | st.tuples(st.sampled_from(["Michael"]), st.sampled_from(["", "이랑", " 씨", "한테"]))
).map("".join)


@pytest.fixture
def masker():
    return Masker("room", PARTICIPANTS)


def test_the_test_lines_are_many_and_distinct():
    assert len(PERSONAL) >= 250
    assert len(CLEAN) >= 400
    assert len(set(PERSONAL)) == len(PERSONAL)
    assert len(set(CLEAN)) == len(CLEAN)


@pytest.mark.parametrize("kind", dict.fromkeys(line.kind for line in PERSONAL))
def test_at_least_99_percent_of_each_kind_are_masked(kind):
    assert recall([line for line in PERSONAL if line.kind == kind]).value >= MIN_RECALL


def test_at_most_1_percent_of_clean_lines_are_changed():
    assert len(changed_lines(CLEAN)) <= MAX_CHANGED_SHARE * len(CLEAN)


@pytest.mark.parametrize("line", PERSONAL, ids=lambda line: line.text)
def test_masking_a_masked_line_changes_nothing(masker, line):
    masked = masker.mask(line.text)
    assert masker.mask(masked) == masked


@pytest.mark.parametrize("line", [line for line in PERSONAL if line.kind != "name"], ids=lambda line: line.text)
def test_only_names_are_restored(masker, line):
    answer = masker.unmask(masker.mask(line.text))
    assert not any(secret in answer for secret in line.secrets)


def test_a_third_party_is_restored_only_by_the_masker_that_masked_it(masker):
    masked = masker.mask("수진이랑 도겸오빠 왔대")
    assert "수진" not in masked
    assert "도겸" not in masked
    assert masker.unmask(masked) == "수진이랑 도겸오빠 왔대"
    assert len(find_masked_parts(Masker("room", PARTICIPANTS).unmask(masked))) == 2


def test_masked_parts_are_found_in_an_answer(masker):
    masked = masker.mask("지민아 010-0000-1234로 전화해")
    assert len(find_masked_parts(masked)) == 2
    assert find_masked_parts(masker.unmask(masked)) == ["[전화번호]"]
    assert find_masked_parts("오늘 [중요] 회의 있대") == []


@settings(deadline=None)
@given(st.lists(MENTIONS | st.sampled_from(WORDS), max_size=8))
def test_texts_with_names_of_participants_are_restored_exactly(parts):
    masker, text = Masker("room", ROOM), " ".join(parts)
    assert masker.unmask(masker.mask(text)) == text


@settings(deadline=None)
@given(st.lists(MENTIONS | st.text(max_size=6), max_size=6))
def test_no_masked_word_begins_with_a_participants_name(parts):
    masked = Masker("room", ROOM).mask(" ".join(parts))
    words = masked.split()
    assert not any(word.startswith(("지민", "김지민", "Michael")) for word in words)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([line.text for line in PERSONAL]) | MENTIONS | st.text(max_size=8), max_size=5),
    st.sampled_from([" ", ", ", "\n"]),
)
def test_masking_is_idempotent(parts, separator):
    masker = Masker("room", PARTICIPANTS)
    masked = masker.mask(separator.join(parts))
    assert masker.mask(masked) == masked
