"""Agreement with the morphological analyser Kiwi on final endings and on nouns.

``python -m benchmarks.agreement`` stores what Kiwi returns for the lines of the tests, so that the tests do not need
Kiwi.
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
from chalicelib.domain import SpeechLevel
from chalicelib.korean.endings import level_of
from chalicelib.korean.nouns import merge_forms, topic_forms

PROJECT = Path(__file__).resolve().parent.parent
KIWI = PROJECT / ".local" / "kiwi" / "bin" / "python"
DATA = PROJECT / "tests" / "analysis" / "data"
SAMPLE_CHAT = PROJECT / "local" / "samples" / "kakaotalk_android.txt"
GOLDEN_CHATS = PROJECT / "tests" / "coaching" / "golden.json"
INVENTED, REVIEWS = "kiwi_invented.tsv", "kiwi_reviews.tsv"
_COLUMNS = "Columns: level of the final ending, nouns separated by |, text."
HEADERS = {
    INVENTED: f"# Results of Kiwi 0.24.1 for the invented lines. {_COLUMNS}",
    REVIEWS: f"# Results of Kiwi 0.24.1 for film reviews of the raw NSMC crawl (CC0). {_COLUMNS}",
}
# This environment variable may name a file of more reviews, such as NSMC's: the text is the last column.
REVIEWS_FILE = "REVIEWS"
MAX_REVIEWS_READ, MAX_REVIEWS_STORED = 20_000, 1_000
SEED = 20_261_123
# Top words are found for this many lines together, as if one person had written them.
LINES_PER_PERSON = 1_000
MAX_TOP_WORDS, MIN_WORD_COUNT = 20, 3

# The levels of Kiwi's final endings (EF). 하오체 and 하게체 are none of the four levels and are not compared.
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
POLITE_PARTICLES = frozenset(("요", "용", "염", "욤", "여"))
NOUN_TAGS = frozenset(("NNG", "NNP", "NR", "XPN", "XSN", "XR", "SL", "SN"))
IGNORED_TAGS = ("S", "W", "Z")


class Morpheme(NamedTuple):
    """A morpheme of Kiwi. ``start`` and ``length`` are in characters of the text."""

    form: str
    tag: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class KiwiResult:
    """Kiwi's result for a text: the level of its final ending, None without one, and its runs of nouns."""

    text: str
    level: SpeechLevel | None
    nouns: tuple[str, ...]


class Agreement(NamedTuple):
    """The number of cases in which both agree, and the number of all cases."""

    agreed: float
    cases: int

    @property
    def share(self) -> float:
        """Return the share of the cases in which both agree."""
        return self.agreed / self.cases if self.cases else 0.0


def kiwi_results(name: str, texts: Sequence[str]) -> list[KiwiResult]:
    """Return Kiwi's results for the texts, or the stored ones if Kiwi is not installed."""
    results = run_kiwi(texts)
    return stored_results(name) if results is None else results


def reviews() -> list[str]:
    """Return a fixed sample of the reviews that the environment names, or the shipped ones."""
    path = os.environ.get(REVIEWS_FILE)
    if not path:
        return [result.text for result in stored_results(REVIEWS)]
    lines = [line.split("\t")[-1] for line in Path(path).read_text("utf-8").splitlines()]
    rng = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    return rng.sample(lines, min(MAX_REVIEWS_READ, len(lines)))


def invented_lines() -> list[str]:
    """Return the lines with Hangul of the test sets, the golden chats and the sample chat."""
    sample = [line.partition(" : ")[2] for line in SAMPLE_CHAT.read_text("utf-8-sig").splitlines()]
    labelled = [text for name in ("formality_pairs.tsv", "chat_levels.tsv") for text in _columns_of(name)]
    golden = [line[2:] for chat in json.loads(GOLDEN_CHATS.read_text("utf-8"))["chats"] for line in chat["lines"]]
    lines = dict.fromkeys((*labelled, *golden, *sample))
    return [line for line in lines if any("가" <= letter <= "힣" for letter in line)]


def _columns_of(name: str) -> list[str]:
    return [text for line in lines_of(name) for text in line.split("\t")]


def lines_of(name: str) -> list[str]:
    """Return the lines of a test set without its comments."""
    return [line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#")]


def stored_results(name: str) -> list[KiwiResult]:
    """Return the stored results of Kiwi."""
    rows = (line.split("\t") for line in lines_of(name))
    return [
        KiwiResult(text, SpeechLevel(level) if level else None, tuple(nouns.split("|"))) for level, nouns, text in rows
    ]


def store_results() -> None:
    """Store Kiwi's results for the invented lines and the reviews.

    Raises:
        SystemExit: Kiwi is not installed.
    """
    for name, texts in ((INVENTED, invented_lines()), (REVIEWS, reviews()[:MAX_REVIEWS_STORED])):
        results = run_kiwi(texts)
        if results is None:
            raise SystemExit("Kiwi is not installed. `make bench` installs it.")
        rows = (f"{each.level.value if each.level else ''}\t{'|'.join(each.nouns)}\t{each.text}" for each in results)
        (DATA / name).write_text("\n".join((HEADERS[name], *rows)) + "\n", "utf-8")


def run_kiwi(texts: Sequence[str]) -> list[KiwiResult] | None:
    """Return Kiwi's results for the texts, None if it is not installed."""
    try:
        process = subprocess.run(
            [KIWI, "-I", PROJECT / "benchmarks" / "kiwi.py"],
            check=True,
            capture_output=True,
            input=json.dumps(texts),
            text=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    by_text = [[Morpheme(*each) for each in morphemes] for morphemes in json.loads(process.stdout)]
    return [
        KiwiResult(text, _level(morphemes), tuple(_noun_runs(text, morphemes)))
        for text, morphemes in zip(texts, by_text, strict=True)
    ]


def _level(morphemes: list[Morpheme]) -> SpeechLevel | None:
    """Return the level of the final ending if only signs and 요 follow it."""
    words = [each for each in morphemes if not each.tag.startswith(IGNORED_TAGS)]
    is_polite = bool(words) and words[-1].tag == "JX" and words[-1].form in POLITE_PARTICLES
    last = words[-2 if is_polite else -1] if len(words) > is_polite else None
    if last is None or last.tag != "EF":
        return None
    return SpeechLevel.HAEYO if is_polite else next(level for level, form in LEVELS if form.search(last.form))


def _noun_runs(text: str, morphemes: list[Morpheme]) -> Iterator[str]:
    """Yield nouns and compounds: the stretches of the text with nominal morphemes and no gap between them."""
    start = end = 0
    for each in (*morphemes, Morpheme("", "", len(text), 0)):
        if each.tag in NOUN_TAGS and each.start == end and end > start:
            end = each.start + each.length
            continue
        if end > start:
            yield text[start:end]
        start, end = (each.start, each.start + each.length) if each.tag in NOUN_TAGS else (0, 0)


def on_endings(results: Iterable[KiwiResult]) -> Agreement:
    """Compare the levels of the texts in which Kiwi finds a final ending."""
    compared = [(result.level, level_of(result.text)) for result in results if result.level is not None]
    return Agreement(sum(theirs is ours for theirs, ours in compared), len(compared))


def on_top_words(results: Sequence[KiwiResult]) -> Agreement:
    """Compare the top words of each person, by the share of their texts in which Kiwi finds a noun with the word.

    A word counts as often as it occurs.
    """
    agreed, cases = 0.0, 0
    for start in range(0, len(results), LINES_PER_PERSON):
        of_person = results[start : start + LINES_PER_PERSON]
        words = merge_forms(Counter(form for result in of_person for form in topic_forms(result.text)))
        for word, count in words.most_common(MAX_TOP_WORDS):
            if count >= MIN_WORD_COUNT:
                agreed += count * _noun_share(word, of_person)
                cases += count
    return Agreement(agreed, cases)


def _noun_share(word: str, results: Iterable[KiwiResult]) -> float:
    is_noun = [_is_in_noun(word, result) for result in results if word in result.text]
    return sum(is_noun) / len(is_noun)


def on_key_phrases(results: Iterable[KiwiResult]) -> Agreement:
    """Compare the key phrases of each text with Kiwi's nouns."""
    compared = [_is_in_noun(phrase, result) for result in results for phrase in analyse(result.text).key_phrases]
    return Agreement(sum(compared), len(compared))


def _is_in_noun(word: str, result: KiwiResult) -> bool:
    return any(word in noun for noun in result.nouns)


if __name__ == "__main__":
    store_results()
