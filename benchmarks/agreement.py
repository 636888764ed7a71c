"""How often our light reading of Korean agrees with the analyser Kiwi: on final endings, and on nouns.

``python -m benchmarks.agreement`` writes down what Kiwi makes of the lines the
tests hold us to, so that they need no Kiwi.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chalicelib.analysis.emotion import analyse
from chalicelib.analysis.speech import level_of
from chalicelib.domain import SpeechLevel
from chalicelib.korean.nouns import merge_forms, topic_forms

PROJECT = Path(__file__).resolve().parent.parent
KIWI = PROJECT / ".local" / "kiwi" / "bin" / "python"
DATA = PROJECT / "tests" / "analysis" / "data"
SAMPLE = PROJECT / "local" / "samples" / "kakaotalk_android.txt"
GOLDEN = PROJECT / "tests" / "coaching" / "golden.json"
INVENTED, REVIEWS = "kiwi_invented.tsv", "kiwi_reviews.tsv"
_COLUMNS = "A line each: the level of the final ending, nouns between |, the text."
HEADS = {
    INVENTED: f"# What Kiwi 0.24.1 makes of the invented lines. {_COLUMNS}",
    REVIEWS: f"# What Kiwi 0.24.1 makes of film reviews of the raw NSMC crawl (CC0). {_COLUMNS}",
}
# The environment may name a file of more reviews, such as NSMC's: the last column of a file with tabs.
REVIEWS_FILE = "REVIEWS"
REVIEWS_READ, REVIEWS_WRITTEN = 20_000, 1_000
SEED = 20_261_123
# Top words are those of so many lines together, as if one person had written them.
LINES_OF_A_PERSON = 1_000
SHOWN, SAID_AT_LEAST = 20, 3

# What Kiwi's final endings (EF) say. 하오체 and 하게체 are none of the four levels, and not compared.
LEVELS = (
    (
        SpeechLevel.HASIPSIO,
        re.compile(
            r"(?:[ᆸᆷ]|[습읍슴답랍])니[다까]|[ᆸ습]디다|읍시다|ᆸ시다|시오|쇼|시요|슴[다까]|ᆷ다|[나더소]이다|올시다|소서"
        ),
    ),
    (None, re.compile(r"(?:^|으|리|다)(?:오|우|소)$|ᆯ세$|^게$|구려$|리요$")),
    (SpeechLevel.HAEYO, re.compile(r"[요여염용욤유죠쥬]$")),
    (SpeechLevel.HAE, re.compile(r"[다라자]고$|[다라더으]니$|니까$")),
    (SpeechLevel.HAERA, re.compile(r"[다댜냐니자쟈라렴마랴당]$")),
    (SpeechLevel.HAE, re.compile("")),
)
NOUNS = frozenset(("NNG", "NNP", "NR", "XPN", "XSN", "XR", "SL", "SN"))
PASSED_OVER = ("S", "W", "Z")


class Morpheme(NamedTuple):
    """A morpheme as Kiwi tells it; ``start`` and ``length`` in characters of the text."""

    form: str
    tag: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What Kiwi makes of a text: the level of its final ending, None without one, and its runs of nouns."""

    text: str
    level: SpeechLevel | None
    nouns: tuple[str, ...]


class Agreement(NamedTuple):
    """In how many of how many cases the two agree."""

    agreed: float
    cases: int

    @property
    def share(self) -> float:
        """The share of the cases in which they do."""
        return self.agreed / self.cases if self.cases else 0.0


def answers(name: str, texts: Sequence[str]) -> list[Answer]:
    """Return what Kiwi makes of the texts, or made of those that are written down where it is not installed."""
    asked = ask_kiwi(texts)
    return written_answers(name) if asked is None else asked


def reviews() -> list[str]:
    """Return reviews of the file that the environment names, the same at every run, else the few that are shipped."""
    path = os.environ.get(REVIEWS_FILE)
    if not path:
        return [answer.text for answer in written_answers(REVIEWS)]
    lines = [line.split("\t")[-1] for line in Path(path).read_text("utf-8").splitlines()]
    return random.Random(SEED).sample(lines, min(REVIEWS_READ, len(lines)))  # noqa: S311 (a sample, not a secret)


def invented_lines() -> list[str]:
    """Return every line of the test sets, the golden chats and the sample chat that has a letter of Hangul."""
    said = [line.partition(" : ")[2] for line in SAMPLE.read_text("utf-8-sig").splitlines()]
    labelled = [text for name in ("formality_pairs.tsv", "chat_levels.tsv") for text in _texts_of(name)]
    golden = [line[2:] for talk in json.loads(GOLDEN.read_text("utf-8"))["chats"] for line in talk["lines"]]
    lines = dict.fromkeys((*labelled, *golden, *said))
    return [line for line in lines if any("가" <= letter <= "힣" for letter in line)]


def _texts_of(name: str) -> list[str]:
    return [text for line in lines_of(name) for text in line.split("\t")]


def lines_of(name: str) -> list[str]:
    """Return the lines of a test set, without those that say what follows."""
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#")]


def written_answers(name: str) -> list[Answer]:
    """Return the answers of Kiwi that were written down."""
    rows = (line.split("\t") for line in lines_of(name))
    return [Answer(text, SpeechLevel(level) if level else None, tuple(nouns.split("|"))) for level, nouns, text in rows]


def write_answers() -> None:
    """Write down what Kiwi makes of the invented lines and of the reviews.

    Raises:
        SystemExit: Kiwi is not installed.
    """
    for name, texts in ((INVENTED, invented_lines()), (REVIEWS, reviews()[:REVIEWS_WRITTEN])):
        asked = ask_kiwi(texts)
        if asked is None:
            raise SystemExit("Kiwi is not installed: make bench does that")
        rows = (f"{each.level.value if each.level else ''}\t{'|'.join(each.nouns)}\t{each.text}" for each in asked)
        (DATA / name).write_text("\n".join((HEADS[name], *rows)) + "\n", "utf-8")


def ask_kiwi(texts: Sequence[str]) -> list[Answer] | None:
    """Return what Kiwi makes of the texts, None where it is not installed."""
    try:
        done = subprocess.run(
            [KIWI, "-I", PROJECT / "benchmarks" / "kiwi.py"],
            check=True,
            capture_output=True,
            input=json.dumps(texts),
            text=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    found = [[Morpheme(*each) for each in morphemes] for morphemes in json.loads(done.stdout)]
    return [_answer(text, morphemes) for text, morphemes in zip(texts, found, strict=True)]


def _answer(text: str, morphemes: list[Morpheme]) -> Answer:
    return Answer(text, _level(morphemes), tuple(_noun_runs(text, morphemes)))


def _level(morphemes: list[Morpheme]) -> SpeechLevel | None:
    """The level of the final ending, where nothing but signs and 요 follows it."""
    spoken = [each for each in morphemes if not each.tag.startswith(PASSED_OVER)]
    is_polite = bool(spoken) and spoken[-1].tag == "JX" and spoken[-1].form in {"요", "용", "염", "욤", "여"}
    last = spoken[-2 if is_polite else -1] if len(spoken) > is_polite else None
    if last is None or last.tag != "EF":
        return None
    return SpeechLevel.HAEYO if is_polite else next(level for level, form in LEVELS if form.search(last.form))


def _noun_runs(text: str, morphemes: list[Morpheme]) -> Iterator[str]:
    """Nouns and compounds: what stands in the text where one morpheme after another is nominal, without a gap."""
    start = end = 0
    for each in (*morphemes, Morpheme("", "", len(text), 0)):
        if each.tag in NOUNS and each.start == end and end > start:
            end = each.start + each.length
            continue
        if end > start:
            yield text[start:end]
        start, end = (each.start, each.start + each.length) if each.tag in NOUNS else (0, 0)


def on_endings(answers: Iterable[Answer]) -> Agreement:
    """Compare the levels of the texts in which Kiwi finds a final ending."""
    compared = [(answer.level, level_of(answer.text)) for answer in answers if answer.level is not None]
    return Agreement(sum(theirs is ours for theirs, ours in compared), len(compared))


def on_top_words(answers: Sequence[Answer]) -> Agreement:
    """Compare the words said most, of so many texts each, by how often they stand for a noun; each as often as said."""
    agreed, cases = 0.0, 0
    for first in range(0, len(answers), LINES_OF_A_PERSON):
        part = answers[first : first + LINES_OF_A_PERSON]
        said = merge_forms(Counter(form for answer in part for form in topic_forms(answer.text)))
        for word, count in said.most_common(SHOWN):
            if count >= SAID_AT_LEAST:
                agreed += count * _share_of_nouns(word, part)
                cases += count
    return Agreement(agreed, cases)


def _share_of_nouns(word: str, answers: Iterable[Answer]) -> float:
    with_it = [_is_noun(word, answer) for answer in answers if word in answer.text]
    return sum(with_it) / len(with_it)


def on_key_phrases(answers: Iterable[Answer]) -> Agreement:
    """Compare the key phrases of each text."""
    compared = [_is_noun(phrase, answer) for answer in answers for phrase in analyse(answer.text).key_phrases]
    return Agreement(sum(compared), len(compared))


def _is_noun(word: str, answer: Answer) -> bool:
    return any(word in nouns for nouns in answer.nouns)


if __name__ == "__main__":
    write_answers()
