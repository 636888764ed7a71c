"""Identifiers become the token of their kind."""

from __future__ import annotations

import pytest

from chalicelib.masking import identifiers


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
def test_an_identifier_becomes_the_token_of_its_kind(text, masked):
    assert identifiers.mask(text) == masked
