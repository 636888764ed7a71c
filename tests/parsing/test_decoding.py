"""Decoding of files, and composition of texts."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from chalicelib.domain import Kind
from chalicelib.parsing.decoding import MARK_RUN
from tests.support.exports import read, rows

HEADER = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_all_encodings_give_the_same_text(encoding):
    text = HEADER + "2026년 3월 1일 오전 9:01, 바다 : 응 그래\r\n"
    assert rows(read(text.encode(encoding))) == [("바다", Kind.TEXT, "응 그래")]


def test_decomposed_hangul_is_composed_and_single_jamo_are_unchanged():
    chat = read(HEADER + "2026년 3월 1일 오전 9:01, 바다 : \u1112\u1161\u11ab\u1100\u1173\u11af ㅋㅠ\r\n")
    assert rows(chat) == [("바다", Kind.TEXT, "한글 ㅋㅠ")]


def test_the_searched_blocks_contain_all_combining_marks():
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    assert len(marks) > 900
    assert [mark for mark in marks if not MARK_RUN.fullmatch(mark * 31)] == []
