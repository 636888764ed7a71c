"""A zip archive is read as the chat in it. Unsafe and broken archives are refused."""

from __future__ import annotations

import gzip
import stat
import struct
import unicodedata
import zipfile

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from chalicelib.domain import MAX_UPLOAD_BYTES
from chalicelib.errors import UnreadableFile
from chalicelib.parsing import archives
from tests.support.exports import android, read, refusal, texts, zip_contents, zip_members

CHAT = android([("하늘", "안녕"), ("바다", "응")])
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def with_header(archive, signature, field, offset, value, *, occurrence=0):
    """Return the archive with another value in a field of a header.

    ``occurrence`` selects the header among those with this signature, from 0. ``field`` is the struct format.
    """
    header = -1
    for _ in range(occurrence + 1):
        header = archive.index(signature, header + 1)
    data = bytearray(archive)
    struct.pack_into(f"<{field}", data, header + offset, value)
    return bytes(data)


def test_a_file_that_is_not_an_archive_is_the_only_member():
    assert archives.extract_members(CHAT) == [("", CHAT)]


def test_an_archive_may_hold_as_many_bytes_as_an_upload():
    content = zip_members(("a.txt", CHAT), ("b.mp4", b"0"))
    media_size = MAX_UPLOAD_BYTES - len(CHAT)
    at_limit, over_limit = (
        with_header(content, CENTRAL, "I", 24, size, occurrence=1) for size in (media_size, media_size + 1)
    )
    assert texts(read(at_limit)) == ["안녕", "응"]
    assert refusal(over_limit).code == "file_too_large"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zipped_chat_is_read_like_the_chat(compression):
    content = zip_members(
        ("KakaoTalk_Chats_2026-03-02/", b""),
        ("KakaoTalk_Chats_2026-03-02/KakaoTalkChats.txt", CHAT),
        ("KakaoTalk_Chats_2026-03-02/1234567890.jpg", b"\xff\xd8\xff" * 99),
        ("__MACOSX/KakaoTalk_Chats_2026-03-02/._KakaoTalkChats.txt", b"\0\5\x16\7"),
        ("KakaoTalk_Chats_2026-03-02/.DS_Store", b"\0\0\0\1Bud1"),
        compression=compression,
    )
    assert read(content) == read(CHAT)


def test_files_that_are_not_chats_are_skipped_with_a_warning():
    content = zip_members(("readme.txt", "안내문"), ("list.json", "[1]"), ("empty.csv", b""), ("chat.txt", CHAT))
    chat = read(content)
    assert texts(chat) == ["안녕", "응"]
    assert chat.warnings == ["대화가 아닌 파일 3개는 건너뛰었어요."]


def test_identical_files_are_read_once():
    chat = read(zip_members(("a.txt", CHAT), ("copy/a.txt", CHAT)))
    assert (texts(chat), chat.report) == (["안녕", "응"], read(CHAT).report)
    assert chat.warnings == ["내용이 같은 파일 1개는 한 번만 읽었어요."]


def test_a_broken_part_refuses_the_whole_archive():
    broken = CHAT.replace("3월 1일 오전 9:01".encode(), "2월 30일 오전 9:01".encode())
    assert refusal(zip_contents(CHAT, broken)).facts == {"line": 7}
    assert refusal(zip_contents(CHAT, b"\xea\xb0\x80\xff\xfe\xff")).code == "undecodable_text"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zip_members(), "unrecognised_format"),
        (zip_members(("1.jpg", b"\xff\xd8"), ("folder.txt/", b"")), "unrecognised_format"),
        (zip_members(("__MACOSX/._a.txt", CHAT), ("._b.txt", CHAT)), "unrecognised_format"),
        (zip_members(("a.txt", "안내문"), ("b.txt", "안내문 둘")), "unrecognised_format"),
        (zip_members(("a.txt", b"")), "empty_file"),
        (zip_contents(android([]), android([], title="바다님과 카카오톡 대화")), "no_messages"),
    ],
)
def test_an_archive_without_a_chat_is_refused_like_a_file_without_a_chat(content, code):
    assert refusal(content).code == code


@pytest.mark.parametrize("name", ["대화.txt", "내보내기/대화.txt"])
def test_names_of_members_may_be_in_cp949_or_decomposed(name):
    in_cp949 = name.encode("cp949")
    placeholder = "a" * (len(in_cp949) - 4) + ".txt"
    assert texts(read(zip_members((placeholder, CHAT)).replace(placeholder.encode(), in_cp949))) == ["안녕", "응"]
    assert texts(read(zip_members((unicodedata.normalize("NFD", name), CHAT)))) == ["안녕", "응"]


def special_file(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


OVERLAPPING = zip_members(("a.txt", CHAT), ("b.txt", CHAT), ("c.jpg", b"\xff\xd8"))
ONE = zip_members(("a.txt", CHAT))
STORED = zip_members(("a.txt", CHAT), compression=zipfile.ZIP_STORED)
NESTED = {
    "zip": ONE,
    "empty zip": zip_members(),
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
            zip_members(("a.txt", CHAT), (name, b""))
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
        zip_members(("a.txt", CHAT), ("a.txt", CHAT)),
        zip_members((unicodedata.normalize("NFC", "가.txt"), CHAT), (unicodedata.normalize("NFD", "가.txt"), CHAT)),
        zip_members((special_file("a.txt", stat.S_IFLNK | 0o777), "/etc/passwd")),
        zip_members(("a.txt", CHAT), (special_file("b.jpg", stat.S_IFIFO | 0o600), b"")),
        ONE.replace(b"a.txt", b"a\0txt"),
        *(zip_members(("a.txt", content)) for content in NESTED.values()),
        zip_members(*((f"{number}.jpg", b"") for number in range(2_001))),
        zip_members(("a.txt", CHAT), compression=zipfile.ZIP_BZIP2),
        zip_members(("a.txt", CHAT), compression=zipfile.ZIP_LZMA),
        with_header(ONE, CENTRAL, "H", 10, 99),
        with_header(ONE, CENTRAL, "H", 8, 1),
        with_header(ONE, CENTRAL, "H", 6, 0xFF),
        with_header(OVERLAPPING, CENTRAL, "I", 42, 0, occurrence=1),
        with_header(OVERLAPPING, CENTRAL, "I", 42, OVERLAPPING.index(LOCAL, 4) - 7, occurrence=1),
        with_header(OVERLAPPING, CENTRAL, "I", 20, len(CHAT) * 9),
        with_header(OVERLAPPING, LOCAL, "H", 28, 0xFF),
        with_header(ONE, CENTRAL, "I", 42, 0x7FFFFFFF),
        with_header(ONE, CENTRAL, "I", 24, 10),
        with_header(ONE, CENTRAL, "I", 24, len(CHAT) + 1),
        with_header(STORED, CENTRAL, "I", 24, len(CHAT) + 1),
        with_header(ONE, CENTRAL, "I", 16, 0),
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


def test_an_archive_larger_than_the_limit_is_refused_before_it_is_unpacked():
    zeros = b"0" * (26 * 1024 * 1024)
    bomb = zip_members(("a.txt", zeros), ("b.txt", zeros))
    assert len(bomb) < 100_000
    assert refusal(bomb).code == "file_too_large"
    media = with_header(zip_members(("a.txt", CHAT), ("b.mp4", b"0")), CENTRAL, "I", 24, 51 * 1024 * 1024, occurrence=1)
    assert refusal(media).code == "file_too_large"


def test_a_false_size_in_a_header_does_not_unpack_more():
    bomb = zip_members(("a.txt", b"0" * (30 * 1024 * 1024)))
    assert refusal(with_header(bomb, CENTRAL, "I", 24, 100)).code == "archive_unsafe"


def test_media_are_never_unpacked():
    content = zip_members(("a.txt", CHAT), ("b.jpg", b"\xff\xd8\xff"))
    for field, offset, value in [("H", 10, 99), ("I", 16, 0)]:
        assert texts(read(with_header(content, CENTRAL, field, offset, value, occurrence=1))) == ["안녕", "응"]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(OVERLAPPING) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_archive_is_read_or_refused(changes):
    content = bytearray(OVERLAPPING)
    for offset, value in changes:
        content[offset] = value
    try:
        chat = read(bytes(content))
    except UnreadableFile:
        return
    assert texts(chat) == ["안녕", "응"]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_a_file_that_only_begins_like_an_archive_is_refused(rest):
    assert refusal(LOCAL + rest).code == "archive_unsafe"
    assert refusal(END + rest).code in {"archive_unsafe", "unrecognised_format"}
