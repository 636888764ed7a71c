"""KakaoTalk's Korean exports become the same typed messages, whatever wrote them."""

from datetime import datetime

import pytest

from chalicelib.domain import Kind
from chalicelib.errors import UnreadableFile
from tests.support.exports import SEOUL, read

VARIANTS = ["kakaotalk.csv", "kakaotalk_android.txt", "kakaotalk_ios.txt", "kakaotalk_windows.txt"]
ANDROID_HEADER = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"


HALF_A_CHARACTER = (ANDROID_HEADER + "2026년 3월 1일 오전 9:01, 바다 : 응").encode()[:-1]


def said(chat):
    return [(message.sender, message.kind, message.text) for message in chat.messages]


def accounted(report):
    return report.messages + report.continuations + report.system + report.headers + report.blank + report.unrecognised


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_the_sample_holds_the_same_messages(sample, name):
    chat, reference = read(sample(name)), read(sample("kakaotalk.csv"))
    assert said(chat) == said(reference)
    assert [message.sent_at.replace(second=0) for message in chat.messages] == [
        message.sent_at.replace(second=0) for message in reference.messages
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_line_of_the_sample_is_accounted_for(sample, name):
    report = read(sample(name)).report
    assert accounted(report) == report.lines
    assert report.unrecognised == 0


@pytest.mark.parametrize("name", VARIANTS)
def test_line_ends_made_alike_on_the_way_lose_no_message(sample, name):
    content = sample(name)
    chat = read(content.replace(b"\r\n", b"\n"))
    assert said(chat) == said(read(content))
    assert accounted(chat.report) == chat.report.lines


def test_an_android_export_with_all_that_real_ones_have():
    chat = read(
        ANDROID_HEADER
        + "2026년 3월 1일 오전 12:05\r\n"
        + "2026년 3월 1일 오전 12:05, 바다 : 첫 줄\n\n셋째 줄 : 끝\r\n"
        + "2026년 3월 1일 오전 9:00, 하늘 : 잘 잤어?\r\n"
        + "2026년 3월 1일 오후 12:05, 하늘 : 사진 3장\r\n"
        + "2026년 3월 1일 14:05, 하늘 : 사진 보내줘\r\n"
        + "2026년 3월 1일 오후 3:00, 하늘님이 나갔습니다.\r\n"
    )
    assert said(chat) == [
        ("바다", Kind.TEXT, "첫 줄\n\n셋째 줄 : 끝"),
        ("하늘", Kind.TEXT, "잘 잤어?"),
        ("하늘", Kind.PHOTO, "사진 3장"),
        ("하늘", Kind.TEXT, "사진 보내줘"),
        (None, Kind.SYSTEM, "하늘님이 나갔습니다."),
    ]
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 3, 1, hour, minute, tzinfo=SEOUL) for hour, minute in [(0, 5), (9, 0), (12, 5), (14, 5), (15, 0)]
    ]
    assert chat.messages[2].count == 3
    assert chat.partner_name == "바다"


def test_a_pasted_header_inside_a_message_stays_text():
    pasted = "2026년 3월 1일 오전 9:00, 하늘 : 복사한 줄"
    chat = read(ANDROID_HEADER + f"2026년 3월 1일 오전 9:01, 바다 : 이거 봐\n{pasted}\r\n")
    assert said(chat) == [("바다", Kind.TEXT, f"이거 봐\n{pasted}")]


def test_an_ios_export_with_a_24_hour_clock_and_a_notice():
    chat = read(
        "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
        "2026년 3월 1일 일요일\r\n"
        "2026. 3. 1. 오전 9:03: 하늘님이 바다님을 초대했습니다.\r\n"
        "2026. 3. 1. 09:05, 하늘 : 24시간제\r\n"
    )
    assert said(chat) == [
        (None, Kind.SYSTEM, "하늘님이 바다님을 초대했습니다."),
        ("하늘", Kind.TEXT, "24시간제"),
    ]
    assert chat.format == "kakaotalk_ios_ko"


def test_days_between_the_messages_of_an_english_iphone_are_no_text():
    chat = read(
        "\ufeffKakaoTalk Chats with Bada-1.txt\r\nDate Saved : Aug 3, 2015, 12:20 AM\r\n\r\n\r\n\r\n"
        "Thursday, July 9, 2015\r\n"
        "Jul 9, 2015, 8:34 PM, You : hi\r\n"
        "Jul 9, 2015, 8:35 PM: You invited Bada and Haneul.\r\n"
        "\r\n"
        "Friday, July 10, 2015\r\n"
        "Jul 10, 2015, 12:04 AM, Bada : late\r\n"
    )
    assert said(chat) == [
        ("You", Kind.TEXT, "hi"),
        (None, Kind.SYSTEM, "You invited Bada and Haneul."),
        ("Bada", Kind.TEXT, "late"),
    ]
    assert chat.messages[-1].sent_at == datetime(2015, 7, 10, 0, 4, tzinfo=SEOUL)
    assert (chat.format, chat.my_name, chat.partner_name) == ("kakaotalk_ios_en", "You", "Bada")


def test_a_windows_export_with_brackets_in_names_and_messages():
    chat = read(
        "스터디 3 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
        "--------------- 2026년 3월 1일 일요일 ---------------\r\n"
        "[하늘[서울]] [오전 9:00] [Web발신] 택배\r\n"
        "바다님이 들어왔습니다.\r\n"
        "[바다] [오후 12:30] 두\n줄\r\n"
        "--------------- 2026년 3월 2일 월요일 ---------------\r\n"
        "[바다] [00:10] 늦었다\r\n"
    )
    assert said(chat) == [
        ("하늘[서울]", Kind.TEXT, "[Web발신] 택배"),
        (None, Kind.SYSTEM, "바다님이 들어왔습니다."),
        ("바다", Kind.TEXT, "두\n줄"),
        ("바다", Kind.TEXT, "늦었다"),
    ]
    assert chat.messages[-1].sent_at == datetime(2026, 3, 2, 0, 10, tzinfo=SEOUL)


def test_what_is_copied_from_the_pc_has_no_days_and_ends_now():
    chat = read(
        "[하늘] [오후 11:58] 자?\n[바다] [오후 11:59] 아니\n왜\n[하늘] [오전 12:03] 그냥\n[바다] [오전 12:03] 사진\n"
    )
    assert said(chat) == [
        ("하늘", Kind.TEXT, "자?"),
        ("바다", Kind.TEXT, "아니\n왜"),
        ("하늘", Kind.TEXT, "그냥"),
        ("바다", Kind.PHOTO, "사진"),
    ]
    # It is nine in the evening of the 20th in Seoul.
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 11, 19, 23, 58, tzinfo=SEOUL),
        datetime(2026, 11, 19, 23, 59, tzinfo=SEOUL),
        datetime(2026, 11, 20, 0, 3, tzinfo=SEOUL),
        datetime(2026, 11, 20, 0, 3, tzinfo=SEOUL),
    ]
    assert (chat.format, len(chat.warnings), chat.timed) == ("kakaotalk_windows_ko", 1, True)
    assert "날짜가 없는 대화" in chat.warnings[0]


def test_what_is_copied_late_in_the_day_was_said_the_day_before():
    chat = read("[하늘] [21:01] 자?\n[바다] [23:59] 아니\n")
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 11, 19, hour, minute, tzinfo=SEOUL) for hour, minute in [(21, 1), (23, 59)]
    ]


def test_what_is_copied_over_midnight_is_of_the_days_around_the_day_line():
    chat = read(
        "[하늘] [23:58] 자?\n[바다] [00:01] 아니\n"
        "--------------- 2026년 3월 2일 월요일 ---------------\n"
        "[하늘] [00:02] 잘자\n"
    )
    assert [message.sent_at for message in chat.messages] == [
        datetime(2026, 2, 28, 23, 58, tzinfo=SEOUL),
        datetime(2026, 3, 1, 0, 1, tzinfo=SEOUL),
        datetime(2026, 3, 2, 0, 2, tzinfo=SEOUL),
    ]


@pytest.mark.parametrize(
    ("days", "clock", "name"),
    [
        (("2026년 3월 1일 일요일", "2026년 3월 2일 월요일"), "오후 9:01", "ko"),
        (("Sunday, March 1, 2026", "Monday, March 2, 2026"), "9:01 PM", "en"),
    ],
)
def test_what_is_copied_with_its_days_has_them_without_hyphens(days, clock, name):
    chat = read(
        f"{days[0]}\r\n[하늘] [{clock}] 자?\r\n[바다] [{clock}] 아니\r\n왜\r\n{days[1]}\r\n[하늘] [{clock}] 그냥\r\n"
    )
    assert said(chat) == [("하늘", Kind.TEXT, "자?"), ("바다", Kind.TEXT, "아니\n왜"), ("하늘", Kind.TEXT, "그냥")]
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(1, 21), (1, 21), (2, 21)]
    assert (chat.format, chat.report.headers, chat.warnings) == (f"kakaotalk_windows_{name}", 2, [])


def test_a_day_that_somebody_names_in_an_export_from_the_pc_is_text():
    chat = read(
        f"{WINDOWS_HEADER}--------------- 2026년 3월 5일 목요일 ---------------\n[하늘] [오전 9:00] 그날이\n"
        "2026년 3월 1일 일요일\n이었어\n[바다] [오전 9:05] 맞아\n".replace("\r\n", "\n")
    )
    assert said(chat) == [("하늘", Kind.TEXT, "그날이\n2026년 3월 1일 일요일\n이었어"), ("바다", Kind.TEXT, "맞아")]
    assert [message.sent_at.day for message in chat.messages] == [5, 5]


def test_what_is_copied_from_the_english_pc_is_read_alike():
    chat = read("[Haneul] [11:58 PM] up?\n[Bada] [12:03 AM] no\n")
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(19, 23), (20, 0)]
    assert chat.format == "kakaotalk_windows_en"


def test_a_csv_export_keeps_seconds_quotes_and_line_breaks():
    chat = read('Date,User,Message\r\n2026-03-01 09:00:40,"하늘","""2번"" 출구, 역 앞\n거기"\r\n')
    assert said(chat) == [("하늘", Kind.TEXT, '"2번" 출구, 역 앞\n거기')]
    assert chat.messages[0].sent_at.second == 40


TABLE = "Date,User,Message\n2026-03-01 9:00,하늘,안녕\n2026-03-01 21:05,바다,응 그래\n"


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.encode("cp949"),
        TABLE.replace("2026-03-01", "2026/3/1"),
        TABLE.replace("2026-03-01", "2026.3.1"),
        TABLE.replace("2026-03-01", "2026. 3. 1."),
        TABLE.replace("1 9:00", "1 오전 9:00:00").replace("1 21:05", "1 오후 9:05:00"),
        TABLE.replace("1 9:00", "1 9:00 AM").replace("1 21:05", "1 9:05 PM"),
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace("\n", ",,\n"),
        "User,Date,Message\n하늘,2026-03-01 9:00,안녕\n바다,2026-03-01 21:05,응 그래\n",
        "\ufeff" + TABLE.replace("\n", "\r\n"),
    ],
)
def test_a_table_that_a_spreadsheet_saved_again_is_read(table):
    chat = read(table)
    assert said(chat) == [("하늘", Kind.TEXT, "안녕"), ("바다", Kind.TEXT, "응 그래")]
    assert [(message.sent_at.hour, message.sent_at.minute) for message in chat.messages] == [(9, 0), (21, 5)]
    assert (chat.format, chat.report.headers, chat.report.lines) == ("kakaotalk_csv", 1, 3)


def test_commas_that_nobody_quoted_are_the_messages():
    assert said(read(TABLE.replace("안녕", "안녕, 너,"))) == [
        ("하늘", Kind.TEXT, "안녕, 너,"),
        ("바다", Kind.TEXT, "응 그래"),
    ]


def test_what_nobody_said_in_a_table_is_a_notice_even_without_a_time():
    chat = read(
        'Date,User,Message\n2026-03-01 09:00:40,"하늘","안녕"\n2026-03-01 09:01:00,"","방장이 바뀌었어요."\n'
        ',"","관리자가 메시지를 가렸습니다."\n2026-03-01 09:02:00,"바다","바다님이 부방장이 되었습니다."\n'
    )
    assert said(chat) == [
        ("하늘", Kind.TEXT, "안녕"),
        (None, Kind.SYSTEM, "방장이 바뀌었어요."),
        (None, Kind.SYSTEM, "관리자가 메시지를 가렸습니다."),
        (None, Kind.SYSTEM, "바다님이 부방장이 되었습니다."),
    ]
    assert [message.sent_at.minute for message in chat.messages] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "table",
    [
        "2026-03-01 09:00:00,편의점,3000\n2026-03-02 10:00:00,카페,4500\n",
        "2026-03-01 09:00:00,sensor,23.5\n2026-03-01 09:01:00,sensor,23.6\n",
        "Date,User,Action\n2026-03-01 09:00:00,haneul,login\n",
        "Date,User,Level,Message\n2026-03-01 09:00:00,haneul,info,started\n",
    ],
)
def test_a_table_of_something_else_is_no_chat(table):
    with pytest.raises(UnreadableFile) as refused:
        read(table)
    assert refused.value.code == "unrecognised_format"


def test_messages_come_in_the_order_of_time():
    chat = read('Date,User,Message\r\n2026-03-02 09:00:00,"하늘","둘"\r\n2026-03-01 09:00:00,"하늘","하나"\r\n')
    assert [message.text for message in chat.messages] == ["하나", "둘"]


def test_the_one_who_exported_is_known_where_the_app_says_so():
    chat = read(ANDROID_HEADER + "2018년 3월 1일 오전 9:01, 회원님 : 나야\r\n2018년 3월 1일 오전 9:01, 바다 : 응\r\n")
    assert chat.my_name == "회원님"


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("사진", Kind.PHOTO, 1),
        ("사진 12장", Kind.PHOTO, 12),
        ("동영상", Kind.VIDEO, 1),
        ("이모티콘", Kind.EMOTICON, 1),
        ("(이모티콘_Muzi and Friends)", Kind.EMOTICON, 1),
        ("이모티콘 ", Kind.EMOTICON, 1),
        ("사진 2장 ", Kind.PHOTO, 2),
        ("음성메시지", Kind.VOICE, 1),
        (f"{'0a' * 32}.m4a", Kind.VOICE, 1),
        ("보이스톡 해요", Kind.CALL, 1),
        ("페이스톡 1:03:05", Kind.CALL, 3785),
        ("보이스톡 취소", Kind.CALL, 1),
        ("그룹콜 해요", Kind.CALL, 1),
        ("페이스톡 응답 없음", Kind.CALL, 1),
        ("라이브톡 시작", Kind.CALL, 1),
        ("라이브톡 종료 12:05", Kind.CALL, 725),
        ("보이스룸이 방금 시작했어요.", Kind.CALL, 1),
        ("보이스룸 종료 1:00:00", Kind.CALL, 3600),
        ("파일: 러닝코스.pdf", Kind.FILE, 1),
        ("'봄밤-은하 (Galaxy)' 음악을 공유했습니다.", Kind.FILE, 1),
        ("지도: 서울숲", Kind.MAP, 1),
        ("샵검색: #성수 떡볶이", Kind.SEARCH, 1),
        ("톡게시판 '공지': 모임\n둘째 줄", Kind.BOARD, 1),
        ("연락처", Kind.CONTACT, 1),
        ("카카오톡 프로필", Kind.CONTACT, 1),
        (f"{'0a' * 32}.vcf", Kind.CONTACT, 1),
        ("30,400원을 받으세요.", Kind.MONEY, 1),
        ("30,400원 자동환불 완료! 기간 안에 받지 않았어요.", Kind.MONEY, 1),
        ("바다님이 선물을 보냈습니다.", Kind.GIFT, 1),
        ("삭제된 메시지입니다.", Kind.DELETED, 1),
        ("사진 보내줘", Kind.TEXT, 1),
        ("이모티콘 귀엽다", Kind.TEXT, 1),
        ("보이스톡 하자", Kind.TEXT, 1),
        ("보이스톡 해요 우리", Kind.TEXT, 1),
        ("라이브톡 종료 언제야", Kind.TEXT, 1),
        ("카카오톡 프로필 바꿨네", Kind.TEXT, 1),
        ("취소", Kind.TEXT, 1),
        ("투표합시다", Kind.TEXT, 1),
        ("ㅋㅋ 30,400원을 받으세요. 이거 봤어?", Kind.TEXT, 1),
    ],
)
def test_only_a_whole_placeholder_is_an_event(text, kind, count):
    chat = read(ANDROID_HEADER + f"2026년 3월 1일 오전 9:01, 바다 : {text}\r\n")
    assert [(message.kind, message.count) for message in chat.messages] == [(kind, count)]


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "empty_file", {}),
        (b"\xef\xbb\xbf \r\n", "empty_file", {}),
        (bytes(range(256)) * 8, "undecodable_text", {"offset": 128}),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "undecodable_text", {"offset": 0}),
        ("Bonjour, ça va ?\n".encode() * 50, "unrecognised_format", {}),
        (HALF_A_CHARACTER, "undecodable_text", {"offset": len(HALF_A_CHARACTER) - 2}),
        (b'Date,User,Message\r\n2026-03-01 09:00:40,"a","b\r\n', "unrecognised_format", {"line": 2}),
        (ANDROID_HEADER.encode(), "no_messages", {}),
        (
            (ANDROID_HEADER + "2026년 2월 30일 오전 9:01, 바다 : 응\r\n").encode(),
            "unrecognised_format",
            {"line": 5},
        ),
    ],
)
def test_what_is_no_chat_is_refused_with_its_reason(content, code, facts):
    with pytest.raises(UnreadableFile) as refused:
        read(content)
    assert refused.value.code == code
    refused.value.facts.pop("looked_for", None)
    assert refused.value.facts == facts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_every_encoding_gives_the_same_text(encoding):
    text = ANDROID_HEADER.lstrip("\ufeff") + "2026년 3월 1일 오전 9:01, 바다 : 응 그래\r\n"
    assert said(read(text.encode(encoding))) == [("바다", Kind.TEXT, "응 그래")]


def test_decomposed_hangul_is_composed_and_jamo_stay():
    chat = read(ANDROID_HEADER + "2026년 3월 1일 오전 9:01, 바다 : \u1112\u1161\u11ab\u1100\u1173\u11af ㅋㅠ\r\n")
    assert said(chat) == [("바다", Kind.TEXT, "한글 ㅋㅠ")]


IOS_HEADER = "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
WINDOWS_HEADER = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
HALVES = {
    "android": (
        ANDROID_HEADER + "2026년 3월 1일 오전 9:01\r\n2026년 3월 1일 오전 9:01, 바다 : 응\r\n",
        ANDROID_HEADER + "2026년 4월 1일 오전 9:01\r\n2026년 4월 1일 오전 9:01, 하늘 : 사월\r\n",
    ),
    "ios": (
        IOS_HEADER + "2026년 3월 1일 일요일\r\n2026. 3. 1. 오전 9:01, 바다 : 응\r\n",
        IOS_HEADER.replace("-1.txt", "-2.txt") + "2026년 4월 1일 수요일\r\n2026. 4. 1. 오전 9:01, 하늘 : 사월\r\n",
    ),
    "windows": (
        WINDOWS_HEADER + "--------------- 2026년 3월 1일 일요일 ---------------\r\n[바다] [오전 9:01] 응\r\n",
        WINDOWS_HEADER + "--------------- 2026년 4월 1일 수요일 ---------------\r\n[하늘] [오전 9:01] 사월\r\n",
    ),
}


def test_tables_may_be_put_together_too():
    table = '\ufeffDate,User,Message\r\n2026-03-01 09:01:07,"바다","응"\r\n'
    chat = read(table + table.replace("2026-03", "2026-04"))
    assert [message.sent_at.month for message in chat.messages] == [3, 4]
    assert (chat.report.headers, chat.report.messages, chat.report.lines) == (2, 2, 4)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("halves", HALVES.values(), ids=HALVES)
def test_the_header_of_an_export_that_was_put_behind_another_is_no_text(halves, end):
    chat = read("".join(halves).replace("\r\n", end))
    assert said(chat) == [("바다", Kind.TEXT, "응"), ("하늘", Kind.TEXT, "사월")]
    assert [message.sent_at.month for message in chat.messages] == [3, 4]
    assert (chat.report.headers, chat.report.continuations, chat.report.unrecognised) == (6, 0, 0)
    assert accounted(chat.report) == chat.report.lines


def test_a_title_without_the_line_below_it_is_what_somebody_said():
    title = "바다 님과 카카오톡 대화"
    chat = read((ANDROID_HEADER + f"2026년 3월 1일 오전 9:01, 하늘 : 파일 이름이\r\n{title}\r\n").replace("\r\n", "\n"))
    assert said(chat) == [("하늘", Kind.TEXT, f"파일 이름이\n{title}")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize(
    "notice",
    [
        "하늘님이 부방장이 되었습니다.",
        "하늘님이 부방장에서 해제되었습니다.",
        "하늘님이 방장이 되었습니다.",
        "방장이 변경되었습니다.",
        "팀 이름이 변경되었습니다.",
        "하늘님이 채팅방 이름을 봄소풍(으)로 변경하였습니다.",
        "관리자가 메시지를 가렸습니다.",
        "채팅방 관리자가 3개의 메시지를 가렸습니다.",
        "관리자만 말하기 기능이 활성화되었습니다.",
        "운영정책을 위반한 메시지로 신고 접수 시 카카오톡 이용에 제한이 있을 수 있습니다.",
        "삭제된 메시지입니다.",
    ],
)
def test_a_notice_from_the_pc_ends_the_message_above_it(notice, end):
    chat = read(
        f"{WINDOWS_HEADER}--------------- 2026년 3월 1일 일요일 ---------------\r\n"
        f"[하늘] [오전 9:00] 안녕\r\n{notice}\r\n[바다] [오전 9:01] 응\r\n".replace("\r\n", end)
    )
    assert said(chat) == [("하늘", Kind.TEXT, "안녕"), (None, Kind.SYSTEM, notice), ("바다", Kind.TEXT, "응")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("deleted", ["메시지가 삭제되었습니다.", "삭제된 메시지입니다."])
def test_a_message_that_a_phone_says_is_deleted_has_no_time_and_is_nobodys(deleted, end):
    chat = read(
        f"{IOS_HEADER}2026년 3월 1일 일요일\r\n{deleted}\r\n2026. 3. 1. 09:00, 하늘 : 안녕\r\n{deleted}\r\n"
        "2026. 3. 1. 21:05, 바다 : 응\r\n".replace("\r\n", end)
    )
    assert said(chat) == [
        (None, Kind.SYSTEM, deleted),
        ("하늘", Kind.TEXT, "안녕"),
        (None, Kind.SYSTEM, deleted),
        ("바다", Kind.TEXT, "응"),
    ]
    assert [message.sent_at.hour for message in chat.messages] == [0, 9, 9, 21]


def test_a_notice_above_the_first_day_has_none():
    chat = read(
        "하늘님이 들어왔습니다.\r\n--------------- 2026년 3월 1일 일요일 ---------------\r\n[하늘] [오전 9:00] 안녕\r\n"
    )
    assert said(chat) == [("하늘", Kind.TEXT, "안녕")]
    assert (chat.report.unrecognised, len(chat.warnings)) == (1, 1)


def test_an_ios_export_whose_days_stand_between_the_messages_has_notices_after_a_comma():
    chat = read(
        "바다 님과 카카오톡 대화\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\n2026년 3월 1일 일요일\n"
        "오전 9:00, 하늘 : 안녕\n오후 3:00, 강남역 어때\n오후 8:37, 구름님이 나갔습니다.\n오후 8:39, 바다 : 응\n"
        "2026년 3월 2일 월요일\n오전 12:00, 하늘 : 다음날\n"
    )
    assert said(chat) == [
        ("하늘", Kind.TEXT, "안녕\n오후 3:00, 강남역 어때"),
        (None, Kind.SYSTEM, "구름님이 나갔습니다."),
        ("바다", Kind.TEXT, "응"),
        ("하늘", Kind.TEXT, "다음날"),
    ]
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [
        (1, 9),
        (1, 20),
        (1, 20),
        (2, 0),
    ]


def test_days_of_an_ios_export_may_have_dots():
    chat = read("2026. 3. 1. 일요일\n\n2026. 3. 1. 오전 9:30, 하늘@sky : 안녕\n\n2026. 3. 1. 오전 9:31, 바다 : 응\n")
    assert said(chat) == [("하늘@sky", Kind.TEXT, "안녕"), ("바다", Kind.TEXT, "응")]
    assert (chat.report.headers, chat.report.unrecognised) == (1, 0)


@pytest.mark.parametrize("stamp", ["2026년 3월 1일 오전 9:03", "2026. 3. 1. 오전 9:03"])
def test_what_has_nothing_where_the_name_is_ends_the_message_above_it(stamp):
    chat = read(f"{stamp}, 하늘 : 안녕\n{stamp},  : 말한 사람이 없다\n{stamp}, 바다 : 응\n")
    assert said(chat) == [
        ("하늘", Kind.TEXT, "안녕"),
        (None, Kind.SYSTEM, "말한 사람이 없다"),
        ("바다", Kind.TEXT, "응"),
    ]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["1 March 2026 at 21:00", "1 March 2026 at 21:00, A : hi", "1 March 2026 at 21:01, B : yo"], "android_en"),
        (["1 March 2026, 9:00 pm", "1 March 2026, 9:00 pm, A : hi", "1 March 2026, 9:01 pm, B : yo"], "android_en"),
        (["Sunday, 1 March 2026", "1 Mar 2026 at 21:00, A : hi", "1 Mar 2026 at 21:01, B : yo"], "ios_en"),
        (["Tuesday 1 September 2026", "1 Sept 2026 at 21:00, A : hi", "1 Sept 2026 at 21:01, B : yo"], "ios_en"),
        (
            ["--------------- 2026년 3월 1일 일요일 ---------------", "[A] [9:00 PM] hi", "[B] [9:01 PM] yo"],
            "windows_en",
        ),
    ],
)
def test_english_exports_write_dates_as_the_device_does(lines, name):
    chat = read("".join(f"{line}\r\n" for line in lines))
    assert said(chat) == [("A", Kind.TEXT, "hi"), ("B", Kind.TEXT, "yo")]
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(1, 21), (1, 21)]
    assert (chat.format, chat.report.headers, chat.warnings) == (f"kakaotalk_{name}", 1, [])
