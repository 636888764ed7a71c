"""Uploaded files."""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.api import problems
from chalicelib.api.request import Limits
from chalicelib.api.schemas.common import Id, Moment, Name, ReplyModel, RequestModel, Timezone
from chalicelib.api.schemas.speech import SpeechAnalysis
from chalicelib.domain import MAX_INLINE_BYTES, MAX_UPLOAD_BYTES, File, FileStatus, LineReport, Participant
from chalicelib.errors import Fault, Invalid, TooLarge
from chalicelib.services import files

DEFAULT_FILENAME = "chat.txt"
# Enough for 4 MB of text in base64. The limit of the body is lower.
MAX_CONTENT_CHARACTERS = 6 * 1024 * 1024


class ProcessFile(RequestModel):
    """A file, inline (``file_content``) or to be posted with a form (``filename`` and ``size``)."""

    # A Lambda request is at most 6 MB, including the event that API Gateway puts around the body.
    LIMITS: ClassVar[Limits] = Limits(5_500_000, "use_upload_form")

    file_content: str | None = Field(default=None, max_length=MAX_CONTENT_CHARACTERS)
    encoding: Literal["text", "base64"] = "text"
    file_type: str | None = Field(default=None, max_length=100)
    filename: str | None = Field(default=None, min_length=1, max_length=255)
    size: int | None = Field(default=None, ge=0, le=MAX_UPLOAD_BYTES)
    room_id: Id | None = None
    my_name: Name | None = None
    timezone: Timezone | None = None

    @model_validator(mode="after")
    def _check_content_or_upload(self) -> Self:
        if self.file_content is None and (self.filename is None or self.size is None):
            raise PydanticCustomError("content_or_upload", "file_content, or filename and size")
        return self

    def content(self) -> bytes | None:
        """Return the bytes of an inline file, None for an upload with a form.

        Raises:
            Invalid: The content is not valid base64.
            TooLarge: The file exceeds the inline limit.
        """
        if self.file_content is None:
            return None
        content = self.file_content.encode() if self.encoding == "text" else self._from_base64(self.file_content)
        if len(content) > MAX_INLINE_BYTES:
            raise TooLarge("use_upload_form")
        return content

    @staticmethod
    def _from_base64(text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Invalid(Fault("file_content", "not_base64")) from error

    def upload(self, size: int) -> files.Upload:
        """Return the input of the service."""
        return files.Upload(self.filename or DEFAULT_FILENAME, size, self.room_id, self.my_name, self.timezone)


class FileQuery(RequestModel):
    """The file to get."""

    file_id: Id


class Period(BaseModel):
    """The times of the first and the last message."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_: Moment = Field(alias="from")
    to: Moment


class FileError(ReplyModel):
    """The reason why a file failed."""

    code: str
    detail: str


class FileReply(ReplyModel):
    """A file and the result of its import."""

    id: str
    file_id: str
    status: FileStatus
    filename: str
    size: int
    format: str | None
    encoding: str | None
    messages_count: int | None
    kept_messages: int | None
    new_messages: int | None
    participants: tuple[Participant, ...]
    period: Period | None
    my_name: str | None
    room_id: str | None
    sample_messages: list[str]
    analysis: SpeechAnalysis | None
    report: LineReport | None
    warnings: list[str]
    error: FileError | None
    created_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, file: File) -> Self:
        """Return the wire form of a file."""
        return cls(
            id=file.file_id,
            file_id=file.file_id,
            status=file.status,
            filename=file.filename,
            size=file.size,
            format=file.format,
            encoding=file.encoding,
            messages_count=file.messages_count,
            kept_messages=file.kept_messages,
            new_messages=file.new_messages,
            participants=file.participants,
            period=_period(file),
            my_name=file.my_name,
            room_id=file.room_id,
            sample_messages=list(file.sample_messages),
            analysis=SpeechAnalysis.of(file.analysis) if file.analysis else None,
            report=file.report,
            warnings=list(file.warnings),
            error=_error(file),
            created_at=file.created_at,
            expires_at=file.expires_at,
        )


def _error(file: File) -> FileError | None:
    code = file.error_code
    return FileError(code=code, detail=problems.sentence(code, "ko")) if code else None


def _period(file: File) -> Period | None:
    if file.period_from is None or file.period_to is None:
        return None
    return Period.model_validate({"from": file.period_from, "to": file.period_to})


class Form(ReplyModel):
    """A form to post the file with. ``fields`` come before the file."""

    url: str
    fields: dict[str, str]
    expires_at: Moment


class UploadReply(ReplyModel):
    """A file that awaits its content, and the form to post the content with."""

    file: FileReply
    upload: Form

    @classmethod
    def of(cls, pending: files.PendingUpload) -> Self:
        """Return the wire form of a pending upload."""
        form = Form(url=pending.form.url, fields=pending.form.fields, expires_at=pending.expires_at)
        return cls(file=FileReply.of(pending.file), upload=form)
