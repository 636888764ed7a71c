"""KakaoTalk's text exports of all platforms are read as the same messages."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.domain import Kind
from tests.support.exports import SEOUL, android, counted_lines, read, rows

VARIANTS = ["kakaotalk.csv", "kakaotalk_android.txt", "kakaotalk_ios.txt", "kakaotalk_windows.txt"]
ANDROID_HEADER = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
IOS_HEADER = "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
WINDOWS_HEADER = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"


@pytest.mark.parametrize("name", VARIANTS)
def test_all_variants_of_the_sample_have_the_same_messages(sample, name):
    chat, reference = read(sample(name)), read(sample("kakaotalk.csv"))
    assert rows(chat) == rows(reference)
    assert [message.sent_at.replace(second=0) for message in chat.messages] == [
        message.sent_at.replace(second=0) for message in reference.messages
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_line_of_the_sample_is_counted(sample, name):
    report = read(sample(name)).report
    assert counted_lines(report) == report.lines
    assert report.unrecognised == 0


@pytest.mark.parametrize("name", VARIANTS)
def test_no_message_is_lost_if_line_ends_were_unified(sample, name):
    content = sample(name)
    chat = read(content.replace(b"\r\n", b"\n"))
    assert rows(chat) == rows(read(content))
    assert counted_lines(chat.report) == chat.report.lines


def test_a_korean_android_export_is_read():
    chat = read(
        ANDROID_HEADER
        + "2026년 3월 1일 오전 12:05\r\n"
        + "2026년 3월 1일 오전 12:05, 바다 : 첫 줄\n\n셋째 줄 : 끝\r\n"
        + "2026년 3월 1일 오전 9:00, 하늘 : 잘 잤어?\r\n"
        + "2026년 3월 1일 오후 12:05, 하늘 : 사진 3장\r\n"
        + "2026년 3월 1일 14:05, 하늘 : 사진 보내줘\r\n"
        + "2026년 3월 1일 오후 3:00, 하늘님이 나갔습니다.\r\n"
    )
    assert rows(chat) == [
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


def test_a_pasted_record_inside_a_message_stays_text():
    pasted = "2026년 3월 1일 오전 9:00, 하늘 : 복사한 줄"
    chat = read(ANDROID_HEADER + f"2026년 3월 1일 오전 9:01, 바다 : 이거 봐\n{pasted}\r\n")
    assert rows(chat) == [("바다", Kind.TEXT, f"이거 봐\n{pasted}")]


def test_an_ios_export_may_have_a_24_hour_clock_and_notices():
    chat = read(
        "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
        "2026년 3월 1일 일요일\r\n"
        "2026. 3. 1. 오전 9:03: 하늘님이 바다님을 초대했습니다.\r\n"
        "2026. 3. 1. 09:05, 하늘 : 24시간제\r\n"
    )
    assert rows(chat) == [
        (None, Kind.SYSTEM, "하늘님이 바다님을 초대했습니다."),
        ("하늘", Kind.TEXT, "24시간제"),
    ]
    assert chat.format == "kakaotalk_ios_ko"


def test_day_lines_of_an_english_ios_export_are_not_text():
    chat = read(
        "\ufeffKakaoTalk Chats with Bada-1.txt\r\nDate Saved : Aug 3, 2015, 12:20 AM\r\n\r\n\r\n\r\n"
        "Thursday, July 9, 2015\r\n"
        "Jul 9, 2015, 8:34 PM, You : hi\r\n"
        "Jul 9, 2015, 8:35 PM: You invited Bada and Haneul.\r\n"
        "\r\n"
        "Friday, July 10, 2015\r\n"
        "Jul 10, 2015, 12:04 AM, Bada : late\r\n"
    )
    assert rows(chat) == [
        ("You", Kind.TEXT, "hi"),
        (None, Kind.SYSTEM, "You invited Bada and Haneul."),
        ("Bada", Kind.TEXT, "late"),
    ]
    assert chat.messages[-1].sent_at == datetime(2015, 7, 10, 0, 4, tzinfo=SEOUL)
    assert (chat.format, chat.my_name, chat.partner_name) == ("kakaotalk_ios_en", "You", "Bada")


def test_a_windows_export_may_have_brackets_in_names_and_messages():
    chat = read(
        "스터디 3 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
        "--------------- 2026년 3월 1일 일요일 ---------------\r\n"
        "[하늘[서울]] [오전 9:00] [Web발신] 택배\r\n"
        "바다님이 들어왔습니다.\r\n"
        "[바다] [오후 12:30] 두\n줄\r\n"
        "--------------- 2026년 3월 2일 월요일 ---------------\r\n"
        "[바다] [00:10] 늦었다\r\n"
    )
    assert rows(chat) == [
        ("하늘[서울]", Kind.TEXT, "[Web발신] 택배"),
        (None, Kind.SYSTEM, "바다님이 들어왔습니다."),
        ("바다", Kind.TEXT, "두\n줄"),
        ("바다", Kind.TEXT, "늦었다"),
    ]
    assert chat.messages[-1].sent_at == datetime(2026, 3, 2, 0, 10, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("days", "clock", "name"),
    [
        (("2026년 3월 1일 일요일", "2026년 3월 2일 월요일"), "오후 9:01", "ko"),
        (("Sunday, March 1, 2026", "Monday, March 2, 2026"), "9:01 PM", "en"),
    ],
)
def test_text_copied_from_the_pc_has_day_lines_without_hyphens(days, clock, name):
    chat = read(
        f"{days[0]}\r\n[하늘] [{clock}] 자?\r\n[바다] [{clock}] 아니\r\n왜\r\n{days[1]}\r\n[하늘] [{clock}] 그냥\r\n"
    )
    assert rows(chat) == [("하늘", Kind.TEXT, "자?"), ("바다", Kind.TEXT, "아니\n왜"), ("하늘", Kind.TEXT, "그냥")]
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(1, 21), (1, 21), (2, 21)]
    assert (chat.format, chat.report.headers, chat.warnings) == (f"kakaotalk_windows_{name}", 2, [])


def test_text_copied_from_the_english_pc_is_read():
    chat = read("[Haneul] [11:58 PM] up?\n[Bada] [12:03 AM] no\n")
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(19, 23), (20, 0)]
    assert chat.format == "kakaotalk_windows_en"


def test_the_apps_word_for_the_exporting_user_is_read_as_my_name():
    chat = read(ANDROID_HEADER + "2018년 3월 1일 오전 9:01, 회원님 : 나야\r\n2018년 3월 1일 오전 9:01, 바다 : 응\r\n")
    assert chat.my_name == "회원님"


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
    assert rows(chat) == [("하늘", Kind.TEXT, "안녕"), (None, Kind.SYSTEM, notice), ("바다", Kind.TEXT, "응")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("deleted", ["메시지가 삭제되었습니다.", "삭제된 메시지입니다."])
def test_a_deleted_message_on_ios_is_a_notice_without_a_time(deleted, end):
    chat = read(
        f"{IOS_HEADER}2026년 3월 1일 일요일\r\n{deleted}\r\n2026. 3. 1. 09:00, 하늘 : 안녕\r\n{deleted}\r\n"
        "2026. 3. 1. 21:05, 바다 : 응\r\n".replace("\r\n", end)
    )
    assert rows(chat) == [
        (None, Kind.SYSTEM, deleted),
        ("하늘", Kind.TEXT, "안녕"),
        (None, Kind.SYSTEM, deleted),
        ("바다", Kind.TEXT, "응"),
    ]
    assert [message.sent_at.hour for message in chat.messages] == [0, 9, 9, 21]


def test_an_ios_export_without_dates_in_its_messages_has_notices_after_a_comma():
    chat = read(
        "바다 님과 카카오톡 대화\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\n2026년 3월 1일 일요일\n"
        "오전 9:00, 하늘 : 안녕\n오후 3:00, 강남역 어때\n오후 8:37, 구름님이 나갔습니다.\n오후 8:39, 바다 : 응\n"
        "2026년 3월 2일 월요일\n오전 12:00, 하늘 : 다음날\n"
    )
    assert rows(chat) == [
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


def test_day_lines_of_an_ios_export_may_have_dots():
    chat = read("2026. 3. 1. 일요일\n\n2026. 3. 1. 오전 9:30, 하늘@sky : 안녕\n\n2026. 3. 1. 오전 9:31, 바다 : 응\n")
    assert rows(chat) == [("하늘@sky", Kind.TEXT, "안녕"), ("바다", Kind.TEXT, "응")]
    assert (chat.report.headers, chat.report.unrecognised) == (1, 0)


@pytest.mark.parametrize("timestamp", ["2026년 3월 1일 오전 9:03", "2026. 3. 1. 오전 9:03"])
def test_a_record_with_an_empty_name_is_a_notice(timestamp):
    chat = read(f"{timestamp}, 하늘 : 안녕\n{timestamp},  : 말한 사람이 없다\n{timestamp}, 바다 : 응\n")
    assert rows(chat) == [
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
def test_dates_of_english_exports_are_in_the_style_of_the_device(lines, name):
    chat = read("".join(f"{line}\r\n" for line in lines))
    assert rows(chat) == [("A", Kind.TEXT, "hi"), ("B", Kind.TEXT, "yo")]
    assert [(message.sent_at.day, message.sent_at.hour) for message in chat.messages] == [(1, 21), (1, 21)]
    assert (chat.format, chat.report.headers, chat.warnings) == (f"kakaotalk_{name}", 1, [])


@pytest.mark.parametrize(
    "name",
    [
        "하늘[서울]",
        "[하늘]",
        "하늘 (1)",
        "🌊바다🌊",
        "\u200f바다\u200e",
        "a/b#c",
        "오전 9:00",
        "1",
        "님과",
        " 하늘 ",
        "하,늘",
        '"하늘"',
    ],
)
def test_names_are_read_unchanged(name):
    lines = [(name, "안녕"), ("바다", "응 안녕"), (name, "사진")]
    assert [message.sender for message in read(android(lines)).messages] == [name, "바다", name]
    windows = (
        WINDOWS_HEADER
        + "--------------- 2026년 3월 1일 일요일 ---------------\r\n"
        + "".join(f"[{sender}] [오전 9:00] {text}\r\n" for sender, text in lines)
    )
    assert [message.sender for message in read(windows).messages] == [name, "바다", name]
