"""Counting a chat in parts."""

from __future__ import annotations

import random

import pytest

from chalicelib.analysis.tally import MAX_PEOPLE
from chalicelib.analysis.tally_document import dump, load, to_document
from tests.analysis.messages import counted, message, random_chat


@pytest.mark.parametrize("seed", range(8))
def test_counting_in_parts_equals_counting_at_once(seed):
    messages = random_chat(seed)
    cut = random.Random(seed).randrange(len(messages))
    tally = load(dump(counted(*messages[:cut])))
    tally.add(messages[cut:])
    assert to_document(tally) == to_document(counted(*messages))


@pytest.mark.parametrize("seed", range(8))
def test_of_an_overlapping_export_only_the_new_messages_are_unseen(seed):
    messages = random_chat(seed)
    rng = random.Random(seed)
    end = rng.randrange(1, len(messages))
    first_minute = messages[0].sent_at
    start = next((n for n, m in enumerate(messages) if m.sent_at > first_minute), 0)
    assert counted(*messages[:end]).messages_after_end(messages[start:]) == messages[max(end, start) :]


def test_the_most_active_participants_and_the_named_ones_are_kept():
    names = [f"{number}번째 손님" for number in range(MAX_PEOPLE + 2)]
    tally = counted(*(message(place, name) for place, name in enumerate([*names, *names[1:]])))
    tally.keep_most_active(keep=(names[0],))
    assert names[0] in tally.people
    assert len(tally.people) == MAX_PEOPLE + 1
    assert all(set(week.initiations) <= set(tally.people) for week in tally.weeks.values())
    assert all(set(sums) <= set(tally.people) for sums in tally.days.values())
