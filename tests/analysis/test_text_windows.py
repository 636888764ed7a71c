"""Texts for a service that bills by the character."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.analysis.text_windows import MAX_CHARACTERS, split_text, windows_latest_first

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=2_000)


def of(*texts):
    return list(windows_latest_first(list(enumerate(texts))))


def test_the_latest_messages_are_joined_first():
    texts = of("가" * 200, "나" * 200, "다" * 50)
    assert [window.indexes for window in texts] == [(1, 2), (0,)]
    assert texts[0].text == "나" * 200 + "\n" + "다" * 50


def test_a_long_message_is_split_between_words_into_even_pieces():
    pieces = split_text("그래서 말이야 " * 50)
    assert [len(piece) for piece in pieces] == [200, 200]
    assert all(piece.endswith(" ") for piece in pieces)


def test_empty_messages_are_left_out():
    assert of("", " \n", "  ") == []


@given(TEXTS)
def test_pieces_add_up_to_their_text(text):
    pieces = split_text(text)
    assert "".join(pieces) == text
    assert all(len(piece) <= MAX_CHARACTERS for piece in pieces)
    assert all(len(piece.encode()) <= 5_000 for piece in pieces)


@given(st.lists(TEXTS, max_size=20))
def test_windows_have_every_message_and_at_most_300_characters(texts):
    joined = of(*texts)
    indexes = {index for window in joined for index in window.indexes}
    assert indexes == {n for n, text in enumerate(texts) if text.strip()}
    assert all(0 < len(window.text) <= MAX_CHARACTERS for window in joined)
