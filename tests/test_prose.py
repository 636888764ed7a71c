"""The prose rules of CONTRIBUTING.md that a program can check, for docstrings, comments and Markdown."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent

BAD_BEGINNING = re.compile(r"(?:Of|What|Who|Whom|Whose|Whether)\b")
NOQA = re.compile(r"# noqa\b(?!: [A-Z0-9, ]+ \()")
BAD_WORDS = re.compile(r"\b(?:anew|whoever|nobody\b[^.:;|]*\bwho)\b", re.IGNORECASE)
# Files whose every line is checked, since their comments cannot be told from their code by one rule.
PLAIN_FILES = {"Makefile", ".sh", ".sql", ".toml", ".ts", ".cjs", ".yaml", ".yml"}


class Finding(NamedTuple):
    """A line that breaks a rule."""

    path: str
    line: int
    text: str


def tracked_files():
    """The repository's text files, by path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (the git of the developer)
        cwd=PROJECT,
        capture_output=True,
        check=True,
    ).stdout
    for name in listed.decode().split("\0"):
        path = PROJECT / name
        if {path.suffix, path.name} & {".py", ".md", ".json", *PLAIN_FILES} and path.is_file():
            yield name, path.read_text("utf-8")


def bad_beginnings(name, source):
    """Docstrings that begin with a word like What or Of."""
    # Parsing every file would take seconds; few files have a string that begins so.
    if not re.search(rf'"""{BAD_BEGINNING.pattern}', source):
        return
    for line, text in docstrings(source):
        if BAD_BEGINNING.match(text):
            yield Finding(name, line, text.partition("\n")[0])


def bad_words(name, source):
    """Uses of the refused words where the rules apply."""
    if not BAD_WORDS.search(source):
        return
    for line, text in prose(name, source):
        if match := BAD_WORDS.search(text):
            yield Finding(name, line, match[0])


def unexplained_suppressions(name, source):
    """Suppressions of a lint rule without a reason in parentheses."""
    for number, line in lines(source):
        if NOQA.search(line):
            yield Finding(name, number, line.strip())


def prose(name, source):
    """The parts of a file that people read, each with its line."""
    path = Path(name)
    if path.suffix == ".py":
        yield from docstrings(source)
        yield from comments(source)
    elif path.suffix == ".md":
        yield from markdown(name, source)
    elif path.suffix == ".json":
        yield from ((number, line) for number, line in lines(source) if '"about"' in line)
    else:
        yield from lines(source)


def docstrings(source):
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def comments(source):
    """Blocks of comment lines, so that a phrase may span two lines."""
    block, first, last = [], 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if line != last + 1 and block:
            yield first, " ".join(block)
            block = []
        first, last = (first if block else line), line
        block.append(token.string.lstrip("# "))
    if block:
        yield first, " ".join(block)


def markdown(name, source):
    """Lines outside fenced code; CONTRIBUTING.md quotes the refused words in its section on prose."""
    fenced, section = False, ""
    for number, line in lines(source):
        fenced ^= line.lstrip().startswith("```")
        section = line if line.startswith("## ") else section
        if not fenced and (name, section) != ("CONTRIBUTING.md", "## Prose"):
            yield number, line


def lines(source):
    return enumerate(source.splitlines(), start=1)


def report(findings):
    return "\n".join(f"{path}:{line}: {text}" for path, line, text in findings)


def test_docstrings_begin_with_a_verb_or_a_noun_phrase():
    findings = [one for name, source in tracked_files() if name.endswith(".py") for one in bad_beginnings(name, source)]
    assert findings == [], f"rule 1 of the section on prose in CONTRIBUTING.md:\n{report(findings)}"


def test_prose_has_none_of_the_refused_words():
    findings = [one for name, source in tracked_files() for one in bad_words(name, source)]
    assert findings == [], f"rule 4 of the section on prose in CONTRIBUTING.md:\n{report(findings)}"


def test_a_suppression_outside_the_tests_states_its_reason():
    sources = [(name, source) for name, source in tracked_files() if name.endswith(".py")]
    findings = [
        one
        for name, source in sources
        if not name.startswith("tests/")
        for one in unexplained_suppressions(name, source)
    ]
    assert findings == [], f"state the reason in parentheses:\n{report(findings)}"


PYTHON = '''"""Whose module this is."""
# Let nobody open a room
# who does not own it.
TEXT = """What is not a docstring"""
def f():
    """Begin anew."""
    return "anew"
def g():
    """Of two rooms, return the first."""
'''
MARKDOWN = "## Prose\nWhoever asks.\n```\nanew\n```\n"


def test_the_check_finds_what_it_should_and_nothing_else():
    assert [(one.line, one.text) for one in bad_beginnings("a.py", PYTHON)] == [
        (1, "Whose module this is."),
        (9, "Of two rooms, return the first."),
    ]
    assert [(one.line, one.text) for one in bad_words("a.py", PYTHON)] == [(6, "anew"), (2, "nobody open a room who")]
    assert [one.line for one in bad_words("docs/a.md", MARKDOWN)] == [2]
    suppressions = "import a  # noqa: PLC0415\nimport b  # noqa: PLC0415 (slow)\nimport c  # noqa\n"
    assert [one.line for one in unexplained_suppressions("a.py", suppressions)] == [1, 3]
    assert list(bad_words("CONTRIBUTING.md", MARKDOWN)) == []
    assert [one.line for one in bad_words("a.json", '{"about": "made anew",\n"say": "anew"}')] == [1]
    assert [one.line for one in bad_words("Makefile", "a:\n\techo anew")] == [2]
