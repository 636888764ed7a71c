"""Pasted dialogues without dates and times, and other texts that look similar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.domain import Kind
from chalicelib.parsing import dialogue
from tests.support.exports import NOW, SEOUL, counted_lines, read, refusal, rows, texts


def test_a_dialogue_names_both_sides_and_has_no_times():
    chat = read("나: 뭐해\n상대: 그냥 있어\n\n너는?\n\n나 : 나도 ㅋㅋ\n상대：(이모티콘)\n")
    assert rows(chat) == [
        ("나", Kind.TEXT, "뭐해"),
        ("상대", Kind.TEXT, "그냥 있어\n\n너는?"),
        ("나", Kind.TEXT, "나도 ㅋㅋ"),
        ("상대", Kind.EMOTICON, "(이모티콘)"),
    ]
    assert (chat.format, chat.my_name, chat.partner_name, chat.timed) == ("pasted_dialogue", "나", "상대", False)
    assert {message.sent_at for message in chat.messages} == {NOW.astimezone(SEOUL)}
    assert chat.messages[0].sent_at.tzinfo is SEOUL
    assert counted_lines(chat.report) == chat.report.lines == 7
    assert (chat.report.continuations, chat.report.blank) == (2, 1)
    assert len(chat.warnings) == 1
    assert "답장 시간" in chat.warnings[0]


@pytest.mark.parametrize(
    ("text", "names", "me", "partner"),
    [
        ("A: 어디야\nB : 집\n", ["A", "B"], None, None),
        ("하늘: 어디야\n바다: 집\n하늘: 와\n바다:응\n", ["하늘", "바다"], None, None),
        ("하늘 🌙: 어디야\n김 바다: 집\n하늘 🌙: 와\n김 바다: 응\n", ["하늘 🌙", "김 바다"], None, None),
        ("저: 안녕하세요\n그녀: 안녕하세요\n", ["저", "그녀"], "저", "그녀"),
        ("Me: hi\nYou: hello\n", ["Me", "You"], "Me", "You"),
        ("내가: 미안해\n상대방: 됐어\n", ["내가", "상대방"], "내가", "상대방"),
        ("남: 주말에 뭐해\n여: 글쎄\n남: 영화 볼래?\n", ["남", "여"], None, None),
        ("\n\n나: 3시 30분에 봐: 거기서\n너: https://example.com 여기?\n", ["나", "너"], "나", "너"),
    ],
)
def test_labels_are_read_as_names(text, names, me, partner):
    chat = read(text)
    assert list(dict.fromkeys(message.sender for message in chat.messages)) == names
    assert (chat.format, chat.my_name, chat.partner_name) == ("pasted_dialogue", me, partner)


NOT_DIALOGUES = {
    "yaml": "name: love-q\nversion: one\nservices:\n  web:\n    image: nginx\n  db:\n    image: postgres\n",
    "a list in yaml": "name: api\nimage: python\n---\nname: web\nimage: nginx\n---\nname: job\nimage: python\n",
    "settings": "a: 1\nb: 2\na: 3\nb: 4\n",
    "a log": "ERROR: disk is full\nINFO: cleaning up\nERROR: disk is full\nINFO: giving up\n",
    "a log with modules": "worker: started\nworker: stopped\nworker: started again\n",
    "headers": "Host: example.com\nAccept: text\nUser-Agent: curl\nConnection: close\n",
    "a request": "GET / HTTP/1.1\nHost: example.com\nAccept: text\n",
    "mails": "From: 하늘\nTo: 바다\nSubject: 안녕\nFrom: 바다\nTo: 하늘\nSubject: 응\n",
    "python": "def f():\n    if x:\n        return y\n    else:\n        return z\n",
    "c": "switch (x) {\ncase 1: foo();\ndefault: bar();\n}\n",
    "css": "a {\n  color: red;\n  margin: auto;\n}\nb {\n  color: blue;\n  margin: auto;\n}\n",
    "json": '{"나": "안녕", "너": "응"}\n',
    "a table": "이름,말\n하늘,안녕\n바다,응\n",
    "addresses": "http://example.com/a\nhttps://example.com/b\nhttp://example.com/c\n",
    "paths": "C:\\Users\\a\nD:\\Data\\b\nC:\\Users\\c\n",
    "times": "9:30 회의\n10:30 점심\n9:40 회의\n10:40 점심\n",
    "half hours": "오후 9:30 회의\n오후 9:40 회의\n오전 9:30 점심\n오전 9:40 점심\n",
    "prose": "이상한 하루였다.\n친구가 말했다: 가자.\n나는 말했다: 그래.\n친구가 말했다: 빨리.\n나는 말했다: 잠깐.\n",
    "prose that begins with a label": "결론: 잘 모르겠다.\n아무튼 그랬다.\n그래서 그만뒀다.\n나: 그랬지\n나: 응\n",
    "a recipe": "재료: 감자, 양파\n분량: 두 명\n만드는 법: 굽는다\n팁: 약한 불\n",
    "two recipes": "재료: 감자\n방법: 굽기\n재료: 양파\n방법: 볶기\n",
    "questions": "Q: 뭐예요?\nA: 앱이에요.\nQ: 얼마예요?\nA: 무료예요.\n",
    "questions in korean": "질문: 뭐예요?\n답변: 앱이에요.\n질문: 얼마예요?\n답변: 무료예요.\n",
    "choices": "A: 서울\nB: 부산\nC: 대구\nD: 광주\n",
    "numbers": "A: 10\nB: 20\nA: 30\nB: 40\n",
    "subtitles": "1\n00:00:01,000 --> 00:00:02,000\n하늘: 안녕\n\n2\n00:00:03,000 --> 00:00:04,000\n바다: 응\n",
    "a plan": "월요일: 운동\n화요일: 공부\n월요일: 운동\n화요일: 영화\n",
    "one speaker": "나: 안녕\n나: 있어?\n나: 자나 보네\n",
    "one line": "나: 안녕\n",
    "eleven speakers": "".join(f"사람{letter}: 안녕\n" * 2 for letter in "가나다라마바사아자차카"),
    "labels used once": "하늘: 안녕\n바다: 응\n구름: 왜\n",
    "sentences as labels": "말했다. 그리고: 안녕\n말했다. 그리고: 응\n들었다. 그리고: 왜\n들었다. 그리고: 음\n",
    "long labels": f"{'하' * 21}: 안녕\n{'바' * 21}: 응\n" * 2,
    "too few labelled lines": "나: 안녕\n응\n그래\n너: 응\n",
    "markdown": "# 제목\n- 나: 안녕\n- 너: 응\n",
}


@pytest.mark.parametrize("text", NOT_DIALOGUES.values(), ids=NOT_DIALOGUES)
def test_other_texts_with_colons_are_not_dialogues(text):
    error = refusal(text)
    assert error.code == "unrecognised_format"
    assert "pasted_dialogue" in error.facts["looked_for"]


def test_a_dialogue_that_is_too_long_to_be_pasted_is_refused():
    line = "나: 안녕 잘 지내?\n상대: 응 그럼 너는?\n"
    assert refusal(line * (dialogue.MAX_CHARACTERS // len(line) + 1)).code == "unrecognised_format"


def test_an_export_that_quotes_a_dialogue_is_read_as_the_export():
    chat = read("14/05/2023, 21:01 - 하늘: 이거 봐\n나: 뭐해\n상대: 자\n나: 응\n상대: 왜\n")
    assert chat.format == "whatsapp_android"
    assert texts(chat) == ["이거 봐\n나: 뭐해\n상대: 자\n나: 응\n상대: 왜"]


def test_a_label_is_in_only_one_list():
    labels = json.loads(Path(dialogue.__file__).with_name("labels.json").read_text(encoding="utf-8"))
    names = [label for kind in ("me", "partner", "others") for label in labels[kind]]
    assert len(set(names)) == len(names)
    assert not set(names) & set(labels["not_names"])
    assert all(label == label.casefold() for values in labels.values() for label in values)
