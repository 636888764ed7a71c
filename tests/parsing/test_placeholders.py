"""Placeholders and notices are recognised by the words and patterns of the data files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import Kind
from chalicelib.parsing import placeholders
from chalicelib.parsing.placeholders import Classification, Vocabulary
from tests.support.exports import read

LRM = "\u200e"
APPS = [path.stem for path in (Path(placeholders.__file__).parent / "placeholders").glob("*.json")]


def kind_patterns():
    for app in APPS:
        for kind, words in Vocabulary(app)._words.kinds.items():
            yield from ((app, kind, pattern) for pattern in words.patterns)


@pytest.mark.parametrize(("app", "kind", "pattern"), list(kind_patterns()))
def test_texts_that_match_a_pattern_are_of_its_kind(app, kind, pattern):
    """A pattern that does not begin with one of the ``first_characters`` would fail."""
    vocabulary = Vocabulary(app)

    @settings(deadline=None)
    @given(st.from_regex(pattern, fullmatch=True))
    def check(text):
        classification = vocabulary.classification_of(text)
        assert classification.kind is not Kind.TEXT
        assert classification.count >= 0

    check()


def notice_patterns():
    for app in APPS:
        yield from ((app, pattern) for pattern in Vocabulary(app)._words.notices.patterns)


@pytest.mark.parametrize(("app", "pattern"), list(notice_patterns()))
def test_texts_that_match_a_pattern_of_notices_are_notices(app, pattern):
    """A pattern without one of the ``keywords`` would fail."""
    vocabulary = Vocabulary(app)

    @settings(deadline=None)
    @given(st.from_regex(pattern, fullmatch=True))
    def check(text):
        assert vocabulary.is_notice(text)

    check()


@pytest.mark.parametrize("app", APPS)
def test_an_exact_placeholder_is_of_its_kind_only_as_a_whole_message(app):
    vocabulary = Vocabulary(app)
    for kind, words in vocabulary._words.kinds.items():
        for text in words.exact:
            assert vocabulary.classification_of(text) == Classification(kind)
            assert vocabulary.classification_of(f"어제 {text} 얘기") == Classification(Kind.TEXT)


EXPORTS = {
    "kakaotalk": lambda text: f"2026년 3월 1일 오전 9:00, 하늘 : 안녕\r\n2026년 3월 1일 오전 9:01, 바다 : {text}\r\n",
    "line": lambda text: f"2025/04/18(金)\n12:07\t하늘\t안녕\n12:08\t바다\t{text}\n",
    "whatsapp": lambda text: f"[14/05/2023, 21:01:22] 하늘: 안녕\r\n[14/05/2023, 21:02:22] 바다: {text}\r\n",
}


@pytest.mark.parametrize(
    ("app", "text", "kind", "count"),
    [
        ("kakaotalk", "사진", Kind.PHOTO, 1),
        ("kakaotalk", "사진 12장", Kind.PHOTO, 12),
        ("kakaotalk", "동영상", Kind.VIDEO, 1),
        ("kakaotalk", "이모티콘", Kind.EMOTICON, 1),
        ("kakaotalk", "(이모티콘_Muzi and Friends)", Kind.EMOTICON, 1),
        ("kakaotalk", "이모티콘 ", Kind.EMOTICON, 1),
        ("kakaotalk", "사진 2장 ", Kind.PHOTO, 2),
        ("kakaotalk", "음성메시지", Kind.VOICE, 1),
        ("kakaotalk", f"{'0a' * 32}.m4a", Kind.VOICE, 1),
        ("kakaotalk", "보이스톡 해요", Kind.CALL, 1),
        ("kakaotalk", "페이스톡 1:03:05", Kind.CALL, 3785),
        ("kakaotalk", "보이스톡 취소", Kind.CALL, 1),
        ("kakaotalk", "그룹콜 해요", Kind.CALL, 1),
        ("kakaotalk", "페이스톡 응답 없음", Kind.CALL, 1),
        ("kakaotalk", "라이브톡 시작", Kind.CALL, 1),
        ("kakaotalk", "라이브톡 종료 12:05", Kind.CALL, 725),
        ("kakaotalk", "보이스룸이 방금 시작했어요.", Kind.CALL, 1),
        ("kakaotalk", "보이스룸 종료 1:00:00", Kind.CALL, 3600),
        ("kakaotalk", "파일: 러닝코스.pdf", Kind.FILE, 1),
        ("kakaotalk", "'봄밤-은하 (Galaxy)' 음악을 공유했습니다.", Kind.FILE, 1),
        ("kakaotalk", "지도: 서울숲", Kind.MAP, 1),
        ("kakaotalk", "샵검색: #성수 떡볶이", Kind.SEARCH, 1),
        ("kakaotalk", "톡게시판 '공지': 모임\n둘째 줄", Kind.BOARD, 1),
        ("kakaotalk", "연락처", Kind.CONTACT, 1),
        ("kakaotalk", "카카오톡 프로필", Kind.CONTACT, 1),
        ("kakaotalk", f"{'0a' * 32}.vcf", Kind.CONTACT, 1),
        ("kakaotalk", "30,400원을 받으세요.", Kind.MONEY, 1),
        ("kakaotalk", "30,400원 자동환불 완료! 기간 안에 받지 않았어요.", Kind.MONEY, 1),
        ("kakaotalk", "바다님이 선물을 보냈습니다.", Kind.GIFT, 1),
        ("kakaotalk", "삭제된 메시지입니다.", Kind.DELETED, 1),
        ("kakaotalk", "사진 보내줘", Kind.TEXT, 1),
        ("kakaotalk", "이모티콘 귀엽다", Kind.TEXT, 1),
        ("kakaotalk", "보이스톡 하자", Kind.TEXT, 1),
        ("kakaotalk", "보이스톡 해요 우리", Kind.TEXT, 1),
        ("kakaotalk", "라이브톡 종료 언제야", Kind.TEXT, 1),
        ("kakaotalk", "카카오톡 프로필 바꿨네", Kind.TEXT, 1),
        ("kakaotalk", "취소", Kind.TEXT, 1),
        ("kakaotalk", "투표합시다", Kind.TEXT, 1),
        ("kakaotalk", "ㅋㅋ 30,400원을 받으세요. 이거 봤어?", Kind.TEXT, 1),
        ("line", "[写真]", Kind.PHOTO, 1),
        ("line", "[사진]", Kind.PHOTO, 1),
        ("line", "[Photo]", Kind.PHOTO, 1),
        ("line", "[動画]", Kind.VIDEO, 1),
        ("line", "[동영상]", Kind.VIDEO, 1),
        ("line", "[スタンプ]", Kind.EMOTICON, 1),
        ("line", "[Sticker]", Kind.EMOTICON, 1),
        ("line", "[ボイスメッセージ]", Kind.VOICE, 1),
        ("line", "[Voice message]", Kind.VOICE, 1),
        ("line", "[File] report.pdf", Kind.FILE, 1),
        ("line", "[ファイル]", Kind.FILE, 1),
        ("line", "[位置情報] 駅前\nhttps://maps.google.com/maps?q=35.6,139.7", Kind.MAP, 1),
        ("line", "[連絡先]", Kind.CONTACT, 1),
        ("line", "[アルバム] 春", Kind.BOARD, 1),
        ("line", "[ノート] 持ち物", Kind.BOARD, 1),
        ("line", "☎ 通話時間 1:23", Kind.CALL, 83),
        ("line", "☎ Call time 2:03", Kind.CALL, 123),
        ("line", "☎ 通話をキャンセルしました", Kind.CALL, 1),
        ("line", "☎ Missed call", Kind.CALL, 1),
        ("line", "☎ 부재중 전화", Kind.CALL, 1),
        ("line", "[写真]送って", Kind.TEXT, 1),
        ("line", "写真", Kind.TEXT, 1),
        ("line", "通話時間 1:23", Kind.TEXT, 1),
        ("whatsapp", "<Media omitted>", Kind.FILE, 1),
        ("whatsapp", "<미디어 파일을 생략한 대화내용>", Kind.FILE, 1),
        ("whatsapp", "<미디어 파일 제외됨>", Kind.FILE, 1),
        ("whatsapp", "<Media omitted>\n바다 보고 왔어", Kind.FILE, 1),
        ("whatsapp", "IMG-20230514-WA0001.jpg (file attached)", Kind.PHOTO, 1),
        ("whatsapp", "IMG-20230514-WA0001.jpg (파일 첨부됨)\n바다 보고 왔어", Kind.PHOTO, 1),
        ("whatsapp", f"{LRM}VID-20230514-WA0001.mp4 (archivo adjunto)", Kind.VIDEO, 1),
        ("whatsapp", "PTT-20230514-WA0001.opus (Datei angehängt)", Kind.VOICE, 1),
        ("whatsapp", "STK-20230514-WA0001.webp (file attached)", Kind.EMOTICON, 1),
        ("whatsapp", "러닝 코스 (최종).pdf (file attached)", Kind.FILE, 1),
        ("whatsapp", "하늘.vcf (file attached)", Kind.CONTACT, 1),
        ("whatsapp", "location: https://maps.google.com/?q=37.54,127.04", Kind.MAP, 1),
        ("whatsapp", "live location shared", Kind.MAP, 1),
        ("whatsapp", "This message was deleted", Kind.DELETED, 1),
        ("whatsapp", "Este mensaje fue eliminado.", Kind.DELETED, 1),
        ("whatsapp", "이 메시지는 삭제되었습니다", Kind.DELETED, 1),
        ("whatsapp", f"{LRM}image omitted", Kind.PHOTO, 1),
        ("whatsapp", "image omitted", Kind.PHOTO, 1),
        ("whatsapp", f"{LRM}video omitted", Kind.VIDEO, 1),
        ("whatsapp", f"{LRM}sticker omitted", Kind.EMOTICON, 1),
        ("whatsapp", f"{LRM}스티커 제외됨", Kind.EMOTICON, 1),
        ("whatsapp", f"{LRM}GIF omitted", Kind.PHOTO, 1),
        ("whatsapp", f"{LRM}audio omitted", Kind.VOICE, 1),
        ("whatsapp", f"report.pdf • {LRM}3 pages {LRM}document omitted", Kind.FILE, 1),
        ("whatsapp", f"report.pdf • {LRM}3 pages {LRM}<attached: 00000012-report.pdf>", Kind.FILE, 1),
        ("whatsapp", f"{LRM}Contact card omitted", Kind.CONTACT, 1),
        ("whatsapp", f"{LRM}<attached: 00000012-STICKER-2023-05-14-21-02-22.webp>", Kind.EMOTICON, 1),
        ("whatsapp", f"{LRM}<Anhang: 00000012-VIDEO-2023-05-14-21-02-22.mp4>", Kind.VIDEO, 1),
        ("whatsapp", f"{LRM}Missed voice call, {LRM}Tap to call back", Kind.CALL, 1),
        ("whatsapp", f"{LRM}Missed video call", Kind.CALL, 1),
        ("whatsapp", f"{LRM}Voice call, {LRM}1 hr 5 min", Kind.CALL, 3_900),
        ("whatsapp", f"{LRM}Video call, {LRM}23 sec", Kind.CALL, 23),
        ("whatsapp", f"{LRM}Voice call, {LRM}No answer", Kind.CALL, 1),
        ("whatsapp", f"{LRM}POLL:\n어디서 볼까?\n{LRM}OPTION: 성수 ({LRM}1 vote)", Kind.BOARD, 1),
        ("whatsapp", "image omitted라고 나오네", Kind.TEXT, 1),
        ("whatsapp", "사진 (2) 보내줘", Kind.TEXT, 1),
        ("whatsapp", "<3", Kind.TEXT, 1),
        ("whatsapp", "응 <ㅋㅋ>", Kind.TEXT, 1),
    ],
)
def test_only_a_whole_message_is_a_placeholder(app, text, kind, count):
    in_export = f'"{text}"' if app == "line" and "\n" in text else text
    greeting, message = read(EXPORTS[app](in_export)).messages
    assert greeting.kind is Kind.TEXT
    assert (message.sender, message.kind, message.count) == ("바다", kind, count)
    assert message.text == text.replace(LRM, "")
