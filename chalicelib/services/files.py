"""Uploaded files: sent inline, or posted to the bucket with a form and imported by its event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib import parsing
from chalicelib.aws import uploads
from chalicelib.domain import KEPT_FOR, MAX_INLINE_BYTES, MAX_UPLOAD_BYTES, Caller, Chat, File, FileStatus
from chalicelib.errors import Forbidden, ImportInProgress, NotFound, TooLarge, UnreadableFile
from chalicelib.merging.match import partner_in_filename
from chalicelib.observability import add_log_context, count, logger, user_hash
from chalicelib.repositories import files, rooms
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, chat_import
from chalicelib.services.ids import idempotent_id, random_id
from chalicelib.settings import settings

FORM_LIFETIME = timedelta(minutes=15)
# After its lease an import may still be taken up again: events come up to three
# times, the last some three minutes after the first.
TAKEN_UP_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Upload:
    """What the user says of a file before or with sending it."""

    filename: str
    size: int
    room_id: str | None = None
    my_name: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form to post a file with, until ``expires_at``."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


def import_inline(caller: Caller, upload: Upload, content: bytes) -> File:
    """Import a file sent in the request.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: the room is not the caller's.
        UnreadableFile: no chat can be read; nothing is stored then.
        TooLarge: ``use_upload_form``, of an archive that holds too much.
    """
    profile = accounts.check_quota_and_consents(caller)
    _require_room(caller, upload.room_id)
    zone = ZoneInfo(upload.timezone or profile.timezone)
    chat = _read_inline(content, zone, caller.now, upload.filename)
    held = replace(
        _new_file(caller, upload),
        # Another try is another file of the same messages.
        file_id=random_id(),
        status=FileStatus.PROCESSING,
        timezone=zone.key,
        content_hash=chat_import.content_hash(content),
        generation=random_id(),
        lease_until=caller.now + timedelta(seconds=settings().import_lease_s),
    )

    def begin(tx: UserTransaction) -> File:
        file = replace(held, room_id=_room_for(tx, held))
        files.insert(tx, file)
        return file

    file = accounts.write(caller, begin)
    done = chat_import.store(caller, file, chat)
    _note(done)
    return done


def begin_upload(caller: Caller, upload: Upload) -> tuple[File, UploadForm]:
    """Make a file that waits for its content, and the form to post that with.

    Raises:
        Forbidden: ``consent_required``.
        NotFound: the room is not the caller's.
    """
    profile = accounts.check_quota_and_consents(caller)
    _require_room(caller, upload.room_id)
    file = replace(_new_file(caller, upload), timezone=upload.timezone or profile.timezone)
    accounts.write(caller, lambda tx: files.insert(tx, file), repeatable=True)
    add_log_context(file_id=file.file_id)
    key = uploads.UploadKey(caller.user_id, file.file_id)
    form = uploads.upload_form(key, MAX_UPLOAD_BYTES, int(FORM_LIFETIME.total_seconds()))
    return file, UploadForm(form.url, form.fields, caller.now + FORM_LIFETIME)


def import_uploaded(bucket: str, key: str, now: datetime) -> None:
    """Import an object that arrived in the bucket, once however often its event comes.

    Raises:
        ImportInProgress: another import holds it, and may yet fail; the event must come again.
    """
    upload_key = uploads.UploadKey.parse(key)
    if upload_key is None:
        logger().warning("object is no upload")
        return
    file = _claim(upload_key, now)
    if file is None:
        # A form used twice, or one whose file is gone: it uploaded into nothing.
        uploads.erase(bucket, upload_key)
        return
    try:
        done = _import_object(bucket, upload_key, file, now)
    except Exception:
        _release(upload_key.user_id, file, now)
        raise
    uploads.erase(bucket, upload_key)
    add_log_context(user=user_hash(upload_key.user_id))
    _note(done)


def get(caller: Caller, file_id: str) -> File:
    """A file of the caller.

    Raises:
        NotFound: there is none.
    """
    file = database().read(caller.user_id, lambda tx: files.get(tx, file_id, caller.now))
    if file is None:
        raise NotFound
    return as_shown(file, caller.now)


def as_shown(file: File, now: datetime) -> File:
    """A file as its reader sees it: one that nobody works on any more has failed."""
    if file.status in (FileStatus.READY, FileStatus.AWAITING_UPLOAD):
        return file
    given_up = file.lease_until is not None and file.lease_until + TAKEN_UP_WITHIN <= now
    if file.status is FileStatus.PROCESSING and given_up:
        file = replace(file, status=FileStatus.FAILED, error_code="interrupted")
    return replace(file, room_id=None)  # a room it would have made does not exist


def _note(file: File) -> None:
    """Count an import, and name its file in the log as the request that began the upload did."""
    count("ImportsReady" if file.status is FileStatus.READY else "ImportsFailed")
    add_log_context(
        file_id=file.file_id, file_status=file.status.value, code=file.error_code, messages=file.messages_count
    )


def _read_inline(content: bytes, zone: ZoneInfo, now: datetime, filename: str) -> Chat:
    """A reply has 30 seconds, so what an archive holds is limited as a file is."""
    try:
        return _read(content, zone, now, filename, MAX_INLINE_BYTES)
    except UnreadableFile as error:
        if error.code == "file_too_large":
            raise TooLarge("use_upload_form") from error
        raise


def _read(content: bytes, zone: ZoneInfo, now: datetime, filename: str, most: int = MAX_UPLOAD_BYTES) -> Chat:
    chat = parsing.read(content, zone, now, most)
    chat.partner_name = chat.partner_name or partner_in_filename(filename)
    return chat


def _new_file(caller: Caller, upload: Upload) -> File:
    return File(
        file_id=idempotent_id(),
        status=FileStatus.AWAITING_UPLOAD,
        filename=upload.filename,
        size=upload.size,
        room_id=upload.room_id,
        my_name=upload.my_name,
        created_at=caller.now,
        expires_at=caller.now + KEPT_FOR,
    )


def _require_room(caller: Caller, room_id: str | None) -> None:
    if room_id and database().read(caller.user_id, lambda tx: rooms.get(tx, room_id, caller.now)) is None:
        raise NotFound


def _room_for(tx: UserTransaction, file: File) -> str:
    """The room named, else the one the same file went to before, else a new one's id."""
    known = files.room_with_content(tx, file.content_hash or "")
    return file.room_id or known or random_id()


def _claim(key: uploads.UploadKey, now: datetime) -> File | None:
    lease_until = now + timedelta(seconds=settings().import_lease_s)

    def steps(tx: UserTransaction) -> File | None:
        held = files.claim(tx, key.file_id, random_id(), lease_until, now)
        if held is None and (other := files.get(tx, key.file_id, now)) and other.status is FileStatus.PROCESSING:
            raise ImportInProgress
        return held

    return database().transaction(key.user_id, steps)


def _import_object(bucket: str, key: uploads.UploadKey, file: File, now: datetime) -> File:
    caller = Caller(key.user_id, None, now)
    try:
        accounts.require_consents(caller)
        content = uploads.read(bucket, key)
        chat = _read(content, ZoneInfo(file.timezone or accounts.DEFAULT_TIMEZONE), now, file.filename)
    except UnreadableFile as error:
        return _failed(key.user_id, file, error.code)
    except (FileNotFoundError, Forbidden):
        return _failed(key.user_id, file, "interrupted")
    file = replace(file, size=len(content), content_hash=chat_import.content_hash(content))
    file = replace(file, room_id=database().read(key.user_id, lambda tx: _room_for(tx, file)))
    database().transaction(key.user_id, lambda tx: files.note_room(tx, file))
    return chat_import.store(caller, file, chat)


def _failed(user_id: str, file: File, code: str) -> File:
    failed = replace(file, status=FileStatus.FAILED, error_code=code, lease_until=None)
    database().transaction(user_id, lambda tx: files.finish(tx, failed))
    return failed


def _release(user_id: str, file: File, now: datetime) -> None:
    released = replace(file, lease_until=now)
    database().transaction(user_id, lambda tx: files.finish(tx, released))
