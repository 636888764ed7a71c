"""Speech levels and questions, by the endings of sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import chalicelib.korean.endings as module
from benchmarks.agreement import lines_of
from chalicelib.domain import SpeechLevel
from chalicelib.korean.endings import is_question, level_of
from tests.korean.levels import LABELLED

CASUAL_LEVELS = {SpeechLevel.HAE, SpeechLevel.HAERA}


@pytest.mark.parametrize(("text", "level"), LABELLED)
def test_a_message_has_the_level_of_its_last_ending(text, level):
    assert level_of(text) is level


def test_99_of_100_clean_sentences_are_read_as_polite_or_casual():
    pairs = [line.split("\t") for line in lines_of("formality_pairs.tsv")]
    assert len(pairs) >= 400
    misread = [polite for polite, _ in pairs if not level_of(polite).is_polite]
    misread += [casual for _, casual in pairs if level_of(casual) not in CASUAL_LEVELS]
    assert len(misread) <= 0.01 * 2 * len(pairs), misread


def test_97_of_100_chat_lines_have_their_level():
    labelled = [line.split("\t") for line in lines_of("chat_levels.tsv")]
    assert len(labelled) >= 500
    misread = [text for level, text in labelled if level_of(text).value != level]
    assert len(misread) <= 0.03 * len(labelled), misread


def test_no_ending_is_listed_twice():
    groups = json.loads((Path(module.__file__).parent / "data" / "endings.json").read_text("utf-8"))["groups"]
    endings = [ending for group in groups for line in group["endings"] for ending in line.split()]
    assert sorted(endings) == sorted(set(endings))


@pytest.mark.parametrize(
    "text", ["밥 먹었어?", "몇 시에 오십니까", "갈까", "뭐해", "어디야 ㅋㅋ", "언제 와", "왜", "좋나요", "먹냐"]
)
def test_a_question_is_recognised_by_its_mark_its_ending_or_its_question_word(text):
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["밥 먹었어", "그냥", "https://a.kr/?q=1", "그니까", "네 알겠습니다", "만나요", "", "ㅋㅋ"]
)
def test_a_statement_is_not_a_question(text):
    assert not is_question(text)
