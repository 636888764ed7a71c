"""A zip of one chat's parts is read as that chat; whatever is unsafe, broken or several chats is refused."""

import gzip
import io
import itertools
import stat
import struct
import unicodedata
import warnings
import zipfile

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from chalicelib.domain import MAX_UPLOAD_BYTES, LineReport
from chalicelib.errors import UnreadableFile
from chalicelib.parsing import archives
from tests.support.export_writers_json import FIRST_S, encrypted, minute_lines, telegram, thread, thread_item, to_json
from tests.support.exports import android, read

NAMES = ("하늘", "바다")
CHAT = android([("하늘", "안녕"), ("바다", "응")])
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def zipped(*members, compression=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that occur twice
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def patched(archive, signature, field, at, value, *, occurrence=0):
    """The archive with a field of one of its headers replaced."""
    place = -1
    for _ in range(occurrence + 1):
        place = archive.index(signature, place + 1)
    data = bytearray(archive)
    struct.pack_into(f"<{field}", data, place + at, value)
    return bytes(data)


def refusal(content):
    with pytest.raises(UnreadableFile) as refused:
        read(content)
    return refused.value


def texts(chat):
    return [message.text for message in chat.messages]


def said(start, stop):
    """Lines of a chat from a minute to another."""
    return [(NAMES[number % 2], f"{number}분") for number in range(start, stop)]


def part(start, stop, **options):
    return android(said(start, stop), start=start, **options)


def test_what_is_no_zip_is_its_own_member():
    assert archives.extract_members(CHAT) == [("", CHAT)]


def test_an_archive_may_hold_as_many_bytes_as_an_upload():
    content = zipped(("a.txt", CHAT), ("b.mp4", b"0"))
    limit = patched(content, CENTRAL, "I", 24, MAX_UPLOAD_BYTES - len(CHAT), occurrence=1)
    assert texts(read(limit)) == ["안녕", "응"]
    assert (
        refusal(patched(limit, CENTRAL, "I", 24, MAX_UPLOAD_BYTES - len(CHAT) + 1, occurrence=1)).code
        == "file_too_large"
    )


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zipped_chat_is_that_chat(compression):
    content = zipped(
        ("KakaoTalk_Chats_2026-03-02/", b""),
        ("KakaoTalk_Chats_2026-03-02/KakaoTalkChats.txt", CHAT),
        ("KakaoTalk_Chats_2026-03-02/1234567890.jpg", b"\xff\xd8\xff" * 99),
        ("__MACOSX/KakaoTalk_Chats_2026-03-02/._KakaoTalkChats.txt", b"\0\5\x16\7"),
        ("KakaoTalk_Chats_2026-03-02/.DS_Store", b"\0\0\0\1Bud1"),
        compression=compression,
    )
    assert read(content) == read(CHAT)


def test_parts_are_one_chat_in_times_order_whatever_they_are_called():
    whole, parts = read(part(0, 90)), [part(60, 90), part(0, 30), part(30, 60)]
    chat = read(zipped(*((f"Talk_2026.3.2 21:10-{number}.txt", content) for number, content in enumerate(parts))))
    assert chat.messages == whole.messages
    assert (chat.format, chat.partner_name, chat.encoding) == (whole.format, "바다", "utf-8")
    assert (chat.report.messages, chat.report.lines, chat.warnings) == (
        90,
        sum(read(p).report.lines for p in parts),
        [],
    )
    chat.report.check()


def test_a_chat_that_is_cut_within_a_minute_loses_nothing():
    first = android([("하늘", "ㅋㅋ"), ("바다", "ㅋㅋ"), ("하늘", "ㅋㅋ")], minutes=0)
    second = android([("하늘", "ㅋㅋ"), ("바다", "ㅋㅋ"), ("하늘", "또")], minutes=0)
    assert texts(read(zipped(("1.txt", first), ("2.txt", second)))) == ["ㅋㅋ"] * 5 + ["또"]


def test_the_parts_of_a_thread_are_one_chat():
    inbox = "your_instagram_activity/messages/inbox/bada_1"
    content = zipped(
        (f"{inbox}/message_1.json", to_json(thread(minute_lines(*range(5, 9))))),
        (f"{inbox}/message_2.json", to_json(thread(minute_lines(*range(5))))),
        (f"{inbox}/photos/1.jpg", b"\xff\xd8\xff"),
        ("your_instagram_activity/messages/secret_conversations.json", b"{"),
        ("connections/followers_1.json", b'{"a": ' * 9),
    )
    chat = read(content)
    assert texts(chat) == [f"{number}분" for number in range(9)]
    assert (chat.report, chat.warnings) == (LineReport(9, 9, 0, 0, 0, 0, 0), [])


def test_the_parts_of_a_thread_are_of_one_app_though_only_one_shows_it():
    sticker = thread_item("바다", at=FIRST_S + 999, sticker={"uri": "messages/stickers_used/1.png"})
    for folder in ("", "bada_1/", "messages/inbox/bada_1/"):
        parts = [to_json(thread(minute_lines(0, 1))), to_json(thread([sticker]))]
        content = zipped(*((f"{folder}message_{number}.json", held) for number, held in enumerate(parts)))
        assert (read(content).format, len(read(content).messages)) == ("messenger", 3)


def test_of_threads_where_nothing_was_said_nothing_is_asked():
    content = zipped(
        ("messages/inbox/bada_1/message_1.json", to_json(thread(minute_lines(0, 1)))),
        ("messages/inbox/gureum_2/message_1.json", to_json(thread([], title="구름", participants=["하늘", "구름"]))),
    )
    assert len(read(content).messages) == 2


def test_what_is_no_chat_beside_one_is_passed_over_and_told():
    content = zipped(("readme.txt", "안내문"), ("list.json", "[1]"), ("empty.csv", b""), ("chat.txt", CHAT))
    chat = read(content)
    assert texts(chat) == ["안녕", "응"]
    assert chat.warnings == ["대화가 아닌 파일 3개는 읽지 않았어요."]


def test_the_same_file_twice_counts_once():
    chat = read(zipped(("a.txt", CHAT), ("copy/a.txt", CHAT)))
    assert (texts(chat), chat.report) == (["안녕", "응"], read(CHAT).report)
    assert chat.warnings == ["내용이 같은 파일 1개는 한 번만 읽었어요."]


def test_an_export_that_another_covers_is_left_out():
    chat = read(zipped(("1.txt", part(0, 20)), ("2.txt", part(0, 60)), ("3.txt", part(30, 50))))
    whole = read(part(0, 60))
    assert (chat.messages, chat.report) == (whole.messages, whole.report)
    assert chat.warnings == ["다른 파일과 기간이 겹치는 파일 2개는 빼고 읽었어요. 줄 수에도 넣지 않았어요."]


def test_an_export_that_begins_within_another_goes_on_after_it():
    chat = read(zipped(("1.txt", part(0, 40)), ("2.txt", part(30, 60))))
    assert chat.messages == read(part(0, 60)).messages
    assert chat.report.messages == 70
    chat.report.check()
    assert chat.warnings == ["두 파일에 겹쳐 있는 메시지 10개는 한 번만 담았어요."]


SOME_LINES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["ㅋㅋ", "응", "또"]), st.integers(0, 2)), min_size=4
)


@settings(deadline=None, max_examples=60)
@given(SOME_LINES, st.data())
def test_parts_give_what_the_whole_gives(lines, data):
    at = itertools.accumulate(later for _, _, later in lines)
    stamped = [(name, text, FIRST_S + 60 * minute) for (name, text, _), minute in zip(lines, at, strict=True)]
    stamped = [("하늘", "처음", FIRST_S - 60), *stamped]  # a first part is not all of the minute it is cut in
    begins = data.draw(st.integers(1, len(stamped) - 1))
    ends = data.draw(st.integers(begins, len(stamped)))
    overlaps = stamped[begins][2] < stamped[ends - 1][2]
    first, second = stamped[: ends if overlaps else begins], stamped[begins:]
    parts = [("1.json", to_json(telegram(first))), ("2.json", to_json(telegram(second)))]
    chat = read(zipped(*data.draw(st.permutations(parts))))
    assert [(message.sender, message.text) for message in chat.messages] == [line[:2] for line in stamped]


def several(*contents, suffix="txt"):
    return zipped(*((f"{number}.{suffix}", content) for number, content in enumerate(contents)))


WITH_A_THIRD = [("하늘", "안녕", FIRST_S + 9_999), ("구름", "응", FIRST_S + 9_999)]
OTHER = encrypted(WITH_A_THIRD, name="구름_8", participants=["하늘", "구름"])
GROUP = {"type": "private_group", "name": "방"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (several(CHAT, android([("하늘", "안녕")], title="구름 님과 카카오톡 대화", start=99)), "several_chats"),
        (
            several(to_json(telegram(minute_lines(0, 1), **GROUP)), to_json(telegram(WITH_A_THIRD, **GROUP))),
            "several_chats",
        ),
        (several(to_json(encrypted(minute_lines(0, 1))), to_json(OTHER)), "several_chats"),
        (several(CHAT, to_json(telegram(minute_lines(0, 1)))), "mixed"),
        (
            zipped(
                ("messages/inbox/bada_1/message_1.json", to_json(thread(minute_lines(0, 1)))),
                ("messages/inbox/bada_2/message_1.json", to_json(thread(minute_lines(5, 6)))),
            ),
            "several_chats",
        ),
        (several(*(f"{number}".encode() for number in range(201))), "several_chats"),
    ],
)
def test_which_of_several_chats_is_meant_is_not_guessed(content, reason):
    error = refusal(content)
    assert (error.code, error.facts["reason"]) == ("unrecognised_format", reason)


def test_a_group_of_which_not_everybody_writes_all_the_time_is_one_chat():
    later = [("하늘", "안녕", FIRST_S + 9_999), ("바다", "응", FIRST_S + 9_999), ("구름", "응", FIRST_S + 9_999)]
    parts = [telegram(minute_lines(0, 1), **GROUP), telegram(later, **GROUP)]
    assert len(read(several(*map(to_json, parts), suffix="json")).messages) == 5


def test_a_broken_part_refuses_the_whole():
    broken = CHAT.replace("3월 1일 오전 9:01".encode(), "2월 30일 오전 9:01".encode())
    assert refusal(several(CHAT, broken)).facts == {"line": 7}
    assert refusal(several(CHAT, b"\xea\xb0\x80\xff\xfe\xff")).code == "undecodable_text"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped(), "unrecognised_format"),
        (zipped(("1.jpg", b"\xff\xd8"), ("folder.txt/", b"")), "unrecognised_format"),
        (zipped(("__MACOSX/._a.txt", CHAT), ("._b.txt", CHAT)), "unrecognised_format"),
        (zipped(("a.txt", "안내문"), ("b.txt", "안내문 둘")), "unrecognised_format"),
        (zipped(("a.txt", b"")), "empty_file"),
        (several(android([]), android([], title="바다님과 카카오톡 대화")), "no_messages"),
    ],
)
def test_an_archive_without_a_chat_is_refused_like_a_file_that_is_none(content, code):
    assert refusal(content).code == code


@pytest.mark.parametrize("name", ["대화.txt", "내보내기/대화.txt"])
def test_names_without_the_mark_of_utf_8_and_decomposed_names_are_names(name):
    old = name.encode("cp949")
    placeholder = "a" * (len(old) - 4) + ".txt"
    assert texts(read(zipped((placeholder, CHAT)).replace(placeholder.encode(), old))) == ["안녕", "응"]
    assert texts(read(zipped((unicodedata.normalize("NFD", name), CHAT)))) == ["안녕", "응"]


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


OVERLAPPING = zipped(("a.txt", CHAT), ("b.txt", CHAT), ("c.jpg", b"\xff\xd8"))
ONE = zipped(("a.txt", CHAT))
STORED = zipped(("a.txt", CHAT), compression=zipfile.ZIP_STORED)
NESTED = {
    "zip": ONE,
    "empty zip": zipped(),
    "gz": gzip.compress(CHAT),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4",
    "rar": b"Rar!\x1a\x07\x01\0",
    "xz": b"\xfd7zXZ\0\0",
    "tar": b"a.txt".ljust(257, b"\0") + b"ustar\x0000",
}


@pytest.mark.parametrize(
    "content",
    [
        *(
            zipped(("a.txt", CHAT), (name, b""))
            for name in (
                "/etc/a.txt",
                "../a.txt",
                "a/../../b.jpg",
                "..",
                "a\\b.txt",
                "C:/a.txt",
                "c:a.txt",
                "\\\\host\\a.txt",
                "b.zip",
                "folder/b.7Z",
                "b.tar.gz",
                "b.rar",
            )
        ),
        zipped(("a.txt", CHAT), ("a.txt", CHAT)),
        zipped((unicodedata.normalize("NFC", "가.txt"), CHAT), (unicodedata.normalize("NFD", "가.txt"), CHAT)),
        zipped((special("a.txt", stat.S_IFLNK | 0o777), "/etc/passwd")),
        zipped(("a.txt", CHAT), (special("b.jpg", stat.S_IFIFO | 0o600), b"")),
        ONE.replace(b"a.txt", b"a\0txt"),
        *(zipped(("a.txt", content)) for content in NESTED.values()),
        zipped(*((f"{number}.jpg", b"") for number in range(2_001))),
        zipped(("a.txt", CHAT), compression=zipfile.ZIP_BZIP2),
        zipped(("a.txt", CHAT), compression=zipfile.ZIP_LZMA),
        patched(ONE, CENTRAL, "H", 10, 99),
        patched(ONE, CENTRAL, "H", 8, 1),
        patched(ONE, CENTRAL, "H", 6, 0xFF),
        patched(OVERLAPPING, CENTRAL, "I", 42, 0, occurrence=1),
        patched(OVERLAPPING, CENTRAL, "I", 42, OVERLAPPING.index(LOCAL, 4) - 7, occurrence=1),
        patched(OVERLAPPING, CENTRAL, "I", 20, len(CHAT) * 9),
        patched(OVERLAPPING, LOCAL, "H", 28, 0xFF),
        patched(ONE, CENTRAL, "I", 42, 0x7FFFFFFF),
        patched(ONE, CENTRAL, "I", 24, 10),
        patched(ONE, CENTRAL, "I", 24, len(CHAT) + 1),
        patched(STORED, CENTRAL, "I", 24, len(CHAT) + 1),
        patched(ONE, CENTRAL, "I", 16, 0),
        STORED.replace("안녕".encode(), "안녀".encode()),
        ONE[:-30],
        ONE[: len(ONE) // 2],
        LOCAL,
        END,
        LOCAL + b"\0" * 99,
        END + b"\xff" * 18,
    ],
)
def test_an_unsafe_or_broken_archive_is_refused(content):
    assert refusal(content).code == "archive_unsafe"


def test_an_archive_with_more_than_the_limit_is_refused_before_anything_is_unpacked():
    zeros = b"0" * (26 * 1024 * 1024)
    bomb = zipped(("a.txt", zeros), ("b.txt", zeros))
    assert len(bomb) < 100_000
    assert refusal(bomb).code == "file_too_large"
    media = patched(zipped(("a.txt", CHAT), ("b.mp4", b"0")), CENTRAL, "I", 24, 51 * 1024 * 1024, occurrence=1)
    assert refusal(media).code == "file_too_large"


def test_a_header_that_lies_does_not_make_it_unpack_more():
    bomb = zipped(("a.txt", b"0" * (30 * 1024 * 1024)))
    assert refusal(patched(bomb, CENTRAL, "I", 24, 100)).code == "archive_unsafe"


def test_media_are_never_unpacked():
    content = zipped(("a.txt", CHAT), ("b.jpg", b"\xff\xd8\xff"))
    for field, at, value in [("H", 10, 99), ("I", 16, 0)]:
        assert texts(read(patched(content, CENTRAL, field, at, value, occurrence=1))) == ["안녕", "응"]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(OVERLAPPING) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_archive_is_read_or_refused(changes):
    content = bytearray(OVERLAPPING)
    for place, value in changes:
        content[place] = value
    try:
        chat = read(bytes(content))
    except UnreadableFile:
        return
    assert texts(chat) == ["안녕", "응"]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_what_only_begins_like_an_archive_is_refused(rest):
    assert refusal(LOCAL + rest).code == "archive_unsafe"
    assert refusal(END + rest).code in {"archive_unsafe", "unrecognised_format"}
