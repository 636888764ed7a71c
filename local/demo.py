"""`make demo`: import an export through the HTTP API, and print the analysis and three replies."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.api_client import CONSENTS, Api, Json, import_chat, room_of
from local.processes import StackError
from local.samples import SAMPLE
from local.stack import Stack

_SEOUL = ZoneInfo("Asia/Seoul")
_BAR_COLUMNS = 24
# Speech levels with a smaller share of a person's messages are not printed.
_MIN_LEVEL_SHARE = 0.01
_MAX_RISK = 5
_SECONDS_PER_MINUTE = 60
# Wide enough for every table. A narrower terminal wraps the lines, as it wraps the sentences.
_TABLE_COLUMNS = 140

_ROLES = {"me": "나", "partner": "상대"}
_RISK_STYLES = {"안전형": "green", "균형형": "yellow", "대담형": "red"}

_NEXT = """\
Next: make demo FILE=내보낸파일.txt ME=내이름   the same for your own export
      make run                             run the API for a web client
      make test                            run the tests"""


def main(stack: Stack, file_name: str | None, my_name: str | None) -> None:
    """Import a file or the bundled sample, and print its analysis.

    Args:
        stack: the running stack.
        file_name: the export; None for the sample.
        my_name: the user's name in the chat; None when the file tells it.
    """
    path = Path(file_name).expanduser() if file_name else SAMPLE
    content = _read(path)
    api = Api(stack.api_url, stack.token())
    started = time.monotonic()
    api.call("PUT", "/user-profile", CONSENTS)
    file = import_chat(api, path.name, content, my_name)
    imported = time.monotonic()
    room_id = room_of(api, file, my_name)
    room = api.call("GET", f"/chat-rooms?room_id={room_id}")["rooms"][0]
    speech = api.call("POST", "/analyze-speech", {"room_id": room_id})
    answer = api.call("POST", "/analyze", {"room_id": room_id})
    answered = time.monotonic()
    times = f"{imported - started:.2f} s, analysed and answered in {answered - imported:.2f} s"
    _print(
        Console(width=_TABLE_COLUMNS),
        _title(path, file),
        _amounts(room["statistics"]),
        _speech(speech),
        _mood(speech, room["statistics"]),
        _replies(answer),
        [Text(f"⏱  {file['messages_count']:,} messages imported in {times}.")],
        [Text(_NEXT)],
    )


def _print(console: Console, *sections: Iterable[RenderableType]) -> None:
    """Print sections, with colours if the console is a terminal."""
    for section in sections:
        console.print()
        for part in section:
            console.print(part, soft_wrap=isinstance(part, Text))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StackError(f"{path} cannot be read: {error.strerror}") from error


def _title(path: Path, file: Json) -> Iterable[Text]:
    report = file["report"]
    yield Text.assemble(("♥ Love Q", "bold magenta"), f" — {path.name}")
    yield Text(f"  {file['format']}, {file['encoding']}: {report['lines']} lines, {report['unrecognised']} unread")
    yield from (Text(f"  ! {warning}", "yellow") for warning in file["warnings"])


def _amounts(statistics: Json) -> Iterable[RenderableType]:
    yield _heading("누가 얼마나 말했나 · who wrote how much")
    yield _table(
        [
            _name(person),
            _bar(person["share"]),
            f"{person['messages']:,}개",
            f"{person['share']:.0%}",
            f"답장 {_duration(person['reply_time']['median'])}",
            f"먼저 {person['initiations']}번",
            f"질문 {person['questions']}",
            f"사진 {person['photos']}",
        ]
        for person in statistics["participants"][:10]
    )
    yield Text(f"  {statistics['days_active']}일 동안 {statistics['sessions']}번 이야기했어요.")


def _speech(speech: Json) -> Iterable[RenderableType]:
    yield _heading("말투 · how each writes")
    yield _table(row for person in speech["participants"][:4] for row in _speech_of(person))
    for switch in speech["switches"]:
        who = _ROLES.get(switch["role"], "누군가")
        day = datetime.fromisoformat(switch["at"]).astimezone(_SEOUL).date()
        yield Text(f"  ↪ {day} {who}: {switch['from']} → {switch['to']}")
    yield Text(f"  {speech['summary']}")


def _speech_of(person: Json) -> Iterable[list[Text | str]]:
    levels = (f"{level} {share:.0%}" for level, share in person["speech_levels"].items() if share >= _MIN_LEVEL_SHARE)
    habits = " ".join(habit["text"] for habit in person["habits"][:5])
    traits = ", ".join(person["personality_traits"]) or "두드러진 성격은 안 보여요"
    yield [_name(person), ", ".join(levels)]
    yield ["", f"평균 {person['avg_length']:.0f}자, 버릇: {habits or '-'} / {traits}"]


def _mood(speech: Json, statistics: Json) -> Iterable[RenderableType]:
    yield _heading("분위기 · the mood")
    labels = {"positive": "긍정", "negative": "부정", "neutral": "중립", "mixed": "섞임"}
    yield _table(
        [
            _name(person),
            *(f"{label} {person['emotion_data']['emotions'][field]:.0%}" for field, label in labels.items()),
        ]
        for person in speech["participants"][:4]
    )
    weeks = statistics["weekly"][-8:]
    busiest = max(week["messages"] for week in weeks)
    yield _table(
        [
            week["week"],
            _bar(week["messages"] / busiest),
            f"{week['messages']:,}개",
            f"답장 {_duration(week['reply_time_median'])}",
        ]
        for week in weeks
    )


def _replies(answer: Json) -> Iterable[Text]:
    recommendation = answer["recommendation"]
    yield _heading("뭐라고 답할까 · three replies")
    yield Text.assemble("  ", (recommendation["action"], "bold"), f": {recommendation['reason']}")
    yield from (Text(f"  ☎ {line['name']} {line['contact']} ({line['hours']})", "bold") for line in answer["help"])
    for response in answer["responses"]:
        style, risk = _RISK_STYLES.get(response["type"], ""), response["risk_level"]
        message = f"“{response['message']}”" if response["message"] else response["advice"]
        yield Text.assemble((f"  [{response['type']}] 위험 {'●' * risk}{'○' * (_MAX_RISK - risk)}", style))
        yield Text(f"     {message}", "bold")
        yield Text(f"     이유: {response['explanation']}")
        yield Text(f"     예상 반응: {response['expected_reaction']}  말투 일치 {response['style_fit']:.0%}")
    yield from _partner(answer)


def _partner(answer: Json) -> Iterable[Text]:
    yield Text(f"  상대: {answer['partner']['summary']}")
    for trait in answer["partner"]["traits"]:
        quotes = " / ".join(f"“{evidence['quote']}”" for evidence in trait["evidence"][:2])
        yield Text.assemble("   · ", (trait["name"], "cyan"), f": {quotes or trait['description']}")
    interest = answer["interest"]
    if interest:
        score = f"{interest['score']} ({interest['low']}–{interest['high']}, {interest['level']})"
        yield Text.assemble("  관심 신호 ", (score, "bold"))
    else:
        yield Text(f"  {answer['interest_note']}")


def _heading(text: str) -> Text:
    return Text(f"■ {text}", "bold")


def _table(rows: Iterable[list[Text | str]]) -> RenderableType:
    """Return rows as aligned columns; numbers with their unit are aligned to the right."""
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    table = Table.grid(padding=(0, 2))
    for cell in cells[0]:
        table.add_column(justify="right" if cell.plain[:1].isdecimal() and "-" not in cell.plain else "left")
    for row in cells:
        table.add_row(*row)
    return Padding(table, (0, 0, 0, 2), expand=False)


def _name(person: Json) -> Text:
    role = _ROLES.get(person["role"], "")
    style = {"me": "cyan", "partner": "magenta"}.get(person["role"], "")
    return Text(f"{person['name']}({role})" if role else person["name"], style)


def _bar(share: float) -> Text:
    filled = round(share * _BAR_COLUMNS)
    return Text.assemble(("█" * filled, "green"), ("░" * (_BAR_COLUMNS - filled), "bright_black"))


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes = seconds / _SECONDS_PER_MINUTE
    return f"{minutes:.0f}분" if minutes >= 1 else f"{seconds:.0f}초"
