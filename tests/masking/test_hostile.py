"""Hostile texts are masked in time that grows linearly with their length."""

from __future__ import annotations

import pytest

from chalicelib.masking.masker import Masker
from tests.support.complexity import is_linear

BAIT = [
    *("1", "1 ", "1-", "0", "010-", "0 1 0 ", "+1 ", "1️⃣", "4242 ", "900101-", "공일공", "M1", "12가 ", "비번"),
    *("a", "a.", "a@", "@", "a b@", "abc ", ".com", "http://", "www.", "골뱅이", "a#", "id ", "카톡 아이디"),
    *("가", "가 1", "서울시 ", "서울 마포구 1", "가로 1", "길1", "동 1 ", "1동 1", "아파트 1 ", "우리 1", "계좌 1"),
    *("국민 가", "하늘", "하늘1", "지민 ", "근데지민아", "수진씨", "수진 씨 ", "김수진 ", "이", "씨", "Michael"),
    *("[전화번호]", " ", "\n", "ㅋ"),
]


@pytest.mark.parametrize("bait", BAIT)
def test_time_grows_linearly_with_the_length(bait):
    def mask(size):
        masker = Masker("room", ("김지민", "하늘", "바다", "Michael"))
        masker.unmask(masker.mask(bait * (size // len(bait))))

    assert is_linear(mask, 10_000)
