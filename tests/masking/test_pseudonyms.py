"""Pseudonyms are constant within a room, fit the particles of their names, and are reversible."""

from __future__ import annotations

import pytest

from benchmarks.masking import PARTICIPANTS
from chalicelib.masking.masker import Masker
from chalicelib.masking.pseudonyms import PATTERN
from tests.masking.lines import CLEAN, PERSONAL, THIRD_PARTIES


@pytest.fixture
def masker():
    return Masker("room", PARTICIPANTS)


def test_a_name_has_the_same_pseudonym_in_every_masker_of_a_room():
    text = "지민이가 하늘이랑 바다한테 갔대"
    masked = Masker("room", PARTICIPANTS).mask(text)
    assert Masker("room", PARTICIPANTS[::-1]).mask(text) == masked
    assert Masker("room", PARTICIPANTS).unmask(masked) == text
    assert Masker("another room", PARTICIPANTS).mask(text) != masked


def test_all_forms_of_a_name_share_their_last_syllables(masker):
    given, full, other = (masker.mask(name) for name in ("지민", "김지민", "박지민"))
    assert full.endswith(given)
    assert other.endswith(given)
    assert full != other


@pytest.mark.parametrize(
    "mention", ["지민아", "하늘아", "바다야", "지민이가", "바다는", "하늘로", "바다와", "Michael이랑"]
)
def test_a_particle_that_fits_the_name_fits_the_pseudonym(masker, mention):
    assert masker.mask(mention)[2:] in mention
    assert masker.unmask(masker.mask(mention)) == mention


@pytest.mark.parametrize(
    ("mention", "restored"),
    [("지미나 자?", "지민아 자?"), ("michael 왔어", "Michael 왔어"), ("바단데", "바단데")],
)
def test_another_spelling_is_restored_as_in_the_display_name(masker, mention, restored):
    assert masker.unmask(masker.mask(mention)) == restored


def test_a_pseudonym_without_its_family_syllable_is_restored(masker):
    full = masker.mask("김지민")
    assert masker.unmask(f"{full[1:]}이 왔어") == "지민이 왔어"


def test_a_name_without_a_free_pseudonym_becomes_a_token():
    syllables = "가나다라마바사아자차카타파하"
    masker = Masker("room", (f"참가자{first}{second}" for first in syllables for second in syllables))
    masked = masker.mask("참가자하하")
    assert masked == "[이름]"
    assert masker.unmask(masked) == masked


def test_no_line_contains_a_pseudonym():
    lines = [*CLEAN, *(line.text for line in PERSONAL), *(line.text for line in THIRD_PARTIES)]
    assert not any(PATTERN.search(line) for line in lines)
