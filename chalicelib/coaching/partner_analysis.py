"""Describe the partner and how to talk with them, from the user's description and from the chat.

The texts and their rules are ``data/partner_analysis.json``. ``traits`` finds the traits and their evidence.
``safety`` decides whether the user should write at all. The analysis says nothing about the user's chances.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.analysis.style_match import style_match
from chalicelib.coaching import interest, safety, topics, traits
from chalicelib.coaching.conversation import Conversation, resolve_speech, texts_of
from chalicelib.coaching.interest import SignalName
from chalicelib.coaching.partner_rules import BaseTexts, Suggestions, load_rules
from chalicelib.coaching.safety import SafetyCode, Verdict
from chalicelib.domain import Briefing, ChatLine, PartnerFacts, Role, Speech, Trait
from chalicelib.domain.partners import PartnerAnalysis, TraitEvidence
from chalicelib.korean.particles import with_particle

_ENGINE = "local"

# The speech of a person with fewer messages is ignored.
_MIN_MESSAGES = 5
# Added to both shares of questions, so that a few questions more or fewer hardly change their ratio.
_QUESTION_SMOOTHING = 0.1
# In characters. A single syllable occurs in too many words to be searched as a name.
_MIN_NAME_LENGTH = 2
# In characters: a family name of one syllable and a given name of two.
_FULL_NAME_LENGTH = 3
_MIN_TRAITS = 2
_OTHER_RELATIONSHIP = "기타"
# A briefing needs a time. The rules used here do not read it.
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

_ListSelector = Callable[[Suggestions], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything that the rules read.

    ``my_speech`` and ``partner_speech`` are None with too few messages. ``mbti`` is empty if the type is unknown.
    """

    briefing: Briefing
    verdict: Verdict
    traits: tuple[Trait, ...]
    my_speech: Speech | None
    partner_speech: Speech | None
    relationship: str
    description: str
    mbti: str

    @property
    def code(self) -> SafetyCode:
        """The code of the safety rules."""
        return SafetyCode(self.verdict.recommendation.code)

    @property
    def was_harmed(self) -> bool:
        """True if the user describes being hurt or threatened."""
        return load_rules().harm.matches(self.description)

    @property
    def mode(self) -> BaseTexts | None:
        """The texts that replace the relationship's texts if the user should perhaps not write, otherwise None."""
        return load_rules().modes.get(load_rules().harm.mode if self.was_harmed else self.code)

    @property
    def allows_specifics(self) -> bool:
        """True if the analysis may add suggestions about this partner to the general ones."""
        if self.mode is None:
            return True
        # The code says that the user is under 19. Suggestions about an adult would be suggestions to a minor.
        age = self.briefing.partner.age
        is_partner_adult = age is not None and age >= safety.load_rules().adult_age
        return self.code is SafetyCode.FRIENDSHIP_ONLY and not is_partner_adult and not self.was_harmed


def analyse(  # noqa: PLR0913 (the complete input of an analysis)
    partner: PartnerFacts,
    lines: Sequence[ChatLine],
    my_speech: Speech | None,
    partner_speech: Speech | None,
    top_words: Sequence[str],
    *,
    mbti: str | None = None,
    my_age: int | None = None,
) -> PartnerAnalysis:
    """Analyse a partner from the user's description and the chat.

    Every list has two to five lines. The evidence quotes lines for at most four traits. If either person is or seems to
    be under 19, or if the partner refused or threatens, the texts say what to do instead, and there is no score.

    Args:
        partner: The user's description of the partner.
        lines: The chat, oldest first. Empty without an import.
        my_speech: The user's speech, None if unknown.
        partner_speech: The partner's speech, None if unknown.
        top_words: The most frequent words of the chat, in descending order.
        mbti: The partner's MBTI type as the user entered it.
        my_age: The user's age in years.
    """
    facts = _gather_facts(
        Briefing(tuple(lines), _NO_TIME, partner, my_speech=my_speech, partner_speech=partner_speech, my_age=my_age),
        mbti,
    )
    suggestions = list(_suggestions(facts, top_words)) if facts.allows_specifics else []
    base = facts.mode or load_rules().relationships[facts.relationship]

    score = None
    if facts.mode is None and my_speech and partner_speech:
        score = compatibility(my_speech, partner_speech)

    def choose(list_of: _ListSelector, first: Sequence[str] = ()) -> tuple[str, ...]:
        return _choose(list_of, suggestions, base, facts.mbti, first)

    return PartnerAnalysis(
        personality_traits=_trait_names(facts),
        communication_preferences=choose(lambda each: each.preferences),
        relationship_advice=choose(lambda each: each.advice),
        conversation_topics=choose(lambda each: each.topics),
        approach_strategy=_approach(facts, base),
        risk_factors=choose(lambda each: each.risks, _help_contacts(facts)),
        compatibility_score=score,
        evidence=tuple(
            TraitEvidence(trait.name, line.message_id, line.quote) for trait in facts.traits for line in trait.evidence
        ),
        engine=_ENGINE,
    )


def compatibility(my_speech: Speech, partner_speech: Speech) -> float | None:
    """Return the similarity of two people's speech, 0.0 to 1.0. None if either has fewer than five messages.

    The score is the mean of up to five parts, rounded to two digits:

    * level: 1 - |a - b| of the shares of 존댓말, left out if either has no message with a level,
    * length: the smaller median length over the larger,
    * expression: 1 minus the mean of |a - b| of the shares of laughter and of emoji,
    * questions: (the smaller share + 0.1) / (the larger share + 0.1),
    * style: the match of their function morphemes, left out if either wrote too few words for it.

    It measures the similarity of their speech, not whether they suit each other. Ireland et al. (2011) found that
    similar style correlates with interest.
    """
    if min(my_speech.total_messages, partner_speech.total_messages) < _MIN_MESSAGES:
        return None
    lengths = sorted((max(my_speech.length_median, 1), max(partner_speech.length_median, 1)))
    questions = sorted((my_speech.question_ratio, partner_speech.question_ratio))
    laughter_distance = abs(my_speech.laughter_ratio - partner_speech.laughter_ratio)
    expression_distance = laughter_distance + abs(my_speech.emoji_ratio - partner_speech.emoji_ratio)
    parts = [
        lengths[0] / lengths[1],
        1 - expression_distance / 2,
        (questions[0] + _QUESTION_SMOOTHING) / (questions[1] + _QUESTION_SMOOTHING),
    ]
    if my_speech.has_level and partner_speech.has_level:
        parts.append(1 - abs(my_speech.formal_ratio - partner_speech.formal_ratio))
    style = style_match(my_speech.functions, partner_speech.functions).score
    if style is not None:
        parts.append(style)
    return round(sum(parts) / len(parts), 2)


def _gather_facts(briefing: Briefing, mbti: str | None) -> _Facts:
    partner = briefing.partner
    texts = (partner.description, partner.personality, partner.communication_style, partner.interests)
    mbti_type = traits.load_rules().mbti.type_in(mbti, *texts)
    relationship = partner.relationship or _OTHER_RELATIONSHIP
    return _Facts(
        briefing=briefing,
        verdict=safety.assess(Conversation(briefing.lines, partner.description or "", None), briefing),
        traits=_traits(briefing, mbti_type),
        my_speech=_speech(briefing.my_speech, briefing, Role.ME),
        partner_speech=_speech(briefing.partner_speech, briefing, Role.PARTNER),
        relationship=relationship if relationship in load_rules().relationships else _OTHER_RELATIONSHIP,
        description="\n".join(text for text in texts if text),
        mbti=mbti_type,
    )


def _speech(speech: Speech | None, briefing: Briefing, role: Role) -> Speech | None:
    speech = resolve_speech(speech, texts_of(briefing.lines, role))
    return speech if speech and speech.total_messages >= _MIN_MESSAGES else None


def _traits(briefing: Briefing, mbti: str) -> tuple[Trait, ...]:
    """Return the traits that the chat shows, then those of the description, then those of the MBTI type.

    ``find_traits`` limits the traits of the description to four, so those of the type come from a separate call.
    """
    type_traits = traits.find_traits(replace(briefing, lines=(), partner=PartnerFacts(personality=mbti)))
    by_name = {trait.name: trait for trait in (*type_traits, *traits.find_traits(briefing))}
    return tuple(sorted(by_name.values(), key=lambda trait: (trait.inferred, trait in type_traits)))


def _suggestions(facts: _Facts, top_words: Sequence[str]) -> Iterator[Suggestions]:
    """Yield the suggestions that apply to this partner, in descending order of priority."""
    rules = load_rules()
    if suggestions := rules.safety.get(facts.code):
        yield suggestions
    yield _age_suggestions(facts)
    yield _level_suggestions(facts)
    yield from _style_suggestions(facts)
    yield Suggestions(topics=(*_topics_from_interests(facts), *_topics_from_chat(facts, top_words)))
    for rule in rules.keywords:
        if facts.relationship not in rule.not_for and rule.when.matches(facts.description):
            yield rule
    yield from (rules.traits[trait.name] for trait in facts.traits if trait.name in rules.traits)


def _choose(
    list_of: _ListSelector, suggestions: Sequence[Suggestions], base: BaseTexts, mbti: str, first: Sequence[str]
) -> tuple[str, ...]:
    """Return one list of the analysis: ``first``, then lines about this partner, then general lines."""
    # A dictionary drops duplicates and keeps the order.
    specific = dict.fromkeys(line.format(mbti=mbti) for each in suggestions for line in list_of(each))
    lines = dict.fromkeys((*first, *list(specific)[: load_rules().max_specific], *list_of(base)))
    return tuple(lines)[: load_rules().max_lines]


def _help_contacts(facts: _Facts) -> list[str]:
    contacts = safety.load_rules().help
    harm_contacts = [contacts[name] for name in load_rules().harm.help] if facts.was_harmed else []
    lines = ", ".join(f"{line.name} {line.contact}({line.hours})" for line in facts.verdict.help or harm_contacts)
    return [load_rules().help.format(lines=lines)] if lines else []


def _age_suggestions(facts: _Facts) -> Suggestions:
    age_rules = load_rules().age
    my_age, partner_age = facts.briefing.my_age, facts.briefing.partner.age
    has_gap = my_age is not None and partner_age is not None and abs(my_age - partner_age) >= age_rules.gap
    if not has_gap and not age_rules.described.matches(facts.description):
        return Suggestions()
    is_romantic = facts.mode is None and facts.relationship in age_rules.romantic
    return age_rules.in_romance if is_romantic else age_rules.otherwise


def _level_suggestions(facts: _Facts) -> Suggestions:
    if facts.partner_speech is None or not facts.partner_speech.has_level:
        return Suggestions()
    levels = f"{_level_name(facts.partner_speech)}_{_level_name(facts.my_speech)}"
    by_relationship = load_rules().levels_by_relationship.get(facts.relationship, {}) if facts.mode is None else {}
    return by_relationship.get(levels) or load_rules().levels[levels]


def _level_name(speech: Speech | None) -> str:
    if speech is None or not speech.has_level:
        return "unknown"
    return "polite" if speech.is_polite else "casual"


def _style_suggestions(facts: _Facts) -> Iterator[Suggestions]:
    result = interest.estimate(facts.briefing).interest
    for signal in result.signals if result else ():
        effect = interest.Effect(signal.effect)
        if signal.name == SignalName.REPLY_TIME and effect in load_rules().reply_time:
            yield load_rules().reply_time[effect]
    if facts.partner_speech is not None:
        yield from (rule for rule in load_rules().styles if rule.applies_to(facts.partner_speech))


def _topics_from_interests(facts: _Facts) -> list[str]:
    rules = load_rules().interests
    words = list(_interests(facts))[: rules.max_topics]
    sentences = zip(rules.interest_sentences, words, strict=False)
    return [sentence.format(word=word, object=with_particle(word, "을/를")) for sentence, word in sentences]


def _interests(facts: _Facts) -> Iterator[str]:
    """Yield the partner's interests as the user listed them. A sentence yields only the listed topics in it."""
    rules, names = load_rules().interests, _names(facts.briefing)
    for part in re.split(rules.split, facts.briefing.partner.interests or ""):
        if rules.disliked.matches(part):
            continue
        interest_text = re.sub(rules.tail, "", part.strip(" .!~"))
        is_clean = re.fullmatch(rules.clean, interest_text)
        words = [interest_text] if is_clean else _listed_topics(re.findall(r"[가-힣]+", interest_text))
        yield from (word for word in words if not _contains_name(word, names))


def _topics_from_chat(facts: _Facts, top_words: Sequence[str]) -> list[str]:
    rules, names = load_rules().interests, _names(facts.briefing)
    words = [word for word in _listed_topics(top_words) if not _contains_name(word, names)]
    return [rules.chat_sentence.format(word=word) for word in words[: rules.max_topics]]


def _listed_topics(words: Iterable[str]) -> list[str]:
    """Return the words that are listed topics. Any other word could be a name."""
    listed = topics.words_of(load_rules().interests.sources)
    return [word for word in words if word in listed]


def _names(briefing: Briefing) -> set[str]:
    """Return the names of the participants, the parts of the names, and Korean given names."""
    full_names = {line.sender for line in briefing.lines} | {briefing.partner.name or ""}
    parts = full_names | {part for name in full_names for part in name.split()}
    parts |= {part[1:] for part in parts if len(part) == _FULL_NAME_LENGTH}
    return {part for part in parts if len(part) >= _MIN_NAME_LENGTH}


def _contains_name(word: str, names: set[str]) -> bool:
    return any(name in word for name in names)


def _trait_names(facts: _Facts) -> tuple[str, ...]:
    rules = load_rules()
    type_traits = {letter.name for letter in traits.load_rules().mbti.letters.values()}
    names = [
        rules.mbti_trait.format(name=trait.name) if trait.name in type_traits else trait.name for trait in facts.traits
    ]
    speech_traits = facts.partner_speech.personality_traits if facts.partner_speech else ()
    names += [name for name in speech_traits if rules.same_traits.get(name, name) not in names]
    fallback = rules.fallback_traits[: max(_MIN_TRAITS - len(names), 0)]
    return tuple(dict.fromkeys((*names, *fallback)))[: rules.max_lines]


def _approach(facts: _Facts, base: BaseTexts) -> str:
    suggestions = load_rules().safety.get(facts.code)
    if suggestions and not facts.was_harmed:
        return suggestions.instead
    level = _level_suggestions(facts).approach if facts.allows_specifics else ""
    return " ".join(part for part in (base.approach, level) if part)
