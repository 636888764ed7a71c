"""A room's statistics, counted in one pass and kept so that counting can go on.

``Tally`` holds counts, fixed histograms and where the chat left off. A later
export's new messages are added to it, and the result is what one import of
everything gives. Definitions are in ``docs/analysis.md``.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from functools import cached_property
from itertools import chain, groupby, takewhile
from operator import add
from typing import Any

from pydantic_core import to_json

from chalicelib.analysis.emotion import trend
from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.level_switches import SwitchWatch
from chalicelib.analysis.sentiment import Shares
from chalicelib.analysis.speech import MessageFeatures, SpeechCounts, features_of
from chalicelib.domain import (
    EmotionPoint,
    Kind,
    Message,
    ParticipantStatistics,
    Quantiles,
    Role,
    RoomStatistics,
    Week,
    WordCount,
    initiation_share,
)
from chalicelib.gc_pause import gc_paused
from chalicelib.korean.nouns import joined

VERSION = 1
# A silence this long ends a session: longer than a workday's pauses, shorter than a night.
SESSION_GAP_S = 6 * 3600
# Volume after 22:00 is among the published norms (docs/analysis.md).
NIGHT_HOURS = frozenset((22, 23, 0, 1, 2, 3, 4, 5))
# A document may have a megabyte (DSQL's limit of a column), so what a room keeps is bounded: those who wrote
# most, with their words and habits, the latest weeks, and how people felt on the latest days.
PEOPLE_KEPT = 50
WORDS_KEPT = 400
WORDS_BEFORE_PRUNING = 4 * WORDS_KEPT
WORDS_OF_ALL = 4_000
WEEKS_KEPT = 1_040
DAYS_OF_ALL = 5_000
WORDS_SHOWN = 20
SAID_AT_LEAST = 3
HOURS_A_DAY = 24
DAYS_A_WEEK = 7
# Emotion points of the latest days with a message, and how many of those a trend looks at.
DAYS_KEPT = 400
TREND_DAYS = 28
# Texts are read so many at once: a text that is said again then is not read again.
AT_ONCE = 50_000
# Looking a member up for every message takes as long as counting it.
TEXT, PHOTO, CALL, DELETED = Kind.TEXT, Kind.PHOTO, Kind.CALL, Kind.DELETED
POINT_ROLES = (Role.ME, Role.PARTNER, Role.OTHER)

Document = dict[str, Any]
Days = dict[str, dict[str, list[int]]]
# Messages that are no notices, with who sent them.
Said = list[tuple[str, Message]]
# Of a participant and a day: messages, and what is positive, negative, neutral and mixed in them.
NO_SUMS = (0, 0, 0, 0, 0)


class _Readings(dict[str, MessageFeatures]):
    # Of texts that are said again.
    def __missing__(self, text: str) -> MessageFeatures:
        reading = self[text] = features_of(text)
        return reading


@dataclass
class _Person:
    """One participant's counts."""

    messages: int = 0
    characters: int = 0
    initiations: int = 0
    photos: int = 0
    calls: int = 0
    deleted: int = 0
    timed: int = 0
    night: int = 0
    longest_run: int = 0
    unanswered: int = 0
    reply_times: Histogram = field(default_factory=Histogram)
    words_text: str = ""
    speech: SpeechCounts = field(default_factory=SpeechCounts)
    switches: SwitchWatch = field(default_factory=SwitchWatch)
    # The top words, until another text is counted: they take longer to find than all else that is shown.
    top: tuple[WordCount, ...] | None = None

    @cached_property
    def words(self) -> Counter[str]:
        said = self.words_text.split()
        return Counter(dict(zip(said[::2], map(int, said[1::2]), strict=True)))

    def add(self, message: Message) -> None:
        """Count a photo, a call or a deleted message."""
        match message.kind:
            case Kind.PHOTO:
                self.photos += message.count
            case Kind.CALL:
                self.calls += 1
            case Kind.DELETED:
                self.deleted += 1

    def add_texts(self, readings: Sequence[MessageFeatures]) -> None:
        """Count texts."""
        self.top = None
        self.speech.count(readings)
        self.characters += sum(reading.length for reading in readings)
        for part, times in Counter(chain.from_iterable(reading.parts for reading in readings)).items():
            for topic in part.topics:
                self.words[topic] += times
        if len(self.words) > WORDS_BEFORE_PRUNING:
            self.words = _most_said(self.words)

    def to_document(self, words_kept: int) -> Document:
        counts = {name: getattr(self, name) for name in PERSON_COUNTS}
        return counts | {
            "top": [(word.text, word.count) for word in self.top or ()],
            "reply_times": self.reply_times.to_document(),
            # As a text without quotes, which reading the document passes over: only an import looks into it.
            "words": " ".join(f"{word} {count}" for word, count in _most_said(self.words, words_kept).items()),
            "speech": self.speech.to_document(habits_kept=words_kept),
            "switches": self.switches.to_document(),
        }

    @classmethod
    def from_document(cls, document: Document) -> _Person:
        return cls(
            **{name: document[name] for name in PERSON_COUNTS},
            reply_times=Histogram.from_document(document["reply_times"]),
            words_text=document["words"],
            speech=SpeechCounts.from_document(document["speech"]),
            switches=SwitchWatch.from_document(document["switches"]),
            top=tuple(WordCount(text, count) for text, count in document["top"]),
        )


PERSON_COUNTS = tuple(column.name for column in fields(_Person) if column.type == "int")


@dataclass
class _WeekCounts:
    """One week's counts; ``initiations`` by participant."""

    messages: int = 0
    reply_times: Histogram = field(default_factory=Histogram)
    initiations: Counter[str] = field(default_factory=Counter)

    def to_document(self) -> Document:
        return {
            "messages": self.messages,
            "reply_times": self.reply_times.to_document(),
            "initiations": dict(self.initiations),
        }

    @classmethod
    def from_document(cls, document: Document) -> _WeekCounts:
        reply_times = Histogram.from_document(document["reply_times"])
        return cls(document["messages"], reply_times, Counter(document["initiations"]))


NO_WEEK = _WeekCounts()


@dataclass
class _End:
    """Where the chat left off: its last message, the run of its sender, the last day."""

    sender: str = ""
    run: int = 0
    run_ended_at: float = 0.0
    day: int = 0
    minute: int = 0
    # How many messages, and how many notices, were counted in that minute.
    in_minute: int = 0
    notices: int = 0


@dataclass
class Tally:
    """The running counts of a room, over every message ever imported."""

    people: dict[str, _Person] = field(default_factory=dict)
    weeks: dict[str, _WeekCounts] = field(default_factory=dict)
    days_text: str = "{}"
    heatmap: list[list[int]] = field(default_factory=lambda: [[0] * HOURS_A_DAY for _ in range(DAYS_A_WEEK)])
    messages: int = 0
    events: int = 0
    days_active: int = 0
    streak: int = 0
    sessions: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    _end: _End = field(default_factory=_End)

    @cached_property
    def days(self) -> Days:
        """Sums of emotions by day and participant."""
        days: Days = json.loads(self.days_text)
        return days

    def add(self, messages: Sequence[Message], *, timed: bool = True) -> None:
        """Count messages that follow those counted already, in time's order.

        Of messages that are not ``timed`` nothing is counted that depends on time.
        """
        if not messages:
            return
        self._mark(messages)
        with gc_paused():
            for start in range(0, len(messages), AT_ONCE):
                self._add(messages[start : start + AT_ONCE], timed=timed)

    def _add(self, messages: Sequence[Message], *, timed: bool) -> None:
        said = [(message.sender, message) for message in messages if message.sender is not None]
        self._count(said, timed=timed)
        if timed:
            self._count_times(said)
        self._count_texts(said, timed=timed)

    @property
    def period_in_minutes(self) -> tuple[int, int]:
        """The first and the last message's time, in whole minutes since 1970; zeros when nothing was counted."""
        if self.first_at is None:
            return 0, 0
        return int(self.first_at.timestamp() // 60), self._end.minute

    def unseen(self, messages: list[Message]) -> list[Message]:
        """Those of an export's messages that come after what was counted already.

        Text exports tell time to the minute, so within the last minute known
        as many messages, and as many notices, are taken for known as were
        counted in it.
        """
        known = self._end
        later = [message for message in messages if minute_of(message) >= known.minute]
        left = {False: known.in_minute, True: known.notices}
        unseen = []
        for message in later:
            is_notice = message.sender is None
            if left[is_notice] and minute_of(message) == known.minute:
                left[is_notice] -= 1
            else:
                unseen.append(message)
        return unseen

    def _mark(self, messages: Sequence[Message]) -> None:
        """Note where the chat begins, and how much was said in its last minute."""
        end, minute = self._end, minute_of(messages[-1])
        if minute != end.minute:
            end.minute, end.in_minute, end.notices = minute, 0, 0
        latest = list(takewhile(lambda message: minute_of(message) == minute, reversed(messages)))
        end.notices += sum(message.sender is None for message in latest)
        end.in_minute += sum(message.sender is not None for message in latest)
        self.events += len(messages)
        self.first_at = self.first_at or messages[0].sent_at
        self.last_at = messages[-1].sent_at

    def _count(self, said: Said, *, timed: bool) -> None:
        self.messages += len(said)
        for name, messages in Counter([name for name, _ in said]).items():
            person = self._person(name)
            person.messages += messages
            person.timed += messages if timed else 0
        for name, message in said:
            if message.kind is PHOTO or message.kind is CALL or message.kind is DELETED:
                self.people[name].add(message)

    def _count_times(self, said: Said) -> None:
        # Half of what an import does is here and in _count_texts: loops without calls for what every message needs.
        end, people = self._end, self.people
        sender, run, ended_at, day = end.sender, end.run, end.run_ended_at, end.day
        week, hours = NO_WEEK, self.heatmap[0]
        replies: dict[str, list[float]] = {name: [] for name in people}
        of_day: list[float] = []
        for name, message in said:
            sent_at = message.sent_at
            person, at = people[name], sent_at.timestamp()
            if sent_at.toordinal() != day or week is NO_WEEK:
                week.reply_times.add_all(of_day)
                of_day = []
                week, hours = self._week(sent_at), self.heatmap[sent_at.weekday()]
                self._count_day(day, sent_at.toordinal())
                day = sent_at.toordinal()
            pause = at - ended_at
            if pause > SESSION_GAP_S or not self.sessions:
                self._begin_session(sender, name, week)
                run = 0
            elif name != sender:
                replies[name].append(pause)
                of_day.append(pause)
                run = 0
            sender, ended_at, run = name, at, run + 1
            if run > person.longest_run:  # noqa: PLR1730 (runs for every message)
                person.longest_run = run
            hour = sent_at.hour
            week.messages += 1
            hours[hour] += 1
            if hour in NIGHT_HOURS:
                person.night += 1
        week.reply_times.add_all(of_day)
        for name, pauses in replies.items():
            people[name].reply_times.add_all(pauses)
        end.sender, end.run, end.run_ended_at, end.day = sender, run, ended_at, day

    def _count_texts(self, said: Said, *, timed: bool) -> None:
        """Read each text once, however often it is said."""
        readings = _Readings()
        read_ = [(name, message.sent_at, readings[message.text]) for name, message in said if message.kind is TEXT]
        texts: dict[str, list[tuple[datetime, MessageFeatures]]] = {}
        for name, sent_at, reading in read_:
            texts.setdefault(name, []).append((sent_at, reading))
        for name, of_person in texts.items():
            self.people[name].add_texts([reading for _, reading in of_person])
            if timed:
                self.people[name].switches.see((reading.level, sent_at) for sent_at, reading in of_person)
        if timed:
            self._count_feelings(read_)

    def _count_feelings(self, texts: Sequence[tuple[str, datetime, MessageFeatures]]) -> None:
        """Add to the sums of each day what was felt in it."""
        for _, of_day in groupby(texts, lambda text: text[1].toordinal()):
            (_, sent_at, _), *_ = said = list(of_day)
            felt: dict[str, list[Shares]] = {}
            for name, _, reading in said:
                felt.setdefault(name, []).append(reading.shares)
            sums = self._sums_of(sent_at)
            for name, shares in felt.items():
                more = (len(shares), *map(sum, zip(*shares, strict=True)))
                sums[name] = [*map(add, sums.get(name, NO_SUMS), more)]

    def _sums_of(self, sent_at: datetime) -> dict[str, list[int]]:
        """The sums of emotions of a day, by participant."""
        day = sent_at.date().isoformat()
        sums = self.days.get(day)
        if sums is None:
            sums = self.days[day] = {}
            if len(self.days) > DAYS_KEPT:
                del self.days[min(self.days)]
        return sums

    def _begin_session(self, last: str, first: str, week: _WeekCounts) -> None:
        if self.sessions:
            self._person(last).unanswered += 1
        self.sessions += 1
        self.people[first].initiations += 1
        week.initiations[first] += 1

    def _count_day(self, before: int, day: int) -> None:
        if day != before:
            self.days_active += 1
            self.streak = self.streak + 1 if day == before + 1 else 1

    def _week(self, sent_at: datetime) -> _WeekCounts:
        year, number, _ = sent_at.isocalendar()
        name = f"{year}-W{number:02}"
        week = self.weeks.get(name)
        if week is None:
            week = self.weeks[name] = _WeekCounts()
        return week

    def _person(self, name: str) -> _Person:
        person = self.people.get(name)
        if person is None:
            person = self.people[name] = _Person()
        return person

    def speech_of(self, name: str) -> SpeechCounts | None:
        """How a participant speaks, None when they wrote no text."""
        person = self.people.get(name)
        return person.speech if person and person.speech.messages else None

    def top_words_of(self, name: str) -> tuple[WordCount, ...]:
        """The words a participant said most."""
        person = self.people[name]
        if person.top is None:
            person.top = _top_words(person.words, set(self.people))
        return person.top

    def statistics(self, role_of: Callable[[str], Role]) -> RoomStatistics:
        """The figures of these counts; ``role_of`` says who each name is to the user."""
        me = next((name for name in self.people if role_of(name) is Role.ME), None)
        people = sorted(self.people.items(), key=lambda item: -item[1].messages)
        return RoomStatistics(
            participants=tuple(self._participant(name, person, role_of(name)) for name, person in people),
            days_active=self.days_active,
            streak=self.streak,
            sessions=self.sessions,
            heatmap=tuple(tuple(day) for day in self.heatmap),
            weekly=tuple(_week_view(name, week, me) for name, week in sorted(self.weeks.items())),
            first_message_at=self.first_at,
            last_message_at=self.last_at,
        )

    def _participant(self, name: str, person: _Person, role: Role) -> ParticipantStatistics:
        speech = person.speech
        return ParticipantStatistics(
            name=name,
            role=role,
            messages=person.messages,
            characters=person.characters,
            share=_share(person.messages, self.messages),
            reply_time=_quantiles(person.reply_times),
            length=_quantiles(speech.lengths),
            initiations=person.initiations,
            questions=speech.questions,
            laughter=speech.laughter,
            emoji=speech.emoji,
            photos=person.photos,
            calls=person.calls,
            deleted=person.deleted,
            night_share=_share(person.night, person.timed),
            longest_run=person.longest_run,
            unanswered=person.unanswered,
            top_words=self.top_words_of(name),
        )

    def forget_rare_words(self) -> None:
        """Keep of the words only those said often enough to be shown."""
        for person in self.people.values():
            often = joined(person.words)
            person.words = Counter({word: n for word, n in often.items() if n >= SAID_AT_LEAST})

    def forget_the_quiet(self, but: Collection[str | None]) -> int:
        """Keep those who wrote most, and ``but`` whom besides; return how many were forgotten."""
        ranked = heapq.nlargest(PEOPLE_KEPT, self.people, key=lambda name: self.people[name].messages)
        kept = {name for name in self.people if name in ranked or name in but}
        forgotten = len(self.people) - len(kept)
        if forgotten:
            self.people = {name: person for name, person in self.people.items() if name in kept}
            for week in self.weeks.values():
                week.initiations = Counter({name: n for name, n in week.initiations.items() if name in kept})
            for sums in self.days.values():
                for name in sums.keys() - kept:
                    del sums[name]
        return forgotten

    def to_document(self) -> Document:
        """These counts as plain JSON."""
        for name in self.people:
            self.top_words_of(name)
        self.weeks = {name: self.weeks[name] for name in sorted(self.weeks)[-WEEKS_KEPT:]}
        words_kept = min(WORDS_KEPT, WORDS_OF_ALL // max(len(self.people), 1))
        document = {name: getattr(self, name) for name in TALLY_COUNTS}
        days = self._latest_days()
        return document | {
            "version": VERSION,
            "trends": _trends(days),
            # As texts, like the words: who reads one of them passes over the other.
            "days": json.dumps(days, ensure_ascii=False),
            "shown": to_json(self.statistics(lambda _: Role.OTHER)).decode(),
            "first_at": self.first_at.isoformat() if self.first_at else None,
            "last_at": self.last_at.isoformat() if self.last_at else None,
            "people": {name: person.to_document(words_kept) for name, person in self.people.items()},
            "weeks": {name: week.to_document() for name, week in self.weeks.items()},
            "end": asdict(self._end),
        }

    def _latest_days(self) -> Days:
        """The latest days on which few enough people wrote, taken together."""
        latest: Days = {}
        entries = 0
        for day in sorted(self.days, reverse=True):
            entries += len(self.days[day])
            if entries > DAYS_OF_ALL and latest:
                break
            latest[day] = self.days[day]
        return dict(sorted(latest.items()))

    @classmethod
    def from_document(cls, document: Document) -> Tally:
        """The counts that ``to_document`` wrote."""
        return cls(
            **{name: document[name] for name in TALLY_COUNTS},
            days_text=document["days"],
            first_at=_time(document["first_at"]),
            last_at=_time(document["last_at"]),
            people={name: _Person.from_document(person) for name, person in document["people"].items()},
            weeks={name: _WeekCounts.from_document(week) for name, week in document["weeks"].items()},
            _end=_End(**document["end"]),
        )


TALLY_COUNTS = ("heatmap", "messages", "events", "days_active", "streak", "sessions")


def minute_of(message: Message) -> int:
    """When a message was sent, in whole minutes since 1970: what every format tells."""
    return int(message.sent_at.timestamp() // 60)


def emotion_points(days: Days, role_of: Callable[[str], Role]) -> list[EmotionPoint]:
    """The emotion points in a tally's ``days``: sums by day and participant."""
    roles = {name: role_of(name) for name in {name for people in days.values() for name in people}}
    points = []
    for day, people in sorted(days.items()):
        on = date.fromisoformat(day)
        by_role: dict[Role, list[int]] = {}
        for name, sums in people.items():
            known = by_role.get(roles[name])
            by_role[roles[name]] = [*map(add, known, sums)] if known else sums
        points += [_point(on, role, by_role[role]) for role in POINT_ROLES if role in by_role]
    return points


def _trends(days: Days) -> dict[str, str | None]:
    """Whether each participant's mood rises, falls or is steady; None where too little was said."""
    moods: dict[str, list[tuple[int, float]]] = {}
    for _, people in sorted(days.items()):
        for name, (messages, positive, negative, *_) in people.items():
            mood = _mean_share(positive, messages) - _mean_share(negative, messages)
            moods.setdefault(name, []).append((messages, mood))
    return {name: trend(found[-TREND_DAYS:]) for name, found in moods.items()}


def _point(on: date, role: Role, sums: list[int]) -> EmotionPoint:
    messages, positive, negative, neutral, mixed = sums
    return EmotionPoint(
        on,
        role,
        messages,
        _mean_share(positive, messages),
        _mean_share(negative, messages),
        _mean_share(neutral, messages),
        _mean_share(mixed, messages),
    )


def _mean_share(thousandths: int, messages: int) -> float:
    """``round(thousandths / messages / 1000, 4)`` in half its time, which points by the hundred add up to."""
    share, rest = divmod(10 * thousandths, messages)
    if 2 * rest == messages:  # a tie goes where the division leaves it
        return round(thousandths / messages / 1000, 4)
    return (share + (2 * rest > messages)) / 10_000


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _most_said(words: Counter[str], at_most: int = WORDS_KEPT) -> Counter[str]:
    return Counter(dict(heapq.nsmallest(at_most, words.items(), key=lambda item: (-item[1], item[0]))))


def _top_words(words: Counter[str], names: set[str]) -> tuple[WordCount, ...]:
    """The words said most, without the participants' names."""
    parts = {part for name in names for part in name.split()}
    said = [
        (word, count) for word, count in joined(words).items() if count >= SAID_AT_LEAST and not _names(word, parts)
    ]
    best = heapq.nsmallest(WORDS_SHOWN, said, key=lambda item: (-item[1], item[0]))
    return tuple(WordCount(word, count) for word, count in best)


def _names(word: str, parts: set[str]) -> bool:
    return any(part in word for part in parts if len(part) > 1)


def _week_view(name: str, week: _WeekCounts, me: str | None) -> Week:
    share = initiation_share(week.initiations, me)
    return Week(name, week.messages, _rounded(week.reply_times.quantile(0.5)), share)


def _quantiles(histogram: Histogram) -> Quantiles:
    return Quantiles(_rounded(histogram.quantile(0.5)), _rounded(histogram.quantile(0.9)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
