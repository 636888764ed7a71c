"""The merge of an export into its room."""

from __future__ import annotations

from chalicelib.analysis.tally import Tally
from chalicelib.analysis.tally_document import to_document
from chalicelib.domain import StoredMessage
from chalicelib.merging.merge import RoomHistory, merge
from tests.support.exports import android, read

LINES = [("하늘" if number % 3 else "바다", f"{number}번째 말") for number in range(30)]


def chat(start, stop):
    return read(android(LINES[start:stop], start=start))


def tally(start, stop):
    counts = Tally()
    counts.add(chat(start, stop).messages)
    return counts


def history(start, stop, stored=None):
    """Return a room with the lines from ``start`` to ``stop``. Only the latest ``stored`` lines are rows."""
    rows = [
        StoredMessage(str(position), position, message, message.sent_at)
        for position, message in enumerate(chat(start, stop).messages)
    ]
    return RoomHistory(tally(start, stop), rows=rows if stored is None else rows[len(rows) - stored :])


def test_every_message_of_the_first_export_is_new():
    merged = merge(None, chat(0, 30), limit=100)
    assert (merged.new_message_count, merged.first_position, len(merged.messages)) == (30, 0, 30)


def test_only_the_latest_messages_are_stored():
    merged = merge(None, chat(0, 30), limit=10)
    assert (merged.first_position, merged.messages[0].text) == (20, "20번째 말")


def test_an_export_of_the_whole_period_replaces_the_room():
    merged = merge(history(5, 20), chat(0, 30), limit=100)
    assert (merged.new_message_count, merged.carried_positions, len(merged.messages)) == (15, range(0), 30)


def test_a_later_export_is_appended_and_stored_messages_are_carried_over():
    merged = merge(history(0, 20), chat(10, 30), limit=15)
    assert merged.new_message_count == 10
    assert [message.text for message in merged.messages] == [text for _, text in LINES[20:]]
    assert merged.carried_positions == range(15, 20)
    assert to_document(merged.tally) == to_document(tally(0, 30))


def test_an_export_after_a_gap_is_appended():
    merged = merge(history(0, 10), chat(20, 30), limit=100)
    assert (merged.new_message_count, merged.carried_positions, merged.tally.messages) == (10, range(10), 20)


def test_an_older_or_equal_part_adds_nothing():
    assert merge(history(0, 30), chat(0, 20), limit=100) is None
    assert merge(history(0, 30), chat(10, 30), limit=100) is None


def test_expired_rows_are_not_carried_over():
    merged = merge(history(0, 20, stored=0), chat(10, 30), limit=100)
    assert merged.carried_positions == range(0)


def test_an_earlier_export_keeps_the_stored_messages_after_its_end():
    merged = merge(history(10, 30), chat(0, 20), limit=25)
    assert (merged.new_message_count, merged.carried_positions) == (10, range(0))
    assert [message.text for message in merged.messages] == [text for _, text in LINES[5:]]
    assert to_document(merged.tally) == to_document(tally(0, 30))


def test_an_earlier_export_adds_nothing_if_the_messages_after_it_have_expired():
    assert merge(history(10, 30, stored=5), chat(0, 20), limit=100) is None
