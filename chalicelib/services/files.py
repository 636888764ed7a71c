"""Uploaded files: sent in a request, or posted to the bucket with a form and imported on the bucket's event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.aws import uploads
from chalicelib.domain import CHAT_RETENTION, MAX_INLINE_BYTES, MAX_UPLOAD_BYTES, Caller, Chat, File, FileStatus
from chalicelib.errors import Forbidden, ImportInProgress, NotFound, TooLarge, UnreadableFile
from chalicelib.observability import add_log_context, count, logger, user_hash
from chalicelib.repositories import files
from chalicelib.repositories.database import UserTransaction, database
from chalicelib.services import accounts, chat_import, rooms
from chalicelib.services.ids import idempotent_id, random_id
from chalicelib.settings import settings

FORM_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Upload:
    """The user's input for a file. ``size`` is in bytes."""

    filename: str
    size: int
    room_id: str | None = None
    my_name: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A file without content, and the form to post the content with until ``expires_at``."""

    file: File
    form: uploads.UploadForm
    expires_at: datetime


def import_inline(caller: Caller, upload: Upload, content: bytes) -> File:
    """Import a file that was sent in the request. Store nothing if the file cannot be read.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room.
        UnreadableFile: The file contains no chat.
        TooLarge: ``use_upload_form`` if the contents of an archive are too large.
    """
    profile = accounts.check_quota_and_consents(caller)
    _check_room(caller, upload)
    zone = ZoneInfo(upload.timezone or profile.timezone)
    chat = _read_inline(content, zone, caller.now, upload.filename)
    new = replace(
        _new_file(caller, upload),
        # Not idempotent: a second attempt creates another file with the same messages.
        file_id=random_id(),
        status=FileStatus.PROCESSING,
        timezone=zone.key,
        content_hash=chat_import.content_hash(content),
        generation=random_id(),
        lease_until=caller.now + timedelta(seconds=settings().import_lease_s),
    )

    def begin(tx: UserTransaction) -> File:
        file = replace(new, room_id=_choose_room(tx, new))
        files.insert(tx, file)
        return file

    file = chat_import.store(caller, accounts.write(caller, begin), chat)
    _log_outcome(file)
    return file


def begin_upload(caller: Caller, upload: Upload) -> PendingUpload:
    """Create a file without content, and the form to post the content with.

    Raises:
        LimitReached: ``too_many_requests``.
        Forbidden: ``consent_required``.
        NotFound: The caller has no such room.
    """
    profile = accounts.check_quota_and_consents(caller)
    _check_room(caller, upload)
    file = replace(_new_file(caller, upload), timezone=upload.timezone or profile.timezone)
    accounts.write(caller, lambda tx: files.insert(tx, file), repeatable=True)
    add_log_context(file_id=file.file_id)
    key = uploads.UploadKey(caller.user_id, file.file_id)
    form = uploads.upload_form(key, MAX_UPLOAD_BYTES, int(FORM_LIFETIME.total_seconds()))
    return PendingUpload(file, form, caller.now + FORM_LIFETIME)


def import_uploaded(bucket: str, key: str, now: datetime) -> None:
    """Import an object that was uploaded to the bucket. Repeated events of one object cause only one import.

    Raises:
        ImportInProgress: Another import holds the lease of the file. The event must be delivered again.
    """
    upload_key = uploads.UploadKey.parse(key)
    if upload_key is None:
        logger().warning("object is not an upload")
        return
    file = _claim(upload_key, now)
    if file is None:
        # The form was used twice, or its file no longer exists.
        uploads.erase(bucket, upload_key)
        return
    try:
        result = _import_object(bucket, upload_key, file, now)
    except Exception:
        _release(upload_key.user_id, file, now)
        raise
    uploads.erase(bucket, upload_key)
    add_log_context(user=user_hash(upload_key.user_id))
    _log_outcome(result)


def get(caller: Caller, file_id: str) -> File:
    """Return a file of the caller.

    Raises:
        NotFound: The caller has no such file.
    """
    file = database().read(caller.user_id, lambda tx: files.get(tx, file_id, caller.now))
    if file is None:
        raise NotFound
    return file.visible_at(caller.now)


def _log_outcome(file: File) -> None:
    """Count an import and log its file id, which connects it to the request that began the upload."""
    count("ImportsReady" if file.status is FileStatus.READY else "ImportsFailed")
    add_log_context(
        file_id=file.file_id, file_status=file.status.value, code=file.error_code, messages=file.messages_count
    )


def _read_inline(content: bytes, zone: ZoneInfo, now: datetime, filename: str) -> Chat:
    """Read an export that was sent in the request.

    Its reply is due within 30 seconds, so the limit for a plain file also applies to the contents of an archive.
    """
    try:
        return chat_import.read_export(content, zone, now, filename, MAX_INLINE_BYTES)
    except UnreadableFile as error:
        if error.code == "file_too_large":
            raise TooLarge("use_upload_form") from error
        raise


def _new_file(caller: Caller, upload: Upload) -> File:
    return File(
        file_id=idempotent_id(),
        status=FileStatus.AWAITING_UPLOAD,
        filename=upload.filename,
        size=upload.size,
        room_id=upload.room_id,
        my_name=upload.my_name,
        created_at=caller.now,
        expires_at=caller.now + CHAT_RETENTION,
    )


def _check_room(caller: Caller, upload: Upload) -> None:
    if upload.room_id:
        rooms.get(caller, upload.room_id)


def _choose_room(tx: UserTransaction, file: File) -> str:
    """Return the id of the requested room, or of the room with the same file, or of a new room."""
    return file.room_id or files.room_with_content(tx, file.content_hash or "") or random_id()


def _claim(key: uploads.UploadKey, now: datetime) -> File | None:
    """Start the lease of an uploaded file. Return None if no file awaits the object."""
    lease_until = now + timedelta(seconds=settings().import_lease_s)

    def steps(tx: UserTransaction) -> File | None:
        file = files.claim(tx, key.file_id, random_id(), lease_until, now)
        if file is None and (current := files.get(tx, key.file_id, now)) and current.status is FileStatus.PROCESSING:
            raise ImportInProgress
        return file

    return database().transaction(key.user_id, steps)


def _import_object(bucket: str, key: uploads.UploadKey, file: File, now: datetime) -> File:
    caller = Caller(key.user_id, None, now)
    try:
        accounts.require_consents(caller)
        content = uploads.read(bucket, key)
        zone = ZoneInfo(file.timezone or accounts.DEFAULT_TIMEZONE)
        chat = chat_import.read_export(content, zone, now, file.filename, MAX_UPLOAD_BYTES)
    except UnreadableFile as error:
        return _fail(key.user_id, file, error.code)
    except (FileNotFoundError, Forbidden):
        return _fail(key.user_id, file, "interrupted")
    file = replace(file, size=len(content), content_hash=chat_import.content_hash(content))
    file = replace(file, room_id=database().read(key.user_id, lambda tx: _choose_room(tx, file)))
    database().transaction(key.user_id, lambda tx: files.set_room(tx, file))
    return chat_import.store(caller, file, chat)


def _fail(user_id: str, file: File, code: str) -> File:
    result = replace(file, status=FileStatus.FAILED, error_code=code, lease_until=None)
    database().transaction(user_id, lambda tx: files.finish(tx, result))
    return result


def _release(user_id: str, file: File, now: datetime) -> None:
    """End the lease now, so that the next event can claim the file."""
    database().transaction(user_id, lambda tx: files.finish(tx, replace(file, lease_until=now)))
