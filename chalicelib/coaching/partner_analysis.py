"""What the partner may be like and how to be with them, from what the user told and from the chat.

The texts and their rules are ``data/partner_analysis.json``; traits and their evidence are those of ``partner``,
whether to hold back at all is ``safety``'s to say. Nothing here is about the user's chances.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.analysis import speech as speech_analysis
from chalicelib.analysis.style_match import style_match
from chalicelib.coaching import interest, resources, safety, traits
from chalicelib.coaching.conversation import Conversation
from chalicelib.coaching.safety import Verdict
from chalicelib.domain import Briefing, ChatLine, HelpLine, Kind, PartnerFacts, Role, Speech, SpeechLevel, Trait
from chalicelib.domain.partners import PartnerAnalysis, TraitEvidence
from chalicelib.korean.particles import with_particle

ENGINE = "local"

# Fewer messages than this say little of how somebody speaks.
_LEAST_MESSAGES = 5
# What a question ratio is measured against, so that a few questions more or less weigh little.
_QUESTIONS_SMOOTHED = 0.1
_ADULT = 19
_SHORTEST_NAME = 2
_FULL_NAME = 3
_LISTS = ("preferences", "advice", "topics", "risks")
_OPEN_MODE = "friendship_only"
# No rule used here reads the time.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

# One thing known of the partner: lines by list, and perhaps an approach.
Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules are asked about. ``me`` and ``them`` are None when too little was said."""

    briefing: Briefing
    verdict: Verdict
    traits: tuple[Trait, ...]
    me: Speech | None
    them: Speech | None
    relationship: str
    told: str
    mbti: str

    @property
    def mode(self) -> Rule | None:
        """The texts that stand in the place of the relationship's, where contact itself is the question."""
        table = _table()
        mode: Rule | None = table["modes"].get(table["harm"]["mode"] if self.harmed else self.code)
        return mode

    @property
    def code(self) -> str:
        """What ``safety`` says."""
        return self.verdict.recommendation.code

    @property
    def harmed(self) -> bool:
        """Whether the user told of being hurt or threatened."""
        return _applies(_table()["harm"], self.told)

    @property
    def open(self) -> bool:
        """Whether anything may be said beside the mode's texts."""
        age = self.briefing.partner.age
        peers = self.code == _OPEN_MODE and not self.harmed and (age is None or age < _ADULT)
        return self.mode is None or peers


def analyse(  # noqa: PLR0913 -- everything that may be known of two people
    facts: PartnerFacts,
    lines: Sequence[ChatLine],
    me: Speech | None,
    them: Speech | None,
    top_words: Sequence[str],
    *,
    mbti: str | None = None,
    my_age: int | None = None,
) -> PartnerAnalysis:
    """Return the analysis of a partner: from ``facts`` alone when there is no chat, from both when there is one.

    Args:
        facts: What the user told.
        lines: The chat, oldest first; empty when nothing was imported.
        me: How the user speaks, None when not known.
        them: How the partner speaks, None when not known.
        top_words: The words said most, most frequent first.
        mbti: The partner's type as the user gave it.
        my_age: The user's age in full years.

    Every list holds two to five lines, the evidence the quotes of at most four traits. Where somebody is or seems
    under 19, or the partner refused or threatens, the texts say what to do instead, and there is no score.
    """
    known = _gather_facts(facts, lines, me, them, mbti, my_age)
    rules = list(_rules(known, top_words)) if known.open else []
    base = known.mode or _table()["relationships"][known.relationship]
    chosen = {name: _chosen(name, rules, base, known) for name in _LISTS}
    return PartnerAnalysis(
        personality_traits=_trait_names(known),
        communication_preferences=chosen["preferences"],
        relationship_advice=chosen["advice"],
        conversation_topics=chosen["topics"],
        approach_strategy=_approach(known, base),
        risk_factors=chosen["risks"],
        compatibility_score=None if known.mode or not me or not them else compatibility(me, them),
        evidence=tuple(
            TraitEvidence(trait.name, line.message_id, line.quote) for trait in known.traits for line in trait.evidence
        ),
        engine=ENGINE,
    )


def compatibility(me: Speech, them: Speech) -> float | None:
    """Return how alike two people's speech is, 0.0 to 1.0, None when either has fewer than five messages.

    It is the mean of up to five parts, rounded to two digits:
    level, 1 - |a - b| of the shares of 존댓말 (left out when either has no message with a level);
    length, the smaller median length over the larger;
    signs, 1 minus the mean of |a - b| of the shares of laughter and of emoji;
    questions, (the smaller share + 0.1) / (the larger share + 0.1);
    style, the match of their function morphemes (left out when either wrote too few words for it).
    It says how alike they talk (Ireland et al. 2011 found likeness to go with interest), not whether they suit.
    """
    if min(me.total_messages, them.total_messages) < _LEAST_MESSAGES:
        return None
    lengths = sorted((max(me.length_median, 1), max(them.length_median, 1)))
    questions = sorted((me.question_ratio, them.question_ratio))
    signs = abs(me.laughter_ratio - them.laughter_ratio) + abs(me.emoji_ratio - them.emoji_ratio)
    parts = [
        lengths[0] / lengths[1],
        1 - signs / 2,
        (questions[0] + _QUESTIONS_SMOOTHED) / (questions[1] + _QUESTIONS_SMOOTHED),
    ]
    if _has_level(me) and _has_level(them):
        parts.append(1 - abs(me.formal_ratio - them.formal_ratio))
    style = style_match(me.functions, them.functions).score
    parts += [] if style is None else [style]
    return round(sum(parts) / len(parts), 2)


def _gather_facts(  # noqa: PLR0913, PLR0917 -- as above
    facts: PartnerFacts,
    lines: Sequence[ChatLine],
    me: Speech | None,
    them: Speech | None,
    mbti: str | None,
    my_age: int | None,
) -> _Facts:
    briefing = Briefing(tuple(lines), _NO_TIME, facts, me=me, them=them, my_age=my_age)
    told = (facts.description, facts.personality, facts.communication_style, facts.interests)
    given = _mbti(mbti, *told)
    return _Facts(
        briefing=briefing,
        verdict=safety.assess(Conversation(briefing.lines, facts.description or "", None), briefing),
        traits=_traits(briefing, given),
        me=_spoken(me, briefing, Role.ME),
        them=_spoken(them, briefing, Role.PARTNER),
        relationship=facts.relationship if facts.relationship in _table()["relationships"] else "기타",
        told="\n".join(part for part in told if part),
        mbti=given,
    )


def _spoken(given: Speech | None, briefing: Briefing, role: Role) -> Speech | None:
    if given is None:
        texts = [line.text for line in briefing.lines if line.role is role and line.kind is Kind.TEXT]
        given = speech_analysis.analyse(texts) if texts else None
    return given if given and given.total_messages >= _LEAST_MESSAGES else None


def _traits(briefing: Briefing, mbti: str) -> tuple[Trait, ...]:
    """The partner's traits, and those of the type: ``partner`` alone shows no more than four that were told."""
    of_type = traits.find_traits(replace(briefing, lines=(), partner=PartnerFacts(personality=mbti)))
    by_name = {trait.name: trait for trait in (*of_type, *traits.find_traits(briefing))}
    return tuple(sorted(by_name.values(), key=lambda trait: (trait.inferred, trait in of_type)))


def _mbti(*told: str | None) -> str:
    pattern = resources.load("traits")["mbti"]["pattern"]
    found = (re.search(pattern, text.upper()) for text in told if text)
    return next((match[1] for match in found if match), "")


def _rules(known: _Facts, top_words: Sequence[str]) -> Iterator[Rule]:
    """What is known of the partner, the weightiest first."""
    table = _table()
    yield table["signs"].get(known.code, {})
    yield _age_rule(known, table["age"])
    yield _level_rule(known)
    yield from _style_rules(known, table)
    yield {"topics": [*_told_topics(known), *_said_topics(known, top_words)]}
    keywords = (rule for rule in table["keywords"] if known.relationship not in rule.get("not_for", ()))
    yield from (rule for rule in keywords if _applies(rule, known.told))
    yield from (table["traits"][trait.name] for trait in known.traits if trait.name in table["traits"])


def _applies(rule: Rule, told: str) -> bool:
    return resources.matches_any(rule["patterns"], told) and not resources.matches_any(rule["except"], told)


def _chosen(name: str, rules: Sequence[Rule], base: Rule, known: _Facts) -> tuple[str, ...]:
    table = _table()
    specific = dict.fromkeys(line.format(mbti=known.mbti) for rule in rules for line in rule.get(name, ()))
    first = [*(_help(known) if name == "risks" else ()), *list(specific)[: table["specific"]]]
    return tuple(dict.fromkeys((*first, *base[name])))[: table["most"]]


def _help(known: _Facts) -> list[str]:
    table, contacts = _table(), resources.load("safety")["help"]
    told = [HelpLine(**contacts[name]) for name in table["harm"]["help"]] if known.harmed else []
    lines = ", ".join(f"{line.name} {line.contact}({line.hours})" for line in known.verdict.help or told)
    return [table["help"].format(lines=lines)] if lines else []


def _age_rule(known: _Facts, table: Mapping[str, Any]) -> Rule:
    mine, theirs = known.briefing.my_age, known.briefing.partner.age
    far = mine is not None and theirs is not None and abs(mine - theirs) >= table["gap"]
    if not far and not resources.matches_any(table["told"], known.told):
        return {}
    in_romance = known.mode is None and known.relationship in table["romantic"]
    rule: Rule = table["in_romance" if in_romance else "else"]
    return rule


def _level_rule(known: _Facts) -> Rule:
    table = _table()
    if known.them is None or not _has_level(known.them):
        return {}
    name = f"{_level(known.them)}_{_level(known.me)}"
    own = table["levels_by_relationship"].get(known.relationship, {}) if known.mode is None else {}
    rule: Rule = own.get(name, table["levels"][name])
    return rule


def _level(speech: Speech | None) -> str:
    if speech is None or not _has_level(speech):
        return "unknown"
    return "polite" if speech.polite else "casual"


def _has_level(speech: Speech) -> bool:
    return any(share for level, share in speech.levels.items() if level is not SpeechLevel.NEUTRAL)


def _style_rules(known: _Facts, table: Mapping[str, Any]) -> Iterator[Rule]:
    signs = interest.measure(known.briefing).interest
    reply = next((sign for sign in signs.signals if sign.name == "reply_time"), None) if signs else None
    yield table["reply_time"].get(reply.effect, {}) if reply else {}
    if known.them is not None:
        yield from (rule for rule in table["styles"] if _measures(rule, known.them))


def _measures(rule: Rule, speech: Speech) -> bool:
    value = getattr(speech, rule["measure"])
    return bool(rule.get("from", value) <= value <= rule.get("to", value))


def _told_topics(known: _Facts) -> list[str]:
    rules = _table()["interests"]
    words = list(_interests(known))[: rules["most"]]
    texts = zip(rules["told"], words, strict=False)
    return [text.format(word=word, object=with_particle(word, "을/를")) for text, word in texts]


def _interests(known: _Facts) -> Iterator[str]:
    """The interests that the user listed; of a sentence, the words of it that are known."""
    rules, names = _table()["interests"], _names(known.briefing)
    for part in re.split(rules["split"], known.briefing.partner.interests or ""):
        word = re.sub(rules["tail"], "", part.strip(" .!~"))
        if resources.matches_any(rules["disliked"], part):
            continue
        words = [word] if re.fullmatch(rules["clean"], word) else _known_words(re.findall(r"[가-힣]+", word))
        yield from (each for each in words if not _holds(each, names))


def _said_topics(known: _Facts, top_words: Sequence[str]) -> list[str]:
    rules, names = _table()["interests"], _names(known.briefing)
    words = [word for word in _known_words(top_words) if not _holds(word, names)]
    return [rules["said"].format(word=word) for word in words[: rules["most"]]]


def _known_words(words: Iterable[str]) -> list[str]:
    """Those of the words that are in the lists of topics: any other could be somebody's name."""
    topics = resources.load("topics")
    known = {topic for source in _table()["interests"]["sources"] for topic in topics[source]}
    return [word for word in words if word in known]


def _names(briefing: Briefing) -> set[str]:
    """Everybody's name, its parts, and a Korean full name without the family name."""
    full = {line.sender for line in briefing.lines} | {briefing.partner.name or ""}
    parts = full | {part for name in full for part in name.split()}
    parts |= {part[1:] for part in parts if len(part) == _FULL_NAME}
    return {part for part in parts if len(part) >= _SHORTEST_NAME}


def _holds(word: str, names: set[str]) -> bool:
    return any(name in word for name in names)


def _trait_names(known: _Facts) -> tuple[str, ...]:
    table = _table()
    of_type = {letter["name"] for letter in resources.load("traits")["mbti"]["letters"].values()}
    names = [
        table["mbti_trait"].format(name=trait.name) if trait.name in of_type else trait.name for trait in known.traits
    ]
    spoken = known.them.personality_traits if known.them else ()
    names += [name for name in spoken if table["same_traits"].get(name, name) not in names]
    fallback = table["fallback_traits"][: max(2 - len(names), 0)]
    return tuple(dict.fromkeys((*names, *fallback)))[: table["most"]]


def _approach(known: _Facts, base: Rule) -> str:
    sign = _table()["signs"].get(known.code)
    if sign and not known.harmed:
        return str(sign["instead"])
    level = _level_rule(known).get("approach", "") if known.open else ""
    return " ".join(part for part in (base["approach"], level) if part)


def _table() -> Any:
    return resources.load("partner_analysis")
