"""WhatsApp's exports are read in every language, whatever order their dates are in."""

from datetime import date, datetime

import pytest

from chalicelib.domain import Kind
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.whatsapp import detect_date_order
from tests.parsing.test_kakaotalk import accounted, said
from tests.support.exports import SEOUL, read

LRM, NNBSP = "\u200e", "\u202f"
ENCRYPTED = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen"
    " to them. Tap to learn more."
)


def times(chat):
    return [message.sent_at.replace(tzinfo=None) for message in chat.messages]


def test_an_android_export_with_all_that_real_ones_have():
    chat = read(
        f"12/31/20, 11:58{NNBSP}PM - {ENCRYPTED}\n"
        f"12/31/20, 11:59{NNBSP}PM - 하늘: 첫 줄\n\n셋째 줄: 끝\n"
        f"1/1/21, 12:00{NNBSP}AM - 바다: <Media omitted>\n"
        f"1/1/21, 12:01{NNBSP}AM - 하늘 added 바다\n"
        f'1/1/21, 12:01{NNBSP}AM - 하늘 changed the subject from "모임: 하나" to "둘"\n'
        f"1/1/21, 12:02{NNBSP}AM - 바다: 12:30에 봐: 거기서 <This message was edited>\n"
        f"1/1/21, 12:03{NNBSP}AM - 바다:\n"
    )
    assert said(chat) == [
        (None, Kind.SYSTEM, ENCRYPTED),
        ("하늘", Kind.TEXT, "첫 줄\n\n셋째 줄: 끝"),
        ("바다", Kind.FILE, "<Media omitted>"),
        (None, Kind.SYSTEM, "하늘 added 바다"),
        (None, Kind.SYSTEM, '하늘 changed the subject from "모임: 하나" to "둘"'),
        ("바다", Kind.TEXT, "12:30에 봐: 거기서"),
        ("바다", Kind.TEXT, ""),
    ]
    assert times(chat)[:3] == [datetime(2020, 12, 31, 23, 58), datetime(2020, 12, 31, 23, 59), datetime(2021, 1, 1)]  # noqa: DTZ001
    assert (chat.format, chat.warnings, chat.timed) == ("whatsapp_android", [], True)
    assert accounted(chat.report) == chat.report.lines == 9
    assert (chat.report.system, chat.report.unrecognised) == (3, 0)


def test_an_iphone_export_in_korean_with_all_that_real_ones_have():
    notice = "메시지 및 전화는 종단간 암호화되어 안전합니다. 아무도 엿보거나 들을 수 없습니다."
    chat = read(
        f"[2023. 5. 4. 오후 9:01:22] 바다: {LRM}{notice}\r\n"
        "[2023. 5. 4. 오후 9:01:30] 하늘: 두\n줄\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:02:22] 바다: {LRM}<첨부됨: 00000012-PHOTO-2023-05-04-21-02-22.jpg>\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:03:22] 바다: 예쁘지 {LRM}<첨부됨: 00000013-PHOTO-2023-05-04-21-03-22.jpg>\r\n"
        f"{LRM}[2023. 5. 4. 오후 9:04:22] 바다: 보고서.pdf • {LRM}3페이지 {LRM}문서 생략됨\r\n"
        f"[2023. 5. 5. 오전 12:04:22] ~{NNBSP}이웃: {LRM}부재중 전화\r\n"
        f"[2023. 5. 5. 오전 12:05:22] \u202a+82 10-0000-0000\u202c: 여보세요\r\n"
        f"[2023. 5. 5. 오전 12:06:22] 하늘: 고침 {LRM}<이 메시지는 편집됨>\r\n"
        f"[2023. 5. 5. 오전 12:07:22] 하늘:  {LRM}위치: https://maps.google.com/?q=37.54,127.04\r\n"
        f"[2023. 5. 5. 오전 12:08:22] 모임: {LRM}하늘님이 그룹 사진을 바꿨습니다\r\n"
    )
    assert said(chat) == [
        (None, Kind.SYSTEM, notice),
        ("하늘", Kind.TEXT, "두\n줄"),
        ("바다", Kind.PHOTO, "<첨부됨: 00000012-PHOTO-2023-05-04-21-02-22.jpg>"),
        ("바다", Kind.PHOTO, "예쁘지 <첨부됨: 00000013-PHOTO-2023-05-04-21-03-22.jpg>"),
        ("바다", Kind.FILE, "보고서.pdf • 3페이지 문서 생략됨"),
        ("이웃", Kind.CALL, "부재중 전화"),
        ("+82 10-0000-0000", Kind.TEXT, "여보세요"),
        ("하늘", Kind.TEXT, "고침"),
        ("하늘", Kind.MAP, "위치: https://maps.google.com/?q=37.54,127.04"),
        (None, Kind.SYSTEM, "하늘님이 그룹 사진을 바꿨습니다"),
    ]
    assert chat.messages[1].sent_at == datetime(2023, 5, 4, 21, 1, 30, tzinfo=SEOUL)
    assert chat.messages[5].sent_at == datetime(2023, 5, 5, 0, 4, 22, tzinfo=SEOUL)
    assert chat.format == "whatsapp_ios"
    assert accounted(chat.report) == chat.report.lines == 11


def test_an_export_of_whatsapp_web_names_the_user_and_has_a_hyphen_before_notices():
    chat = read(
        f"{ENCRYPTED}\n"
        "[5/14/26, 9:01:22 PM] - 하늘 added 바다\n"
        "[5/14/26, 9:01:23 PM] You: 안녕\n"
        "[5/14/26, 9:01:24 PM] 하늘: <image omitted> 예쁘지\n"
    )
    assert said(chat) == [
        (None, Kind.SYSTEM, "하늘 added 바다"),
        ("You", Kind.TEXT, "안녕"),
        ("하늘", Kind.PHOTO, "<image omitted> 예쁘지"),
    ]
    assert (chat.my_name, chat.report.headers) == ("You", 1)


@pytest.mark.parametrize("words", ["You deleted this message", "삭제한 메시지입니다"])
def test_who_deleted_a_message_as_you_is_the_user(words):
    chat = read(f"14/05/2023, 21:01 - 하늘: 안녕\n14/05/2023, 21:02 - 바다: {words}\n")
    assert chat.messages[1].kind is Kind.DELETED
    assert chat.my_name == "바다"


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("<Media omitted>", Kind.FILE, 1),
        ("<미디어 파일을 생략한 대화내용>", Kind.FILE, 1),
        ("<미디어 파일 제외됨>", Kind.FILE, 1),
        ("<Media omitted>\n바다 보고 왔어", Kind.FILE, 1),
        ("IMG-20230514-WA0001.jpg (file attached)", Kind.PHOTO, 1),
        ("IMG-20230514-WA0001.jpg (파일 첨부됨)\n바다 보고 왔어", Kind.PHOTO, 1),
        (f"{LRM}VID-20230514-WA0001.mp4 (archivo adjunto)", Kind.VIDEO, 1),
        ("PTT-20230514-WA0001.opus (Datei angehängt)", Kind.VOICE, 1),
        ("STK-20230514-WA0001.webp (file attached)", Kind.EMOTICON, 1),
        ("러닝 코스 (최종).pdf (file attached)", Kind.FILE, 1),
        ("하늘.vcf (file attached)", Kind.CONTACT, 1),
        ("location: https://maps.google.com/?q=37.54,127.04", Kind.MAP, 1),
        ("live location shared", Kind.MAP, 1),
        ("This message was deleted", Kind.DELETED, 1),
        ("Este mensaje fue eliminado.", Kind.DELETED, 1),
        ("이 메시지는 삭제되었습니다", Kind.DELETED, 1),
        (f"{LRM}image omitted", Kind.PHOTO, 1),
        ("image omitted", Kind.PHOTO, 1),
        (f"{LRM}video omitted", Kind.VIDEO, 1),
        (f"{LRM}sticker omitted", Kind.EMOTICON, 1),
        (f"{LRM}스티커 제외됨", Kind.EMOTICON, 1),
        (f"{LRM}GIF omitted", Kind.PHOTO, 1),
        (f"{LRM}audio omitted", Kind.VOICE, 1),
        (f"report.pdf • {LRM}3 pages {LRM}document omitted", Kind.FILE, 1),
        (f"report.pdf • {LRM}3 pages {LRM}<attached: 00000012-report.pdf>", Kind.FILE, 1),
        (f"{LRM}Contact card omitted", Kind.CONTACT, 1),
        (f"{LRM}<attached: 00000012-STICKER-2023-05-14-21-02-22.webp>", Kind.EMOTICON, 1),
        (f"{LRM}<Anhang: 00000012-VIDEO-2023-05-14-21-02-22.mp4>", Kind.VIDEO, 1),
        (f"{LRM}Missed voice call, {LRM}Tap to call back", Kind.CALL, 1),
        (f"{LRM}Missed video call", Kind.CALL, 1),
        (f"{LRM}Voice call, {LRM}1 hr 5 min", Kind.CALL, 3_900),
        (f"{LRM}Video call, {LRM}23 sec", Kind.CALL, 23),
        (f"{LRM}Voice call, {LRM}No answer", Kind.CALL, 1),
        (f"{LRM}POLL:\n어디서 볼까?\n{LRM}OPTION: 성수 ({LRM}1 vote)", Kind.BOARD, 1),
        ("image omitted라고 나오네", Kind.TEXT, 1),
        ("사진 (2) 보내줘", Kind.TEXT, 1),
        ("<3", Kind.TEXT, 1),
        ("응 <ㅋㅋ>", Kind.TEXT, 1),
    ],
)
def test_only_a_whole_placeholder_is_an_event(text, kind, count):
    chat = read(f"[14/05/2023, 21:01:22] 하늘: 안녕\r\n[14/05/2023, 21:02:22] 바다: {text}\r\n")
    assert (chat.messages[1].kind, chat.messages[1].count) == (kind, count)
    assert chat.messages[1].sender == "바다"
    assert chat.messages[1].text == text.replace(LRM, "")


def test_a_name_may_hold_a_colon():
    lines = [("Dr: Kim", "안녕하세요"), ("하늘", "네: 안녕하세요"), ("Dr: Kim", f"{LRM}image omitted"), ("하늘", "와")]
    lines += [("Dr: Kim", "어제: 바다")]
    chat = read(
        "".join(f"[14/05/2023, 21:01:{second}] {who}: {text}\r\n" for second, (who, text) in enumerate(lines, 10))
    )
    assert said(chat) == [
        ("Dr: Kim", Kind.TEXT, "안녕하세요"),
        ("하늘", Kind.TEXT, "네: 안녕하세요"),
        ("Dr: Kim", Kind.PHOTO, "image omitted"),
        ("하늘", Kind.TEXT, "와"),
        ("Dr: Kim", Kind.TEXT, "어제: 바다"),
    ]


def test_what_people_quote_is_no_name():
    lines = [
        ("하늘", "A: 뭐래"),
        ("바다", "B: 응"),
        ("하늘", "B: 그래"),
        ("바다", "A: 왜"),
        ("하늘", "A: 그냥"),
        ("바다", "B: 음"),
    ]
    chat = read("".join(f"14/05/2023, 21:01 - {who}: {text}\n" for who, text in lines))
    assert [(message.sender, message.text) for message in chat.messages] == lines


@pytest.mark.parametrize(
    ("dates", "conventional", "settled"),
    [
        (["13/5/23", "1/6/23"], "mdy", ("dmy", True)),  # there is no month 13
        (["5/13/23", "6/1/23"], "dmy", ("mdy", True)),
        (["5/4/23", "6/4/23", "1/5/23"], "mdy", ("dmy", True)),  # time does not go back
        (["4/5/23", "4/6/23", "5/1/23"], "dmy", ("mdy", True)),
        (["5/4/23", "6/4/23"], "mdy", ("mdy", False)),  # either could be
        (["5/4/23", "6/4/23"], "dmy", ("dmy", False)),
        (["2023-05-04", "2023-05-06"], "dmy", ("ymd", True)),
        (["2023. 5. 4.", "2023. 5. 6."], "dmy", ("ymd", True)),
        (["24/2/8", "24/2/9"], "ymd", ("ymd", True)),
        (["25/7/21", "25/7/22", "25/7/24"], "dmy", ("ymd", True)),  # nobody writes once a year
        (["25/07/21", "25/07/22"], "dmy", ("dmy", False)),
        (["25/07/21,", "25/07/22,"], "dmy", ("dmy", True)),
        (["04/05/2023"], "dmy", ("dmy", False)),
        (["05/05/2023"], "mdy", ("mdy", True)),  # all the same
        (["12/11/26,"], "mdy", ("dmy", True)),  # December is not yet
        (["13/5/23,", "5/13/23,", "14/5/23,"], "mdy", ("dmy", True)),  # one of them was pasted
    ],
)
def test_the_order_of_a_dates_numbers_is_settled_over_the_whole_file(dates, conventional, settled):
    assert detect_date_order(dates, conventional, date(2026, 11, 20)) == settled


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("5/4/23, 9:01 PM", date(2023, 5, 4)),  # noon and midnight with slashes: American
        ("5/4/23, 21:01", date(2023, 4, 5)),
        ("05.04.23, 21:01", date(2023, 4, 5)),
    ],
)
def test_where_no_date_tells_the_order_the_languages_custom_does_and_the_user_is_told(stamp, day):
    chat = read(f"{stamp} - 하늘: 안녕\n{stamp} - 바다: 응\n")
    assert {message.sent_at.date() for message in chat.messages} == {day}
    assert len(chat.warnings) == 1
    assert "순서로 읽었어요" in chat.warnings[0]


def test_words_of_whatsapp_tell_that_a_year_of_two_digits_comes_first():
    chat = read("24/2/8 16:15 - 메시지와 통화는 종단간 암호화되어 있습니다.\n24/2/8 16:16 - 하늘: 안녕\n")
    assert chat.messages[1].sent_at.date() == date(2024, 2, 8)
    assert chat.warnings == []


def test_a_line_of_another_order_belongs_to_the_message_it_was_pasted_into():
    chat = read("13/05/2023, 21:01 - 하늘: 이거 봐\n5/14/23, 9:01 PM - 바다: 미국\n15/05/2023, 21:01 - 바다: 응\n")
    assert [message.text for message in chat.messages] == ["이거 봐\n5/14/23, 9:01 PM - 바다: 미국", "응"]


def test_a_day_that_does_not_exist_is_refused_with_its_line():
    with pytest.raises(UnreadableFile) as refused:
        read("28/02/2023, 21:01 - 하늘: 안녕\n30/02/2023, 21:01 - 바다: 응\n")
    assert refused.value.code == "unrecognised_format"
    assert refused.value.facts["line"] == 2


@pytest.mark.parametrize(
    "log",
    [
        "2024-01-28 15:30:00 - root: started\n2024-01-28 15:30:01 - root: ready\n",
        "2024-01-28 15:30 - INFO: started\n2024-01-28 15:31 - ERROR: failed\n",
        "[2024-01-28 15:30:00] INFO: started\n[2024-01-28 15:30:01] ERROR: failed\n",
        "[2024-01-28 15:30:00] production.ERROR: failed\n[2024-01-28 15:30:01] production.INFO: fine\n",
    ],
)
def test_what_programs_log_is_no_chat(log):
    with pytest.raises(UnreadableFile) as refused:
        read(log)
    assert refused.value.code == "unrecognised_format"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("09/12/2014 17:03:48", "25/12/2014 17:03:50"),
        ("12/9/14, 5:03:48 PM", "12/25/14, 5:03:50 PM"),
        ("9/12/14, 17:03:48", "25/12/14, 17:03:50"),
        ("2014-12-09, 5:03:48 PM", "2014-12-25, 5:03:50 PM"),
    ],
)
def test_an_iphone_export_from_before_there_were_brackets(first, second):
    chat = read(f"{first}: 하늘: 안녕: 너\n{first}: 하늘 changed the group icon\n{second}: 바다: 두\n줄\n")
    assert said(chat) == [
        ("하늘", Kind.TEXT, "안녕: 너"),
        (None, Kind.SYSTEM, "하늘 changed the group icon"),
        ("바다", Kind.TEXT, "두\n줄"),
    ]
    assert [(at.month, at.day, at.hour, at.second) for at in times(chat)] == [(12, 9, 17, 48)] * 2 + [(12, 25, 17, 50)]
    assert (chat.format, chat.warnings) == ("whatsapp_ios", [])


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01 09:00:10: worker: done",
        "01/03/2026 09:00:10: INFO: started",
        "01/03/2026 09:00: 회의: 3층",
        "2026/03/01 09:00:10 worker: done",
    ],
)
def test_a_log_or_a_diary_is_no_chat(line):
    with pytest.raises(UnreadableFile):
        read(f"{line}\n" * 20)
