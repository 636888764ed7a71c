"""Rules for all formats: refused files, possible dates and the order of messages."""

from __future__ import annotations

import pytest

from tests.support.exports import read, refusal, texts

HEADER = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
TIMESTAMP = "2026년 3월 1일 오전 9:00"
CUT_WITHIN_A_CHARACTER = (HEADER + "2026년 3월 1일 오전 9:01, 바다 : 응").encode()[:-1]


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "empty_file", {}),
        (b"\xef\xbb\xbf \r\n", "empty_file", {}),
        (bytes(range(256)) * 8, "undecodable_text", {"offset": 128}),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "undecodable_text", {"offset": 0}),
        ("Bonjour, ça va ?\n".encode() * 50, "unrecognised_format", {}),
        (CUT_WITHIN_A_CHARACTER, "undecodable_text", {"offset": len(CUT_WITHIN_A_CHARACTER) - 2}),
        (b'Date,User,Message\r\n2026-03-01 09:00:40,"a","b\r\n', "unrecognised_format", {"line": 2}),
        (HEADER.encode(), "no_messages", {}),
        (
            (HEADER + "2026년 2월 30일 오전 9:01, 바다 : 응\r\n").encode(),
            "unrecognised_format",
            {"line": 5},
        ),
    ],
)
def test_a_file_without_a_readable_chat_is_refused_with_the_reason(content, code, facts):
    error = refusal(content)
    assert error.code == code
    error.facts.pop("looked_for", None)
    assert error.facts == facts


@pytest.mark.parametrize(
    "date", ["2026년 2월 30일", "2026년 13월 1일", "0001년 1월 1일", "9999년 1월 1일", "1969년 1월 1일"]
)
def test_an_impossible_date_refuses_the_file(date):
    assert refusal(f"{HEADER}{TIMESTAMP}, 하늘 : 응\r\n{date} 오전 9:00, 바다 : 그래\r\n").code == "unrecognised_format"


@pytest.mark.parametrize("date", ["1970년 1월 2일", "2100년 12월 30일", "2024년 2월 29일"])
def test_the_first_and_the_last_possible_dates_are_read(date):
    assert len(read(f"{HEADER}{date} 오전 9:00, 바다 : 그래\r\n").messages) == 1


def test_messages_are_sorted_by_time():
    chat = read('Date,User,Message\r\n2026-03-02 09:00:00,"하늘","둘"\r\n2026-03-01 09:00:00,"하늘","하나"\r\n')
    assert texts(chat) == ["하나", "둘"]
