"""Store a tally as a JSON document.

Three parts of the document are texts: ``days`` and ``shown`` are JSON inside the JSON, ``words`` are words and counts
separated by spaces. A reader that needs one part skips the others as strings, which is faster than decoding them.
``msgspec.Raw`` would skip them without the double encoding, but it writes objects where the stored documents have
strings. Rows and readers would need a second version of the document, so the texts stay.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from chalicelib.analysis.daily_sentiment import Days, trends
from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.level_switches import SwitchTracker
from chalicelib.analysis.speech import SpeechCounts
from chalicelib.analysis.statistics import room_statistics
from chalicelib.analysis.tally import MAX_WORDS, ChatEnd, PersonTally, Tally, WeekTally
from chalicelib.domain import Role, WordCount

Document = dict[str, Any]

_VERSION = 1
# The document must fit into a column of one mebibyte.
_MAX_WORDS_OF_ALL = 4_000
_MAX_WEEKS = 1_040
# Entries of participants on days.
_MAX_DAY_ENTRIES = 5_000
# Fields that are stored under their own names, unchanged.
_TALLY_FIELDS = ("heatmap", "messages", "events", "days_active", "streak", "sessions")
_PERSON_FIELDS = (
    "messages",
    "characters",
    "initiations",
    "photos",
    "calls",
    "deleted",
    "night",
    "longest_run",
    "unanswered",
)


def dump(tally: Tally) -> str:
    """Return the tally as JSON text. Drops the weeks that the document has no room for."""
    return json.dumps(to_document(tally), ensure_ascii=False)


def load(text: str) -> Tally:
    """Return the tally that ``dump`` wrote."""
    return from_document(from_json(text))


def to_document(tally: Tally) -> Document:
    """Return the tally as plain JSON. Drops the weeks that the document has no room for."""
    for name in tally.people:
        tally.top_words_of(name)
    tally.drop_old_weeks(_MAX_WEEKS)
    max_words = min(MAX_WORDS, _MAX_WORDS_OF_ALL // max(len(tally.people), 1))
    days = _latest_days(tally.days)
    return {name: getattr(tally, name) for name in _TALLY_FIELDS} | {
        "version": _VERSION,
        "trends": trends(days),
        "days": json.dumps(days, ensure_ascii=False),
        "shown": to_json(room_statistics(tally, lambda _: Role.OTHER)).decode(),
        "first_at": tally.first_at.isoformat() if tally.first_at else None,
        "last_at": tally.last_at.isoformat() if tally.last_at else None,
        "people": {name: _person_to_document(person, max_words) for name, person in tally.people.items()},
        "weeks": {name: _week_to_document(week) for name, week in tally.weeks.items()},
        "end": asdict(tally.end),
    }


def from_document(document: Document) -> Tally:
    """Return the tally that ``to_document`` wrote."""
    return Tally(
        **{name: document[name] for name in _TALLY_FIELDS},
        days_text=document["days"],
        first_at=_parse_time(document["first_at"]),
        last_at=_parse_time(document["last_at"]),
        people={name: _person_from_document(person) for name, person in document["people"].items()},
        weeks={name: _week_from_document(week) for name, week in document["weeks"].items()},
        end=ChatEnd(**document["end"]),
    )


def _latest_days(days: Days) -> Days:
    """Return the latest days that together have few enough entries, at least one day."""
    latest: Days = {}
    entries = 0
    for day in sorted(days, reverse=True):
        entries += len(days[day])
        if entries > _MAX_DAY_ENTRIES and latest:
            break
        latest[day] = days[day]
    return dict(sorted(latest.items()))


def _person_to_document(person: PersonTally, max_words: int) -> Document:
    words = person.most_frequent_words(max_words)
    return {name: getattr(person, name) for name in _PERSON_FIELDS} | {
        "timed": person.messages_with_time,
        "top": [(word.text, word.count) for word in person.top_words or ()],
        "reply_times": person.reply_times.to_document(),
        "words": " ".join(f"{word} {count}" for word, count in words.items()),
        "speech": person.speech.to_document(max_habits=max_words),
        "switches": person.switches.to_document(),
    }


def _person_from_document(document: Document) -> PersonTally:
    return PersonTally(
        **{name: document[name] for name in _PERSON_FIELDS},
        messages_with_time=document["timed"],
        reply_times=Histogram.from_document(document["reply_times"]),
        words_text=document["words"],
        speech=SpeechCounts.from_document(document["speech"]),
        switches=SwitchTracker.from_document(document["switches"]),
        top_words=tuple(WordCount(text, count) for text, count in document["top"]),
    )


def _week_to_document(week: WeekTally) -> Document:
    return {
        "messages": week.messages,
        "reply_times": week.reply_times.to_document(),
        "initiations": dict(week.initiations),
    }


def _week_from_document(document: Document) -> WeekTally:
    reply_times = Histogram.from_document(document["reply_times"])
    return WeekTally(document["messages"], reply_times, Counter(document["initiations"]))


def _parse_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
