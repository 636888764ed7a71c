"""What a service that is paid by the character is shown."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.analysis.text_windows import CHARACTERS, pieces, windows

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=2_000)


def of(*texts):
    return list(windows(list(enumerate(texts))))


def test_the_latest_messages_are_joined_first():
    found = of("가" * 200, "나" * 200, "다" * 50)
    assert [window.places for window in found] == [(1, 2), (0,)]
    assert found[0].text == "나" * 200 + "\n" + "다" * 50


def test_a_long_message_is_split_between_words_into_even_pieces():
    found = pieces("그래서 말이야 " * 50)
    assert [len(piece) for piece in found] == [200, 200]
    assert all(piece.endswith(" ") for piece in found)


def test_messages_of_nothing_are_left_out():
    assert of("", " \n", "  ") == []


@given(TEXTS)
def test_pieces_add_up_to_their_text(text):
    found = pieces(text)
    assert "".join(found) == text
    assert all(len(piece) <= CHARACTERS for piece in found)
    assert all(len(piece.encode()) <= 5_000 for piece in found)


@given(st.lists(TEXTS, max_size=20))
def test_windows_hold_every_message_and_no_more_than_is_paid_for(texts):
    found = of(*texts)
    assert {place for window in found for place in window.places} == {n for n, text in enumerate(texts) if text.strip()}
    assert all(0 < len(window.text) <= CHARACTERS for window in found)
