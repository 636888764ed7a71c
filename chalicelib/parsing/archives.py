"""Archives (zip) of exports: what in them may be a chat, and nothing else.

An archive is a stranger's. Its directory is checked as a whole before anything
is unpacked, and what may be a chat is unpacked in pieces, so that no header can
make it take more than it is allowed. Media are passed over unread. File names
only tell what a member may be; they need not be readable, since old Korean
archives have names in CP949 that say nothing of it.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from itertools import pairwise
from typing import NamedTuple

from chalicelib.errors import UnreadableFile
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.detection import unrecognised_format

# What a file may hold, and what an archive may hold unpacked.
MAX_UNPACKED = 50 * 1024 * 1024
# A chat of 50 MB has some hundred photos; an account's download without its media has some hundred files.
_MAX_MEMBERS = 2_000
# One chat comes in some dozen parts at most, and every text is looked into with every format.
_MAX_CHAT_MEMBERS = 200
_READ_SIZE = 256 * 1024

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_DIRECTORY_SIGNATURE = b"PK\x01\x02"
_CHAT_SUFFIXES = (".txt", ".csv", ".json")
_ARCHIVE_SUFFIXES = (
    ".zip",
    ".7z",
    ".rar",
    ".gz",
    ".tgz",
    ".tar",
    ".bz2",
    ".xz",
    ".zst",
    ".jar",
    ".apk",
    ".alz",
    ".egg",
)
_ARCHIVE_SIGNATURE = re.compile(
    rb"PK(?:\x03\x04|\x05\x06|\x07\x08)|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ\x00"
    rb"|\x28\xb5\x2f\xfd|ALZ\x01|EGGA|.{257}ustar",
    re.DOTALL,
)
# What macOS adds of its own.
_MACOS_METADATA = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\._[^/]*|\.DS_Store)")
# Outside the folder it is unpacked in, or so for some program.
_UNSAFE_PATH = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)|.*[\\\0]", re.DOTALL)
# A file of a thread in a download of an account; whatever else is JSON there is no chat.
_THREAD_FILE = re.compile(r"message_\d+\.json")

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTION_FLAGS = 0x1 | 0x40 | 0x2000
_COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FILE_TYPES = (0, stat.S_IFREG, stat.S_IFDIR)
# What zipfile raises for what is broken or not supported.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class Member(NamedTuple):
    """A file that may be a chat. ``name`` is its path in the archive, empty for what came as it is."""

    name: str
    content: bytes

    @property
    def thread(self) -> str | None:
        """The folder that stands for one chat in a download of an account; None for what is not from one."""
        folder, _, name = self.name.rpartition("/")
        return folder.rpartition("/")[2] if _THREAD_FILE.fullmatch(name) else None


def members(content: bytes, most: int = MAX_UNPACKED) -> list[Member]:
    """What in a file may be a chat: the file itself, or members of the archive it is.

    An archive may hold ``most`` bytes unpacked.

    Raises:
        UnreadableFile: ``archive_unsafe``, ``file_too_large``, or ``unrecognised_format`` where nothing in
            it may be a chat.
    """
    if not content.startswith(_ZIP_SIGNATURES):
        return [Member("", content)]
    # Reading a directory takes much more room than the directory.
    if content.count(_DIRECTORY_SIGNATURE) > _MAX_MEMBERS:
        raise UnreadableFile("archive_unsafe")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _read_members(archive, content, most)
    except _ZIP_ERRORS as error:
        raise UnreadableFile("archive_unsafe") from error
    if not found:
        raise unrecognised_format()
    return found


def _read_members(archive: zipfile.ZipFile, content: bytes, most: int) -> list[Member]:
    held = archive.infolist()
    _require_safe(held)
    _require_no_overlap(held, archive.start_dir, content)
    if sum(member.file_size for member in held) > most:
        raise UnreadableFile("file_too_large")
    chats = _chat_members(held)
    if len(chats) > _MAX_CHAT_MEMBERS:
        raise unrecognised_format(reason="several_chats")
    return [Member(_name(chat), _unpack(archive, chat)) for chat in chats]


def _name(member: zipfile.ZipInfo) -> str:
    return to_nfc(member.filename)


def _require_safe(held: list[zipfile.ZipInfo]) -> None:
    names = [_name(member) for member in held]
    unsafe = (
        len(held) > _MAX_MEMBERS
        or len(set(names)) < len(names)
        or any(map(_UNSAFE_PATH.match, names))
        or any("\0" in member.orig_filename for member in held)
        or any(member.flag_bits & _ENCRYPTION_FLAGS for member in held)
        or any(stat.S_IFMT(member.external_attr >> 16) not in _FILE_TYPES for member in held)
        or any(name.lower().endswith(_ARCHIVE_SUFFIXES) for name in names)
    )
    if unsafe:
        raise UnreadableFile("archive_unsafe")


def _require_no_overlap(held: list[zipfile.ZipInfo], directory: int, content: bytes) -> None:
    """Members that share bytes unpack to more than an archive can hold."""
    bounds = sorted((member.header_offset, _end_of_member(member, content)) for member in held)
    if any(end > begin for (_, end), (begin, _) in pairwise((*bounds, (directory, directory)))):
        raise UnreadableFile("archive_unsafe")


def _end_of_member(member: zipfile.ZipInfo, content: bytes) -> int:
    signature, name, extra = _LOCAL_HEADER.unpack_from(content, member.header_offset)
    if signature != _ZIP_SIGNATURES[0]:
        raise UnreadableFile("archive_unsafe")
    return member.header_offset + _LOCAL_HEADER.size + int(name) + int(extra) + member.compress_size


def _chat_members(held: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members that may be chats; of an account's download, JSON is only its threads."""
    chats = [
        member
        for member in held
        if member.filename.lower().endswith(_CHAT_SUFFIXES) and not _MACOS_METADATA.fullmatch(member.filename)
    ]
    if not any(map(_is_thread, chats)):
        return chats
    return [member for member in chats if _is_thread(member) or not member.filename.lower().endswith(".json")]


def _is_thread(member: zipfile.ZipInfo) -> bool:
    return bool(_THREAD_FILE.fullmatch(member.filename.rpartition("/")[2]))


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's content, which must be what the directory says of it."""
    if member.compress_type not in _COMPRESSION_METHODS:
        raise UnreadableFile("archive_unsafe")
    unpacked = bytearray()
    with archive.open(member) as stream:
        while piece := stream.read(_READ_SIZE):
            unpacked += piece
            if len(unpacked) > member.file_size:
                break
    if len(unpacked) != member.file_size or _ARCHIVE_SIGNATURE.match(unpacked):
        raise UnreadableFile("archive_unsafe")
    return bytes(unpacked)
