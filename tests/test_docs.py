"""The documentation refers to files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib import data_files
from chalicelib.api.openapi.document import OperationTexts
from chalicelib.coaching.intents import IntentRule
from chalicelib.coaching.safety import SafetyRule
from chalicelib.coaching.templates import IntentReplies
from chalicelib.parsing import placeholders

PROJECT = Path(__file__).resolve().parent.parent
PAGES = (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[\w-]+)?\)")
ANCHORED_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)#([^)\s]+)\)")
# Paths in backticks from the root of the repository.
PATH = re.compile(r"`((?:benchmarks|chalicelib|docs|infrastructure|local|migrations|tests|training)/[\w./-]*)`")
# Files that an example in docs/recipes.md creates.
EXAMPLES = re.compile(r"pigeon")
TEST = re.compile(r"\b(test_\w+)(?!\.py|\w)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_leads_to_a_file(page):
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def anchors(page):
    """Return the anchors of a page's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_anchor_of_a_link_is_a_heading(page):
    links = [link for link in ANCHORED_LINK.findall(page.read_text()) if "://" not in link[0]]
    missing = [link for link in links if link[1] not in anchors(page.parent / link[0] if link[0] else page)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_path_exists(page):
    paths = [path for path in PATH.findall(page.read_text()) if not EXAMPLES.search(path)]
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_every_test_that_security_md_names_exists():
    names = set(TEST.findall((PROJECT / "docs" / "security.md").read_text()))
    sources = "".join(path.read_text() for path in (PROJECT / "tests").rglob("test_*.py"))
    assert len(names) > 30
    assert {name for name in names if f"def {name}(" not in sources} == set()


def test_every_test_file_that_security_md_names_exists():
    names = set(re.findall(r"[\w/]*test_\w+\.py", (PROJECT / "docs" / "security.md").read_text()))
    files = [f"/{path.relative_to(PROJECT)}" for path in (PROJECT / "tests").rglob("test_*.py")]
    assert {name for name in names if not any(file.endswith(f"/{name}") for file in files)} == set()


def json_examples(page):
    """Return the JSON examples of a page. An entry of an object becomes an object."""
    # The recipe adds this code to the enum.
    source = page.read_text().replace('"code": "drunk"', '"code": "ok"')
    blocks = re.findall(r"```json\n(.*?)```", source, flags=re.DOTALL)
    texts = [block.strip().removesuffix(",").replace('["…"]', "[]") for block in blocks]
    return [text if text.startswith("{") else f"{{{text}}}" for text in texts]


def test_the_json_examples_of_the_recipes_can_be_loaded(tmp_path):
    kinds = (
        placeholders._AppWords,
        dict[str, OperationTexts],
        dict[str, IntentRule],
        dict[str, IntentReplies],
        dict[str, str | list[str]],  # a golden conversation
        SafetyRule,
    )
    file = tmp_path / "example.json"
    for example, kind in zip(json_examples(PROJECT / "docs" / "recipes.md"), kinds, strict=True):
        file.write_text(example)
        data_files.load(file, kind)
