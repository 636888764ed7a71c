"""What an export does to its room, decided on figures alone."""

from chalicelib.analysis.tally import Tally
from chalicelib.analysis.tally_document import to_document
from chalicelib.domain import KeptMessage
from chalicelib.merging.merge import RoomHistory, merge
from tests.support.exports import android, read

LINES = [("하늘" if number % 3 else "바다", f"{number}번째 말") for number in range(30)]


def chat(start, stop):
    return read(android(LINES[start:stop], start=start))


def tally(start, stop):
    counted = Tally()
    counted.add(chat(start, stop).messages)
    return counted


def known(start, stop, kept=None):
    """A room that holds the lines from ``start`` to ``stop``, the latest ``kept`` of them as rows."""
    rows = [
        KeptMessage(str(place), place, message, message.sent_at)
        for place, message in enumerate(chat(start, stop).messages)
    ]
    return RoomHistory(tally(start, stop), kept=rows[len(rows) - kept :] if kept is not None else rows)


def test_the_first_export_is_all_new():
    merged = merge(None, chat(0, 30), limit=100)
    assert (merged.new_messages, merged.first_position, len(merged.kept)) == (30, 0, 30)


def test_only_the_latest_are_kept():
    merged = merge(None, chat(0, 30), limit=10)
    assert (merged.first_position, merged.kept[0].text) == (20, "20번째 말")


def test_a_covering_export_replaces():
    merged = merge(known(5, 20), chat(0, 30), limit=100)
    assert (merged.new_messages, merged.carried, len(merged.kept)) == (15, range(0), 30)


def test_a_later_export_adds_and_what_is_known_is_carried_over():
    merged = merge(known(0, 20), chat(10, 30), limit=15)
    assert merged.new_messages == 10
    assert [m.text for m in merged.kept] == [text for _, text in LINES[20:]]
    assert merged.carried == range(15, 20)
    assert to_document(merged.tally) == to_document(tally(0, 30))


def test_an_export_after_a_pause_continues_too():
    merged = merge(known(0, 10), chat(20, 30), limit=100)
    assert (merged.new_messages, merged.carried, merged.tally.messages) == (10, range(10), 20)


def test_an_older_or_equal_part_brings_nothing():
    assert merge(known(0, 30), chat(0, 20), limit=100) is None
    assert merge(known(0, 30), chat(10, 30), limit=100) is None


def test_rows_that_expired_are_not_carried_over():
    merged = merge(known(0, 20, kept=0), chat(10, 30), limit=100)
    assert merged.carried == range(0)


def test_an_earlier_part_takes_what_the_room_has_after_its_end():
    merged = merge(known(10, 30), chat(0, 20), limit=25)
    assert (merged.new_messages, merged.carried) == (10, range(0))
    assert [m.text for m in merged.kept] == [text for _, text in LINES[5:]]
    assert to_document(merged.tally) == to_document(tally(0, 30))


def test_an_earlier_part_adds_nothing_where_what_follows_is_no_longer_kept():
    assert merge(known(10, 30, kept=5), chat(0, 20), limit=100) is None
