"""`make demo`: the main job on a real export, through the HTTP API, shown in the terminal."""

from __future__ import annotations

import argparse
import base64
import json
import time
import unicodedata
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.chalice_stage import PROJECT
from local.processes import StackError, say
from local.stack import Stack

SAMPLE = PROJECT / "local" / "samples" / "kakaotalk_android.txt"
MAX_INLINE = 4 * 1024 * 1024
IMPORT_SECONDS = 90
WIDTH = 24
SEOUL = ZoneInfo("Asia/Seoul")
# A speech level below this share is not worth a mention.
SHOWN_FROM = 0.01

Json = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """The API as a signed-in user calls it."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send one request and return its reply.

        Raises:
            StackError: the API refused; the message is what it said.
        """
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                answer: Json = json.load(reply)
                return answer
        except urllib.error.HTTPError as error:
            raise StackError(f"{method} {path}: {_detail(error)}") from error


def main(stack: Stack, options: argparse.Namespace) -> int:
    """Import a file, or the bundled sample, and print what Love Q makes of it."""
    path = Path(options.file).expanduser() if options.file else SAMPLE
    content = _read(path)
    api = Api(stack.api_url, stack.token())
    started = time.monotonic()
    api.call("PUT", "/user-profile", {"consents": dict.fromkeys(("age_over_14", "terms", "overseas_transfer"), True)})
    file = _upload(api, path, content, options.me)
    imported = time.monotonic()
    room_id = _settled(api, file, options.me)
    room = api.call("GET", f"/chat-rooms?room_id={room_id}")["rooms"][0]
    speech = api.call("POST", "/analyze-speech", {"room_id": room_id})
    answer = api.call("POST", "/analyze", {"room_id": room_id})
    done = time.monotonic()
    _print(_title(path, file))
    _print(_amounts(room["statistics"]))
    _print(_speech(speech))
    _print(_mood(speech, room["statistics"]))
    _print(_replies(answer))
    print(f"\n⏱  {file['messages_count']:,} messages imported in {imported - started:.2f} s, ", end="")
    print(f"read and answered in {done - imported:.2f} s.")
    print(NEXT)
    return 0


NEXT = """
Next: make demo FILE=내보낸파일.txt ME=내이름   the same for your own KakaoTalk export
      make run                             the API stays up for a web client
      make test                            every check"""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StackError(f"{path} cannot be read: {error.strerror}") from error


def _upload(api: Api, path: Path, content: bytes, me: str | None) -> Json:
    given = {"filename": path.name, **({"my_name": me} if me else {})}
    if len(content) <= MAX_INLINE:
        encoded = base64.b64encode(content).decode()
        return api.call("POST", "/process-file", {**given, "file_content": encoded, "encoding": "base64"})
    begun = api.call("POST", "/process-file", {**given, "size": len(content)})
    _post_form(begun["upload"], content)
    return _wait_for_import(api, begun["file"]["file_id"])


def _post_form(form: Json, content: bytes) -> None:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="chat"\r\n\r\n')
    body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    urllib.request.urlopen(urllib.request.Request(form["url"], body, headers), timeout=60).close()


def _wait_for_import(api: Api, file_id: str) -> Json:
    deadline = time.monotonic() + IMPORT_SECONDS
    while time.monotonic() < deadline:
        file = api.call("GET", f"/process-file?file_id={file_id}")
        if file["status"] == "ready":
            return file
        if file["status"] == "failed":
            raise StackError(file["error"]["detail"])
        time.sleep(0.2)
    raise StackError("The import did not end in time")


def _settled(api: Api, file: Json, me: str | None) -> str:
    """The file's room, in which it is known who the user is."""
    room_id = str(file["room_id"])
    if file["my_name"] is None or (me and me != file["my_name"]):
        name = me or file["participants"][0]["name"]
        if not me:
            say(f"The file does not tell who exported it; {name} is taken for you. If not: ME=name")
        api.call("PUT", "/chat-rooms", {"room_id": room_id, "my_name": name})
    return room_id


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        problem = json.load(error)
    except ValueError:
        return f"HTTP {error.code}"
    return f"{problem['detail']} ({problem['code']})"


# What is printed


def _print(lines: Iterable[str]) -> None:
    print()
    for line in lines:
        print(line)


def _title(path: Path, file: Json) -> Iterable[str]:
    report = file["report"]
    yield f"♥ Love Q — {path.name}"
    yield f"  {file['format']}, {file['encoding']}: {report['lines']} lines, {report['unrecognised']} unread"
    yield from (f"  ! {warning}" for warning in file["warnings"])


def _amounts(statistics: Json) -> Iterable[str]:
    yield "■ 누가 얼마나 말했나 · who spoke how much"
    for person in statistics["participants"][:10]:
        reply = person["reply_time"]["median"]
        yield (
            f"  {_name(person)} {_bar(person['share'])} {person['messages']:>5}개 {person['share']:>4.0%}"
            f"  답장 {_minutes(reply)}  먼저 {person['initiations']}번"
            f"  질문 {person['questions']}  사진 {person['photos']}"
        )
    yield f"  {statistics['days_active']}일 동안 {statistics['sessions']}번 이야기했어요."


def _speech(speech: Json) -> Iterable[str]:
    yield "■ 말투 · how each speaks"
    for person in speech["participants"][:4]:
        shares = [(name, share) for name, share in person["speech_levels"].items() if share >= SHOWN_FROM]
        levels = ", ".join(f"{name} {share:.0%}" for name, share in shares)
        habits = " ".join(habit["text"] for habit in person["habits"][:5])
        traits = ", ".join(person["personality_traits"]) or "두드러진 성격은 안 보여요"
        yield f"  {_name(person)} {levels}"
        yield f"  {' ' * 11} 평균 {person['avg_length']:.0f}자, 버릇: {habits or '-'} / {traits}"
    for switch in speech["switches"]:
        who = {"me": "나", "partner": "상대"}.get(switch["role"], "누군가")
        day = datetime.fromisoformat(switch["at"]).astimezone(SEOUL).date()
        yield f"  ↪ {day} {who}: {switch['from']} → {switch['to']}"
    yield f"  {speech['summary']}"


def _mood(speech: Json, statistics: Json) -> Iterable[str]:
    yield "■ 분위기 · the mood"
    for person in speech["participants"][:4]:
        shares = person["emotion_data"]["emotions"]
        yield (
            f"  {_name(person)} 긍정 {shares['positive']:.0%}  부정 {shares['negative']:.0%}  "
            f"중립 {shares['neutral']:.0%}  섞임 {shares['mixed']:.0%}"
        )
    weeks = statistics["weekly"][-8:]
    most = max(week["messages"] for week in weeks)
    for week in weeks:
        bar = _bar(week["messages"] / most)
        yield f"  {week['week']}   {bar} {week['messages']:>5}개  답장 {_minutes(week['reply_time_median'])}"


def _replies(answer: Json) -> Iterable[str]:
    recommendation = answer["recommendation"]
    yield "■ 뭐라고 답할까 · three replies"
    yield f"  {recommendation['action']}: {recommendation['reason']}"
    yield from (f"  ☎ {line['name']} {line['contact']} ({line['hours']})" for line in answer["help"])
    for response in answer["responses"]:
        yield f"  [{response['type']}] 위험 {'●' * response['risk_level']}{'○' * (5 - response['risk_level'])}"
        yield f"     “{response['message']}”" if response["message"] else f"     {response['advice']}"
        yield f"     이유: {response['explanation']}"
        yield f"     예상 반응: {response['expected_reaction']}  말투 일치 {response['style_fit']:.0%}"
    yield from _partner(answer)


def _partner(answer: Json) -> Iterable[str]:
    yield f"  상대: {answer['partner']['summary']}"
    for trait in answer["partner"]["traits"]:
        quotes = " / ".join(f"“{evidence['quote']}”" for evidence in trait["evidence"][:2])
        yield f"   · {trait['name']}: {quotes or trait['description']}"
    interest = answer["interest"]
    if interest:
        yield f"  관심 신호 {interest['score']} ({interest['low']}–{interest['high']}, {interest['level']})"
    else:
        yield f"  {answer['interest_note']}"


def _name(person: Json) -> str:
    mark = {"me": "나", "partner": "상대"}.get(person["role"], "")
    return _padded(f"{person['name']}({mark})" if mark else person["name"], 12)


def _padded(text: str, width: int) -> str:
    """Text filled up to a width in columns, of which a Hangul syllable takes two."""
    columns = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(width - columns, 0)


def _bar(share: float) -> str:
    full = round(share * WIDTH)
    return "█" * full + "░" * (WIDTH - full)


def _minutes(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds / 60:.0f}분" if seconds >= 60 else f"{seconds:.0f}초"  # noqa: PLR2004
