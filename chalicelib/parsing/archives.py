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
from chalicelib.parsing.decoding import composed
from chalicelib.parsing.detection import unrecognised

# What a file may hold, and what an archive may hold unpacked.
MAX_UNPACKED = 50 * 1024 * 1024
# A chat of 50 MB has some hundred photos; an account's download without its media has some hundred files.
MAX_MEMBERS = 2_000
# One chat comes in some dozen parts at most, and every text is looked into with every format.
MAX_CHATS = 200
PIECE = 256 * 1024

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
DIRECTORY_ENTRY = b"PK\x01\x02"
CHAT_SUFFIXES = (".txt", ".csv", ".json")
ARCHIVE_SUFFIXES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".jar", ".apk", ".alz", ".egg")
ARCHIVE = re.compile(
    rb"PK(?:\x03\x04|\x05\x06|\x07\x08)|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ\x00"
    rb"|\x28\xb5\x2f\xfd|ALZ\x01|EGGA|.{257}ustar",
    re.DOTALL,
)
# What macOS adds of its own.
RUBBISH = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\._[^/]*|\.DS_Store)")
# Outside the folder it is unpacked in, or so for some program.
ASTRAY = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)|.*[\\\0]", re.DOTALL)
# A file of a thread in a download of an account; whatever else is JSON there is no chat.
THREAD = re.compile(r"message_\d+\.json")

LOCAL_HEADER = struct.Struct("<4s22xHH")
ENCRYPTED = 0x1 | 0x40 | 0x2000
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
FILE_TYPES = (0, stat.S_IFREG, stat.S_IFDIR)
# What zipfile raises for what is broken or not supported.
BROKEN = (
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
        return folder.rpartition("/")[2] if THREAD.fullmatch(name) else None


def members(content: bytes, most: int = MAX_UNPACKED) -> list[Member]:
    """What in a file may be a chat: the file itself, or members of the archive it is.

    An archive may hold ``most`` bytes unpacked.

    Raises:
        UnreadableFile: ``archive_unsafe``, ``file_too_large``, or ``unrecognised_format`` where nothing in
            it may be a chat.
    """
    if not content.startswith(BEGINNINGS):
        return [Member("", content)]
    # Reading a directory takes much more room than the directory.
    if content.count(DIRECTORY_ENTRY) > MAX_MEMBERS:
        raise UnreadableFile("archive_unsafe")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _members(archive, content, most)
    except BROKEN as error:
        raise UnreadableFile("archive_unsafe") from error
    if not found:
        raise unrecognised()
    return found


def _members(archive: zipfile.ZipFile, content: bytes, most: int) -> list[Member]:
    held = archive.infolist()
    _require_safe(held)
    _require_apart(held, archive.start_dir, content)
    if sum(member.file_size for member in held) > most:
        raise UnreadableFile("file_too_large")
    chats = _chats(held)
    if len(chats) > MAX_CHATS:
        raise unrecognised(reason="several_chats")
    return [Member(_name(chat), _unpacked(archive, chat)) for chat in chats]


def _name(member: zipfile.ZipInfo) -> str:
    return composed(member.filename)


def _require_safe(held: list[zipfile.ZipInfo]) -> None:
    names = [_name(member) for member in held]
    unsafe = (
        len(held) > MAX_MEMBERS
        or len(set(names)) < len(names)
        or any(map(ASTRAY.match, names))
        or any("\0" in member.orig_filename for member in held)
        or any(member.flag_bits & ENCRYPTED for member in held)
        or any(stat.S_IFMT(member.external_attr >> 16) not in FILE_TYPES for member in held)
        or any(name.lower().endswith(ARCHIVE_SUFFIXES) for name in names)
    )
    if unsafe:
        raise UnreadableFile("archive_unsafe")


def _require_apart(held: list[zipfile.ZipInfo], directory: int, content: bytes) -> None:
    """Members that share bytes unpack to more than an archive can hold."""
    bounds = sorted((member.header_offset, _end(member, content)) for member in held)
    if any(end > begin for (_, end), (begin, _) in pairwise((*bounds, (directory, directory)))):
        raise UnreadableFile("archive_unsafe")


def _end(member: zipfile.ZipInfo, content: bytes) -> int:
    signature, name, extra = LOCAL_HEADER.unpack_from(content, member.header_offset)
    if signature != BEGINNINGS[0]:
        raise UnreadableFile("archive_unsafe")
    return member.header_offset + LOCAL_HEADER.size + int(name) + int(extra) + member.compress_size


def _chats(held: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members that may be chats; of an account's download, JSON is only its threads."""
    chats = [
        member
        for member in held
        if member.filename.lower().endswith(CHAT_SUFFIXES) and not RUBBISH.fullmatch(member.filename)
    ]
    if not any(map(_is_thread, chats)):
        return chats
    return [member for member in chats if _is_thread(member) or not member.filename.lower().endswith(".json")]


def _is_thread(member: zipfile.ZipInfo) -> bool:
    return bool(THREAD.fullmatch(member.filename.rpartition("/")[2]))


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's content, which must be what the directory says of it."""
    if member.compress_type not in READABLE:
        raise UnreadableFile("archive_unsafe")
    unpacked = bytearray()
    with archive.open(member) as stream:
        while piece := stream.read(PIECE):
            unpacked += piece
            if len(unpacked) > member.file_size:
                break
    if len(unpacked) != member.file_size or ARCHIVE.match(unpacked):
        raise UnreadableFile("archive_unsafe")
    return bytes(unpacked)
