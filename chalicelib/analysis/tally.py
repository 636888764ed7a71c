"""The running counts of a room.

A ``Tally`` has counts, histograms with fixed buckets and the position at which the chat ended. The new messages of a
later export are added to it, and the result equals that of one import of everything. ``tally_document`` stores a tally,
``statistics`` computes the figures. ``docs/analysis.md`` defines them.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain, groupby, takewhile
from operator import add

from chalicelib.analysis.daily_sentiment import Days
from chalicelib.analysis.histogram import Histogram
from chalicelib.analysis.level_switches import SwitchTracker
from chalicelib.analysis.message_features import MessageFeatures, features_of
from chalicelib.analysis.sentiment import SentimentShares
from chalicelib.analysis.speech import SpeechCounts
from chalicelib.domain import Kind, Message, WordCount
from chalicelib.gc_pause import gc_paused
from chalicelib.korean.nouns import merge_forms

# A silence this long ends a session. It is longer than the pauses of a workday and shorter than a night.
SESSION_GAP_SECONDS = 6 * 3600
# Published norms see more messages after 22:00 (docs/analysis.md).
NIGHT_HOURS = frozenset((22, 23, 0, 1, 2, 3, 4, 5))
# What a room stores is bounded, because a document may have one mebibyte (DSQL's limit for a column).
MAX_PEOPLE = 50
# Words per person.
MAX_WORDS = 400
_MAX_WORDS_BEFORE_PRUNING = 4 * MAX_WORDS
# Days with a text message, for the sums of sentiment shares.
_MAX_DAYS = 400
# A top word occurs at least this often.
_MIN_WORD_COUNT = 3
_MAX_TOP_WORDS = 20
_HOURS_PER_DAY = 24
_DAYS_PER_WEEK = 7
# Messages per batch. A text that repeats within a batch is read once.
_BATCH_SIZE = 50_000
# Module names, because reading an enum member from its class for every message takes as long as counting it.
_TEXT, _PHOTO, _CALL, _DELETED = Kind.TEXT, Kind.PHOTO, Kind.CALL, Kind.DELETED

_NO_SUMS = (0, 0, 0, 0, 0)
# Messages that are not notices, with their senders.
_SentMessages = list[tuple[str, Message]]
# Text messages: the sender, the time and the features.
_TextMessages = list[tuple[str, datetime, MessageFeatures]]


class _FeatureCache(dict[str, MessageFeatures]):
    """The features of texts. A text that repeats is read once."""

    def __missing__(self, text: str) -> MessageFeatures:
        features = self[text] = features_of(text)
        return features


@dataclass
class PersonTally:
    """The counts of one participant.

    ``words`` is parsed from ``words_text`` on first use, because only an import needs it. ``top_words`` is None after a
    new text, because the top words take longer to find than all other figures.
    """

    messages: int = 0
    characters: int = 0
    initiations: int = 0
    photos: int = 0
    calls: int = 0
    deleted: int = 0
    messages_with_time: int = 0
    night: int = 0
    longest_run: int = 0
    unanswered: int = 0
    reply_times: Histogram = field(default_factory=Histogram)
    words_text: str = ""
    speech: SpeechCounts = field(default_factory=SpeechCounts)
    switches: SwitchTracker = field(default_factory=SwitchTracker)
    top_words: tuple[WordCount, ...] | None = None

    @cached_property
    def words(self) -> Counter[str]:
        """The counts of topic words, as written."""
        entries = self.words_text.split()
        return Counter(dict(zip(entries[::2], map(int, entries[1::2]), strict=True)))

    def add(self, message: Message) -> None:
        """Count a photo, a call or a deleted message."""
        match message.kind:
            case Kind.PHOTO:
                self.photos += message.count
            case Kind.CALL:
                self.calls += 1
            case Kind.DELETED:
                self.deleted += 1

    def add_texts(self, features: Sequence[MessageFeatures]) -> None:
        """Count text messages."""
        self.top_words = None
        self.speech.add_all(features)
        self.characters += sum(message.length for message in features)
        for token, times in Counter(chain.from_iterable(message.tokens for message in features)).items():
            for topic in token.topics:
                self.words[topic] += times
        if len(self.words) > _MAX_WORDS_BEFORE_PRUNING:
            self.words = self.most_frequent_words(MAX_WORDS)

    def most_frequent_words(self, at_most: int) -> Counter[str]:
        """Return the most frequent words with their counts, the most frequent first."""
        return Counter(dict(heapq.nsmallest(at_most, self.words.items(), key=lambda item: (-item[1], item[0]))))


@dataclass
class WeekTally:
    """The counts of one week. ``initiations`` has the number of sessions that each participant began."""

    messages: int = 0
    reply_times: Histogram = field(default_factory=Histogram)
    initiations: Counter[str] = field(default_factory=Counter)


_NO_WEEK = WeekTally()


@dataclass
class ChatEnd:
    """The position at which the counted chat ended: the run of the last sender, the last day and the last minute.

    ``in_minute`` and ``notices`` are the numbers of messages and notices in the last minute.
    """

    sender: str = ""
    run: int = 0
    run_ended_at: float = 0.0
    day: int = 0
    minute: int = 0
    in_minute: int = 0
    notices: int = 0


@dataclass
class Tally:
    """The running counts of a room, over every message ever imported.

    ``events`` counts messages and notices. ``days`` is parsed from ``days_text`` on first use, because few readers need
    it.
    """

    people: dict[str, PersonTally] = field(default_factory=dict)
    weeks: dict[str, WeekTally] = field(default_factory=dict)
    days_text: str = "{}"
    heatmap: list[list[int]] = field(default_factory=lambda: [[0] * _HOURS_PER_DAY for _ in range(_DAYS_PER_WEEK)])
    messages: int = 0
    events: int = 0
    days_active: int = 0
    streak: int = 0
    sessions: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    end: ChatEnd = field(default_factory=ChatEnd)

    @cached_property
    def days(self) -> Days:
        """The sums of sentiment shares by day and participant."""
        days: Days = json.loads(self.days_text)
        return days

    @property
    def period_in_minutes(self) -> tuple[int, int]:
        """Return the times of the first and the last message in whole minutes since 1970, zeros without messages."""
        if self.first_at is None:
            return 0, 0
        return int(self.first_at.timestamp() // 60), self.end.minute

    def add(self, messages: Sequence[Message], *, has_times: bool = True) -> None:
        """Count messages that follow the counted ones, oldest first.

        Args:
            messages: The messages.
            has_times: Whether to count the figures that depend on time.
        """
        if not messages:
            return
        self._extend_period(messages)
        with gc_paused():
            for start in range(0, len(messages), _BATCH_SIZE):
                self._add_batch(messages[start : start + _BATCH_SIZE], has_times=has_times)

    def messages_after_end(self, messages: list[Message]) -> list[Message]:
        """Return the messages of an export that follow the counted ones.

        Text exports have times in whole minutes. In the last counted minute, the first messages and notices of the
        export are skipped, as many of each as were counted.
        """
        end = self.end
        later = [message for message in messages if minute_of(message) >= end.minute]
        counted = {False: end.in_minute, True: end.notices}
        new_messages = []
        for message in later:
            is_notice = message.sender is None
            if counted[is_notice] and minute_of(message) == end.minute:
                counted[is_notice] -= 1
            else:
                new_messages.append(message)
        return new_messages

    def _add_batch(self, messages: Sequence[Message], *, has_times: bool) -> None:
        sent_messages = [(message.sender, message) for message in messages if message.sender is not None]
        self._count(sent_messages, has_times=has_times)
        if has_times:
            self._count_times(sent_messages)
        self._count_texts(sent_messages, has_times=has_times)

    def _extend_period(self, messages: Sequence[Message]) -> None:
        end, minute = self.end, minute_of(messages[-1])
        if minute != end.minute:
            end.minute, end.in_minute, end.notices = minute, 0, 0
        in_last_minute = list(takewhile(lambda message: minute_of(message) == minute, reversed(messages)))
        end.notices += sum(message.sender is None for message in in_last_minute)
        end.in_minute += sum(message.sender is not None for message in in_last_minute)
        self.events += len(messages)
        self.first_at = self.first_at or messages[0].sent_at
        self.last_at = messages[-1].sent_at

    def _count(self, sent_messages: _SentMessages, *, has_times: bool) -> None:
        self.messages += len(sent_messages)
        for name, messages in Counter([name for name, _ in sent_messages]).items():
            person = self._person(name)
            person.messages += messages
            person.messages_with_time += messages if has_times else 0
        for name, message in sent_messages:
            if message.kind is _PHOTO or message.kind is _CALL or message.kind is _DELETED:
                self.people[name].add(message)

    def _count_times(self, sent_messages: _SentMessages) -> None:
        # Half of an import's time is spent here and in _count_texts. The loops avoid function calls per message.
        end, people = self.end, self.people
        sender, run, ended_at, day = end.sender, end.run, end.run_ended_at, end.day
        # _NO_WEEK stands for the week before the first message. The reply times of a day are added when the day
        # changes.
        week, hours = _NO_WEEK, self.heatmap[0]
        reply_times: dict[str, list[float]] = {name: [] for name in people}
        reply_times_of_day: list[float] = []
        for name, message in sent_messages:
            sent_at = message.sent_at
            person, at = people[name], sent_at.timestamp()
            if sent_at.toordinal() != day or week is _NO_WEEK:
                week.reply_times.add_all(reply_times_of_day)
                reply_times_of_day = []
                week, hours = self._week(sent_at), self.heatmap[sent_at.weekday()]
                self._count_day(day, sent_at.toordinal())
                day = sent_at.toordinal()
            pause = at - ended_at
            if pause > SESSION_GAP_SECONDS or not self.sessions:
                self._begin_session(sender, name, week)
                run = 0
            elif name != sender:
                reply_times[name].append(pause)
                reply_times_of_day.append(pause)
                run = 0
            sender, ended_at, run = name, at, run + 1
            if run > person.longest_run:  # noqa: PLR1730 (runs for every message)
                person.longest_run = run
            hour = sent_at.hour
            week.messages += 1
            hours[hour] += 1
            if hour in NIGHT_HOURS:
                person.night += 1
        week.reply_times.add_all(reply_times_of_day)
        for name, pauses in reply_times.items():
            people[name].reply_times.add_all(pauses)
        end.sender, end.run, end.run_ended_at, end.day = sender, run, ended_at, day

    def _count_texts(self, sent_messages: _SentMessages, *, has_times: bool) -> None:
        cache = _FeatureCache()
        texts = [
            (name, message.sent_at, cache[message.text]) for name, message in sent_messages if message.kind is _TEXT
        ]
        by_name: dict[str, list[tuple[datetime, MessageFeatures]]] = {}
        for name, sent_at, features in texts:
            by_name.setdefault(name, []).append((sent_at, features))
        for name, of_person in by_name.items():
            self.people[name].add_texts([features for _, features in of_person])
            if has_times:
                self.people[name].switches.add((features.level, sent_at) for sent_at, features in of_person)
        if has_times:
            self._count_sentiment(texts)

    def _count_sentiment(self, texts: _TextMessages) -> None:
        """Add the sentiment of text messages to the sums of their days."""
        for _, group in groupby(texts, lambda text: text[1].toordinal()):
            of_day = list(group)
            by_name: dict[str, list[SentimentShares]] = {}
            for name, _, features in of_day:
                by_name.setdefault(name, []).append(features.sentiment)
            sums = self._sums_of_day(of_day[0][1])
            for name, shares in by_name.items():
                new_sums = (len(shares), *map(sum, zip(*shares, strict=True)))
                sums[name] = [*map(add, sums.get(name, _NO_SUMS), new_sums)]

    def _sums_of_day(self, sent_at: datetime) -> dict[str, list[int]]:
        """Return the sums of a day by participant. A new day drops the oldest of too many."""
        day = sent_at.date().isoformat()
        sums = self.days.get(day)
        if sums is None:
            sums = self.days[day] = {}
            if len(self.days) > _MAX_DAYS:
                del self.days[min(self.days)]
        return sums

    def _begin_session(self, last_sender: str, sender: str, week: WeekTally) -> None:
        if self.sessions:
            self._person(last_sender).unanswered += 1
        self.sessions += 1
        self.people[sender].initiations += 1
        week.initiations[sender] += 1

    def _count_day(self, last_day: int, day: int) -> None:
        if day != last_day:
            self.days_active += 1
            self.streak = self.streak + 1 if day == last_day + 1 else 1

    def _week(self, sent_at: datetime) -> WeekTally:
        year, number, _ = sent_at.isocalendar()
        name = f"{year}-W{number:02}"
        week = self.weeks.get(name)
        if week is None:
            week = self.weeks[name] = WeekTally()
        return week

    def _person(self, name: str) -> PersonTally:
        person = self.people.get(name)
        if person is None:
            person = self.people[name] = PersonTally()
        return person

    def speech_of(self, name: str) -> SpeechCounts | None:
        """Return the speech counts of a participant, None if they wrote no text."""
        person = self.people.get(name)
        return person.speech if person and person.speech.messages else None

    def top_words_of(self, name: str) -> tuple[WordCount, ...]:
        """Return the most frequent words of a participant, without the participants' names."""
        person = self.people[name]
        if person.top_words is None:
            person.top_words = _top_words(person.words, self.people)
        return person.top_words

    def drop_rare_words(self) -> None:
        """Keep only the words that are frequent enough to be shown."""
        for person in self.people.values():
            words = merge_forms(person.words)
            person.words = Counter({word: n for word, n in words.items() if n >= _MIN_WORD_COUNT})

    def drop_old_weeks(self, max_weeks: int) -> None:
        """Keep only the latest weeks."""
        self.weeks = {name: self.weeks[name] for name in sorted(self.weeks)[-max_weeks:]}

    def keep_most_active(self, keep: Collection[str | None]) -> None:
        """Drop all participants but the most active ones and those in ``keep``."""
        ranked = heapq.nlargest(MAX_PEOPLE, self.people, key=lambda name: self.people[name].messages)
        names = {*ranked, *(name for name in self.people if name in keep)}
        if len(names) == len(self.people):
            return
        self.people = {name: person for name, person in self.people.items() if name in names}
        for week in self.weeks.values():
            week.initiations = Counter({name: n for name, n in week.initiations.items() if name in names})
        for sums in self.days.values():
            for name in sums.keys() - names:
                del sums[name]


def minute_of(message: Message) -> int:
    """Return the time of a message in whole minutes since 1970. Every export format has at least this precision."""
    return int(message.sent_at.timestamp() // 60)


def _top_words(words: Counter[str], names: Collection[str]) -> tuple[WordCount, ...]:
    name_parts = {part for name in names for part in name.split() if len(part) > 1}
    frequent = [
        (word, count)
        for word, count in merge_forms(words).items()
        if count >= _MIN_WORD_COUNT and not any(part in word for part in name_parts)
    ]
    top = heapq.nsmallest(_MAX_TOP_WORDS, frequent, key=lambda item: (-item[1], item[0]))
    return tuple(WordCount(word, count) for word, count in top)
