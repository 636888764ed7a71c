"""The function morphemes of words, by category."""

from __future__ import annotations

import pytest

from chalicelib.korean.function_morphemes import categories_of


@pytest.mark.parametrize(
    ("word", "categories"),
    [
        ("영화가", {"주격·목적격 조사"}),
        ("밥을", {"주격·목적격 조사"}),
        ("친구도", {"보조사"}),
        ("집에서", {"부사격 조사"}),
        ("엄마랑", {"접속 조사·부사"}),
        ("근데", {"접속 조사·부사"}),
        ("나는", {"인칭대명사", "보조사"}),
        ("내가", {"인칭대명사", "주격·목적격 조사"}),
        ("이거", {"지시어"}),
        ("먹고", {"대등 연결어미"}),
        ("피곤해서", {"종속 연결어미"}),
        ("갔는데", {"대등 연결어미", "과거 -었-"}),
        ("갈게", {"추측·의지 어미"}),
        ("가겠습니다", {"추측·의지 어미", "높임 어미"}),
        ("그랬잖아", {"지시어", "양태 종결어미", "과거 -었-"}),
        ("하세요", {"높임 어미"}),
        ("안", {"부정"}),
        ("않아요", {"부정", "높임 어미"}),
        ("싶어", {"보조용언"}),
        ("너무", {"정도 부사"}),
        ("작가", set()),
        ("고양이", set()),
        ("떡볶이", set()),
        ("학교", set()),
        ("최고", set()),
        ("ㅋㅋ", set()),
        ("ok", set()),
    ],
)
def test_a_word_has_the_categories_of_its_morphemes(word, categories):
    assert set(categories_of(word)) == categories
