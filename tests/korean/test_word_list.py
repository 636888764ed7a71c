"""Word lists of the data files."""

from __future__ import annotations

import pytest

from chalicelib import data_files
from chalicelib.data_files import InvalidDataFile
from chalicelib.korean.word_list import WordList


def test_rows_of_words_are_one_list(tmp_path):
    path = tmp_path / "words.json"
    path.write_text('["하나 둘", "셋"]', encoding="utf-8")
    assert data_files.load(path, WordList) == ("하나", "둘", "셋")


@pytest.mark.parametrize("text", ['"하나 둘"', '["하나", 2]', "{}"])
def test_other_values_are_refused(tmp_path, text):
    path = tmp_path / "words.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataFile, match=r"words\.json"):
        data_files.load(path, WordList)
