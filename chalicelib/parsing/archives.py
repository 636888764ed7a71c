"""Zip archives of exports: extract only the files that may be a chat.

An archive is not trusted. Its whole directory is checked before anything is unpacked. Members are unpacked in chunks,
so that a false size in a header cannot exceed the limits. Media are never unpacked. The suffix of a name decides which
members may be chats. The rest of a name may be unreadable, because old Korean archives have names in CP949 without a
mark for it.
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

from chalicelib.domain import MAX_UPLOAD_BYTES
from chalicelib.errors import UnreadableFile
from chalicelib.parsing.decoding import to_nfc
from chalicelib.parsing.detection import unrecognised_format

# A chat of 50 MB has a few hundred photos. An account's download without its media has a few hundred files.
_MAX_MEMBERS = 2_000
# A chat has at most a few dozen parts. Every format inspects every part.
_MAX_CHAT_MEMBERS = 200
# In bytes.
_CHUNK_SIZE = 256 * 1024

_MEMBER_SIGNATURE = b"PK\x03\x04"
_EMPTY_ARCHIVE_SIGNATURE = b"PK\x05\x06"
_ZIP_SIGNATURES = (_MEMBER_SIGNATURE, _EMPTY_ARCHIVE_SIGNATURE)
_DIRECTORY_SIGNATURE = b"PK\x01\x02"
_CHAT_SUFFIXES = (".txt", ".csv", ".json")
_ARCHIVE_SUFFIXES = (
    *(".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst"),
    *(".jar", ".apk", ".alz", ".egg"),
)
_ARCHIVE_SIGNATURE = re.compile(
    rb"PK(?:\x03\x04|\x05\x06|\x07\x08)|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ\x00"
    rb"|\x28\xb5\x2f\xfd|ALZ\x01|EGGA|.{257}ustar",
    re.DOTALL,
)
# Files that macOS adds.
_MACOS_METADATA = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\._[^/]*|\.DS_Store)")
# A path that at least some programs unpack outside the target folder.
_UNSAFE_PATH = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)|.*[\\\0]", re.DOTALL)
# The name of a thread's file in an account's download. Other JSON files there are not chats.
_THREAD_FILE = re.compile(r"message_\d+\.json")

_LOCAL_HEADER = struct.Struct("<4s22xHH")
# The flags of an encrypted member, of strong encryption and of an encrypted directory.
_ENCRYPTION_FLAGS = 0x1 | 0x40 | 0x2000
_COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# 0 is the type that systems other than Unix write.
_ALLOWED_FILE_TYPES = (0, stat.S_IFREG, stat.S_IFDIR)
# Exceptions that zipfile raises for a broken or unsupported archive.
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
    """A file that may be a chat. ``name`` is its path in the archive, or empty for a file outside an archive."""

    name: str
    content: bytes

    @property
    def thread(self) -> str | None:
        """The folder of the file's thread in an account's download. None for other files."""
        folder, _, name = self.name.rpartition("/")
        return folder.rpartition("/")[2] if _THREAD_FILE.fullmatch(name) else None


def extract_members(content: bytes, max_unpacked_bytes: int = MAX_UPLOAD_BYTES) -> list[Member]:
    """Return the files that may be chats: members of the archive, or the file itself if it is not an archive.

    Args:
        content: The file.
        max_unpacked_bytes: The limit for the sum of the sizes of an archive's members.

    Raises:
        UnreadableFile: ``archive_unsafe``, ``file_too_large``, or ``unrecognised_format`` if no member may be a chat.
    """
    if not content.startswith(_ZIP_SIGNATURES):
        return [Member("", content)]
    # Counted before ``zipfile`` reads the directory, because the parsed directory takes much more memory.
    if content.count(_DIRECTORY_SIGNATURE) > _MAX_MEMBERS:
        raise UnreadableFile("archive_unsafe")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _read_members(archive, content, max_unpacked_bytes)
    except _ZIP_ERRORS as error:
        raise UnreadableFile("archive_unsafe") from error
    if not members:
        raise unrecognised_format()
    return members


def _read_members(archive: zipfile.ZipFile, content: bytes, max_unpacked_bytes: int) -> list[Member]:
    directory = archive.infolist()
    _require_safe(directory)
    _require_no_overlap(directory, archive.start_dir, content)
    if sum(entry.file_size for entry in directory) > max_unpacked_bytes:
        raise UnreadableFile("file_too_large")
    entries = _chat_entries(directory)
    if len(entries) > _MAX_CHAT_MEMBERS:
        raise unrecognised_format(reason="several_chats")
    return [Member(_name(entry), _unpack(archive, entry)) for entry in entries]


def _name(entry: zipfile.ZipInfo) -> str:
    return to_nfc(entry.filename)


def _require_safe(directory: list[zipfile.ZipInfo]) -> None:
    names = [_name(entry) for entry in directory]
    unsafe = (
        len(directory) > _MAX_MEMBERS
        or len(set(names)) < len(names)
        or any(map(_UNSAFE_PATH.match, names))
        or any(name.lower().endswith(_ARCHIVE_SUFFIXES) for name in names)
        or any(map(_is_unsafe, directory))
    )
    if unsafe:
        raise UnreadableFile("archive_unsafe")


def _is_unsafe(entry: zipfile.ZipInfo) -> bool:
    return (
        "\0" in entry.orig_filename
        or bool(entry.flag_bits & _ENCRYPTION_FLAGS)
        or stat.S_IFMT(entry.external_attr >> 16) not in _ALLOWED_FILE_TYPES
    )


def _require_no_overlap(directory: list[zipfile.ZipInfo], directory_start: int, content: bytes) -> None:
    """Raise unless every member has its own bytes. Members that share bytes can unpack to any size."""
    bounds = sorted((entry.header_offset, _end_of_member(entry, content)) for entry in directory)
    if any(end > start for (_, end), (start, _) in pairwise((*bounds, (directory_start, directory_start)))):
        raise UnreadableFile("archive_unsafe")


def _end_of_member(entry: zipfile.ZipInfo, content: bytes) -> int:
    signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(content, entry.header_offset)
    if signature != _MEMBER_SIGNATURE:
        raise UnreadableFile("archive_unsafe")
    return entry.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length) + entry.compress_size


def _chat_entries(directory: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the entries that may be chats. If any is a file of a thread, no other JSON file is a chat."""
    entries = [
        entry
        for entry in directory
        if entry.filename.lower().endswith(_CHAT_SUFFIXES) and not _MACOS_METADATA.fullmatch(entry.filename)
    ]
    if not any(map(_is_thread, entries)):
        return entries
    return [entry for entry in entries if _is_thread(entry) or not entry.filename.lower().endswith(".json")]


def _is_thread(entry: zipfile.ZipInfo) -> bool:
    return bool(_THREAD_FILE.fullmatch(entry.filename.rpartition("/")[2]))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a member's content. Raise if its size differs from the directory's, or if it is an archive itself."""
    if entry.compress_type not in _COMPRESSION_METHODS:
        raise UnreadableFile("archive_unsafe")
    content = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK_SIZE):
            content += chunk
            if len(content) > entry.file_size:
                break
    if len(content) != entry.file_size or _ARCHIVE_SIGNATURE.match(content):
        raise UnreadableFile("archive_unsafe")
    return bytes(content)
