"""The stored document of a tally."""

from __future__ import annotations

import random
from dataclasses import fields

from chalicelib.analysis.tally import MAX_PEOPLE, PersonTally, Tally
from chalicelib.analysis.tally_document import _PERSON_FIELDS, dump, load, to_document
from tests.analysis.messages import counted, message
from tests.support.exports import android, read


def test_every_number_of_a_person_is_stored():
    person = PersonTally()
    numbers = {field.name for field in fields(person) if isinstance(getattr(person, field.name), int)}
    assert numbers == {*_PERSON_FIELDS, "messages_with_time"}
    tally = Tally(people={"하늘": PersonTally(messages_with_time=3)})
    assert load(dump(tally)).people["하늘"].messages_with_time == 3


def test_every_variant_of_the_sample_has_the_same_document(sample):
    chats = [read(sample(f"kakaotalk_{name}.txt")) for name in ("android", "ios", "windows")]
    documents = [to_document(counted(*chat.messages)) for chat in chats]
    assert documents[0] == documents[1] == documents[2]


def test_the_document_of_a_long_chat_fits_into_a_quarter_of_a_column():
    lines = [("하늘" if n % 2 else "바다", f"{n}번째 {chr(0xAC00 + n % 11_000)}나다라 이야기") for n in range(20_000)]
    chat = read(android(lines, minutes=37))
    assert len(dump(counted(*chat.messages)).encode()) < 1024 * 1024 / 4


def test_the_document_of_the_largest_room_fits_into_a_column():
    """A column has one mebibyte. The room has many people for a year, each with different words and habits."""
    rng = random.Random(7)
    tally = Tally()
    people = [f"{number}번째 손님의 아주 긴 이름입니다" for number in range(300)]
    tally.add(
        [
            message(at * 1_800, rng.choice(people), f"{_word(rng)} {_word(rng)}가 {_word(rng)} 했잖아 ㅋㅋㅋ")
            for at in range(20_000)
        ]
    )
    tally.keep_most_active(keep=(people[0],))
    assert len(tally.people) in {MAX_PEOPLE, MAX_PEOPLE + 1}
    assert people[0] in tally.people
    assert len(dump(tally).encode()) < 1_048_576
    assert tally.messages == 20_000


def _word(rng):
    return "".join(chr(rng.randrange(ord("가"), ord("힣"))) for _ in range(4))
