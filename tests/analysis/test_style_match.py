"""How alike two people speak, by the function morphemes in their words."""

import json
import random
from pathlib import Path
from statistics import fmean

import pytest

from chalicelib.analysis.speech import SpeechCounts
from chalicelib.analysis.style_match import LEAST_WORDS, style_match
from chalicelib.domain import FunctionCounts
from chalicelib.korean.function_morphemes import categories, functions_of

DATA = Path(__file__).parent / "data"


def of(texts):
    counts = SpeechCounts()
    for text in texts:
        counts.add(text)
    return counts.speech().functions


def lines_of(name):
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def pairs():
    """What one person could write politely, and the same casually, in an order of chance."""
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    random.Random(3).shuffle(pairs)
    return pairs


@pytest.mark.parametrize(
    ("word", "found"),
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
def test_a_word_has_the_categories_of_its_morphemes(word, found):
    assert set(functions_of(word)) == found


def test_one_persons_halves_are_more_alike_than_halves_of_two_ways_to_speak(pairs):
    chance, same, apart = random.Random(3), [], []
    for _ in range(10):
        chance.shuffle(pairs)
        half = len(pairs) // 2
        polite, casual, polite_too, casual_too = (
            of(texts) for part in (pairs[:half], pairs[half:]) for texts in zip(*part, strict=True)
        )
        same += [style_match(polite, polite_too).score, style_match(casual, casual_too).score]
        apart += [style_match(polite, casual_too).score, style_match(casual, polite_too).score]
    assert fmean(same) > 0.85
    assert fmean(same) > fmean(apart) + 0.05


def test_the_same_speech_matches_wholly_and_either_way_round_alike(pairs):
    polite, casual = (of(pair[place] for pair in pairs) for place in (0, 1))
    assert style_match(polite, polite).score == pytest.approx(1)
    assert style_match(polite, casual).score == style_match(casual, polite).score


def test_a_category_is_compared_by_the_formula_of_ireland():
    name = categories()[0]
    match = style_match(FunctionCounts(1000, {name: 40}), FunctionCounts(1000, {name: 10}))
    feature = match.features[0]
    assert (feature.name, feature.me, feature.partner) == (name, 0.04, 0.01)
    assert feature.match == pytest.approx(1 - 3 / (5 + 0.0001))
    # What neither says is alike.
    assert match.features[1].match == 1
    assert match.score == pytest.approx((feature.match + len(categories()) - 1) / len(categories()))


def test_too_few_words_have_no_score():
    enough, few = FunctionCounts(LEAST_WORDS, {}), FunctionCounts(LEAST_WORDS - 1, {})
    assert style_match(enough, enough).score == 1
    assert (style_match(enough, few).score, style_match(few, enough).features) == (None, ())


def test_function_morphemes_are_kept_with_the_counts(pairs):
    counts = SpeechCounts()
    for polite, _ in pairs[:50]:
        counts.add(polite)
    again = SpeechCounts.from_document(json.loads(json.dumps(counts.to_document())))
    assert again.speech().functions == counts.speech().functions
    assert counts.speech().functions.words == counts.words > 100


def test_function_morphemes_of_two_parts_add_up_to_those_of_the_whole(pairs):
    texts = [polite for polite, _ in pairs]
    first, second, whole = SpeechCounts(), SpeechCounts(), SpeechCounts()
    for counts, part in ((first, texts[:100]), (second, texts[100:]), (whole, texts)):
        for text in part:
            counts.add(text)
    first.merge(second)
    assert first.speech().functions == whole.speech().functions
