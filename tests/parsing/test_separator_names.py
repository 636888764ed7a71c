"""Names that contain the separator between a name and its message."""

from __future__ import annotations

import pytest

from tests.support.exports import android, read


@pytest.mark.parametrize("title", ["하늘 : 서울 님과 카카오톡 대화", "스터디 3 카카오톡 대화"])
def test_a_name_may_contain_the_separator(title):
    lines = [("하늘 : 서울", text) for text in ("안녕", "사진", "뭐해 : 지금")]
    chat = read(android([*lines, ("바다", "응 : 그래"), ("바다", "점심")], title=title))
    assert [(m.sender, m.text, m.kind) for m in chat.messages][:3] == [
        ("하늘 : 서울", "안녕", "text"),
        ("하늘 : 서울", "사진", "photo"),
        ("하늘 : 서울", "뭐해 : 지금", "text"),
    ]
    assert [(m.sender, m.text) for m in chat.messages][3:] == [("바다", "응 : 그래"), ("바다", "점심")]
