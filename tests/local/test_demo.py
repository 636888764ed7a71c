"""`make demo` in a clone."""
from __future__ import annotations

import psutil
import pytest

from local.processes import free_port
from tests.local.conftest import command

pytestmark = pytest.mark.slow


def test_the_demo_starts_the_stack_and_leaves_nothing_running(clone):
    demo = command(clone, "demo", PORT=str(free_port()))
    assert demo.returncode == 0, demo.stderr
    for part in ("612", "[안전형]", "[균형형]", "[대담형]", "make test"):
        assert part in demo.stdout
    assert "\x1b[" not in demo.stdout
    assert [process.info for process in psutil.process_iter(["cmdline", "cwd"]) if belongs_to(clone, process)] == []
    assert not (clone / ".local" / "stack.json").exists()


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
