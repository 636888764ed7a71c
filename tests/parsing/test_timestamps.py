"""Dates and times of day in the forms and languages of the apps."""

from __future__ import annotations

from datetime import date, time

import pytest

from chalicelib.parsing.timestamps import parse_date, parse_time


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026년 3월 1일", "ymd"),
        ("2026. 3. 1.", "ymd"),
        ("26/3/1", "ymd"),
        ("01/03/26", "dmy"),
        ("3/1/2026,", "mdy"),
        ("March 1, 2026", "ymd"),
        ("1 Mar 2026", "ymd"),
    ],
)
def test_a_date_is_read_in_its_order(text, order):
    assert parse_date(text, order) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("오전 12:05", time(0, 5)),
        ("午後09:01", time(21, 1)),
        ("9:01 PM", time(21, 1)),
        ("5:12 p.m.", time(17, 12)),
        ("12:00\u202fPM", time(12)),
        ("14:05", time(14, 5)),
        ("14.05.22", time(14, 5, 22)),
        ("24:05", time(0, 5)),
    ],
)
def test_a_time_of_the_12_or_24_hour_clock_is_read(text, expected):
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_date, "2026. 2. 30.", "day"),
        (parse_date, "2026. 13. 1.", "month"),
        (parse_time, "25:00", "hour"),
        (parse_time, "noon", "noon"),
    ],
)
def test_an_impossible_date_or_time_is_an_error(parse, text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)
