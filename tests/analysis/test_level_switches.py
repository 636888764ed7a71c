"""A switch between 존댓말 and 반말 is a lasting one."""

from datetime import UTC, datetime, timedelta

from chalicelib.analysis.level_switches import SwitchWatch
from chalicelib.domain import SpeechLevel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YO, HAE, NEUTRAL = SpeechLevel.HAEYO, SpeechLevel.HAE, SpeechLevel.NEUTRAL


def seen(levels):
    watch = SwitchWatch()
    watch.see((level, NOON + timedelta(minutes=number)) for number, level in enumerate(levels))
    return watch


def switches(levels):
    return [
        ((switch.at - NOON) // timedelta(minutes=1), switch.before, switch.after) for switch in seen(levels).switches
    ]


def test_a_lasting_change_dates_from_its_first_message():
    assert switches([YO] * 20 + [HAE] * 20) == [(20, "존댓말", "반말")]


def test_a_casual_line_among_polite_ones_is_no_switch():
    assert switches(([YO] * 6 + [HAE] * 2) * 10) == []


def test_messages_without_a_level_say_nothing():
    assert switches([YO, NEUTRAL] * 20) == []


def test_there_and_back_are_two_switches():
    assert [after for _, _, after in switches([YO] * 20 + [HAE] * 20 + [YO] * 20)] == ["반말", "존댓말"]


def test_watching_goes_on_where_it_was_left():
    watch = seen([YO] * 20 + [HAE] * 4)
    again = SwitchWatch.from_document(watch.to_document())
    assert again == watch
