"""`make demo`: what it prints, and the command in a clone."""

from __future__ import annotations

import io
import re

import psutil
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from local import demo
from local.processes import free_port
from tests.local.conftest import command


def printed(**options):
    console = Console(file=io.StringIO(), width=140, **options)
    people = [{"name": "하늘", "role": "me"}, {"name": "Bob", "role": "partner"}]
    rows = [[demo._name(people[0]), demo._bar(0.9), "1,000개"], [demo._name(people[1]), demo._bar(0.1), "9개"]]
    demo._print(console, [demo._heading("누가 · who"), demo._table(rows)], [Text("말 " * 100)])
    return console.file.getvalue()


def test_columns_are_aligned_although_hangul_is_two_columns_wide():
    first, second = [line for line in printed().splitlines() if "개" in line]
    assert cell_len(first[: first.index("█")]) == cell_len(second[: second.index("█")])
    assert cell_len(first.rstrip()) == cell_len(second.rstrip())


def test_colours_are_only_for_terminals_and_leave_the_text_as_it_is():
    plain, coloured = printed(), printed(force_terminal=True, color_system="standard")
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.slow
def test_the_demo_starts_the_stack_and_leaves_nothing_running(clone):
    demo = command(clone, "demo", PORT=str(free_port()))
    assert demo.returncode == 0, demo.stderr
    for part in ("612", "[안전형]", "[균형형]", "[대담형]", "make test"):
        assert part in demo.stdout
    assert "\x1b[" not in demo.stdout
    assert [process.info for process in psutil.process_iter(["cmdline", "cwd"]) if belongs_to(clone, process)] == []
    assert not (clone / ".local" / "stack.json").exists()


@pytest.mark.slow
def test_the_demo_reports_what_is_wrong_with_a_file(clone, tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("no chat at all\n" * 20)
    demo = command(clone, "demo", PORT=str(free_port()), FILE=str(path))
    assert demo.returncode == 1
    assert "unrecognised_format" in demo.stderr
    assert "Traceback" not in demo.stderr
    missing = command(clone, "demo", PORT=str(free_port()), FILE=str(tmp_path / "nowhere.txt"))
    assert missing.returncode == 1
    assert "nowhere.txt cannot be read" in missing.stderr


def belongs_to(clone, process):
    """Return whether a process works in a clone, or was started with a path in it."""
    places = [process.info["cwd"] or "", *(process.info["cmdline"] or ())]
    return any(str(clone) in place for place in places)
