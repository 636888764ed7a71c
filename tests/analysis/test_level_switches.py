"""Lasting switches between 존댓말 and 반말."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.analysis.level_switches import SwitchTracker
from chalicelib.domain import SpeechLevel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YO, HAE, NEUTRAL = SpeechLevel.HAEYO, SpeechLevel.HAE, SpeechLevel.NEUTRAL


def tracked(levels):
    tracker = SwitchTracker()
    tracker.add((level, NOON + timedelta(minutes=number)) for number, level in enumerate(levels))
    return tracker


def switches(levels):
    return [
        ((switch.at - NOON) // timedelta(minutes=1), switch.before, switch.after) for switch in tracked(levels).switches
    ]


def test_a_lasting_change_dates_from_its_first_message():
    assert switches([YO] * 20 + [HAE] * 20) == [(20, "존댓말", "반말")]


def test_a_casual_line_among_polite_ones_is_no_switch():
    assert switches(([YO] * 6 + [HAE] * 2) * 10) == []


def test_messages_without_a_level_are_ignored():
    assert switches([YO, NEUTRAL] * 20) == []


def test_there_and_back_are_two_switches():
    assert [after for _, _, after in switches([YO] * 20 + [HAE] * 20 + [YO] * 20)] == ["반말", "존댓말"]


def test_tracking_continues_from_a_stored_document():
    tracker = tracked([YO] * 20 + [HAE] * 4)
    assert SwitchTracker.from_document(tracker.to_document()) == tracker
