"""Emotion analyses with Comprehend: the engine that answers, the texts that are sent, and the costs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from chalice.local import LambdaContext

from chalicelib.coaching.llm.models import model_of
from chalicelib.repositories.database import database
from chalicelib.services import health
from chalicelib.settings import settings
from tests.services.ai.test_claude import GOOD
from tests.support.aws_wire_server import WireServer, batch_answer, error_answer, mentions, sentiment, tool_answer
from tests.support.exports import android
from tests.support.stage import stage_with

GLAD, SAD = sentiment(positive=0.9, neutral=0.1), sentiment(negative=0.8, neutral=0.2)
SEOUL = ZoneInfo("Asia/Seoul")
NOTHING_NAMED = (batch_answer(mentions("Entities")), batch_answer(mentions("KeyPhrases")))


@pytest.fixture
def wire(unspent):
    """A server in place of Comprehend. Its answers are set by the test."""
    with WireServer() as wire, stage_with(COMPREHEND="aws", COMPREHEND_ENDPOINT_URL=wire.url):
        yield wire


def spent():
    return database().across_users(lambda tx: tx.row("SELECT sum(microdollars) AS spent FROM spending"))["spent"]


def room_of(client, lines, **options):
    return client.send_file(android(lines, **options), my_name="하늘").json["room_id"]


def test_comprehend_analyses_a_text_without_private_data(client, wire):
    text = "수아 씨랑 부산에서 회 먹었는데 너무 좋았어! 연락처는 010-1234-5678"
    wire.answers(
        batch_answer(sentiment(positive=0.9, mixed=0.1)),
        batch_answer(mentions("Entities", ("부산", 0, 0.99, "LOCATION"), ("[전화번호]", 0, 0.8, "OTHER"))),
        batch_answer(mentions("KeyPhrases", ("회", 0, 0.9), ("부산", 0, 0.95))),
    )
    answer = client.post("/emotion-analysis", {"text": text}).json
    assert (answer["engine"], answer["sentiment"], answer["sentiment_confidence"]) == ("comprehend", "POSITIVE", 0.9)
    assert answer["entities"] == [{"text": "부산", "type": "LOCATION", "confidence": 0.99}]
    assert answer["key_phrases"] == ["부산", "회"]
    assert answer["comprehend_units"] == 9
    assert [sent.operation for sent in wire.sent] == [
        "BatchDetectSentiment",
        "BatchDetectEntities",
        "BatchDetectKeyPhrases",
    ]
    assert spent() == 900
    assert not any(private in sent.raw.decode() for sent in wire.sent for private in ("수아", "1234", client.user_id))


def test_entities_contain_the_real_name_of_a_masked_person(client, wire):
    wire.answers(batch_answer(sentiment(neutral=1.0)))
    client.post("/emotion-analysis", {"text": "지민 씨가 왔어"})
    pseudonym = wire.sent[0].texts[0].split()[0]
    assert pseudonym != "지민"
    wire.answers(
        batch_answer(sentiment(neutral=1.0)),
        batch_answer(mentions("Entities", (pseudonym, 0, 0.9, "PERSON"))),
        batch_answer(mentions("KeyPhrases")),
    )
    answer = client.post("/emotion-analysis", {"text": "지민 씨가 왔다 갔어"}).json
    assert answer["entities"] == [{"text": "지민", "type": "PERSON", "confidence": 0.9}]


def test_a_repeated_text_costs_no_units_and_no_text_is_stored(client, wire):
    wire.answers(batch_answer(GLAD), batch_answer(mentions("Entities", ("부산", 0, 0.9, "LOCATION"))), NOTHING_NAMED[1])
    first, second = (client.post("/emotion-analysis", {"text": "부산 좋아"}).json for _ in range(2))
    assert (first["comprehend_units"], second["comprehend_units"]) == (9, 0)
    assert second == first | {"comprehend_units": 0}
    rows = "SELECT * FROM comprehend_results WHERE user_id = :user"
    stored = database().across_users(lambda tx: tx.rows(rows, user=client.user_id))
    assert len(stored) == 3
    assert "부산" not in str(stored)


def test_only_the_end_of_a_long_text_is_sent_within_ten_units(client, wire):
    wire.answers(batch_answer(GLAD, GLAD, GLAD))
    answer = client.post("/emotion-analysis", {"text": " ".join(f"정말 좋은 하루였다 {n}" for n in range(200))}).json
    assert (answer["engine"], answer["comprehend_units"]) == ("comprehend", 9)
    texts = wire.sent[0].texts
    assert [len(text) <= 300 for text in texts] == [True] * 3
    assert len(wire.sent) == 1


def test_a_text_of_emoji_stays_below_comprehends_byte_limit(client, wire):
    wire.answers(batch_answer(GLAD, GLAD, GLAD))
    client.post("/emotion-analysis", {"text": "😀" * 1000})
    assert max(len(text.encode()) for text in wire.sent[0].texts) <= 5_000


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (error_answer(403, "AccessDeniedException"), "forbidden"),
        (error_answer(400, "UnsupportedLanguageException"), "rejected"),
    ],
)
def test_a_failed_call_falls_back_to_the_local_model_and_is_counted(client, wire, capsys, answer, why):
    wire.answers(answer, answer, answer)
    analysis = client.post("/emotion-analysis", {"text": "오늘 정말 좋았어"}).json
    assert (analysis["engine"], analysis["sentiment"], analysis["comprehend_units"]) == ("local", "POSITIVE", 0)
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ComprehendFailures" in line]
    assert [(line["ComprehendFailures"], line["why"]) for line in metrics] == [([1.0], why)] * 3
    assert spent() is None


def test_comprehends_sentiment_is_used_although_its_entities_failed(client, wire):
    refused = error_answer(403, "AccessDeniedException")
    wire.answers(batch_answer(SAD), refused, refused)
    analysis = client.post("/emotion-analysis", {"text": "부산에서 회 먹었어"}).json
    assert (analysis["engine"], analysis["sentiment"], analysis["comprehend_units"]) == ("comprehend", "NEGATIVE", 3)
    assert [entity["text"] for entity in analysis["entities"]] == ["부산"]


def test_a_failing_service_is_not_called_again_for_a_while(client, wire):
    wire.answers(*[error_answer(403, "AccessDeniedException")] * 3)
    for text in ("좋아", "싫어", "그냥"):
        assert client.post("/emotion-analysis", {"text": text}).json["engine"] == "local"
    assert len(wire.sent) == 3


def test_comprehend_is_not_called_shortly_before_the_lambda_times_out(client, wire, monkeypatch):
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _: 12_000)
    assert client.post("/emotion-analysis", {"text": "좋아"}).json["engine"] == "local"
    assert wire.sent == []


def test_a_success_between_failures_closes_the_circuit(client, wire):
    refused = error_answer(403, "AccessDeniedException")
    for text in ("좋아", "싫어", "그냥", "별로"):
        wire.answers(batch_answer(GLAD), refused, batch_answer(mentions("KeyPhrases")))
        assert client.post("/emotion-analysis", {"text": text}).json["engine"] == "comprehend"


def test_comprehend_is_not_called_beyond_the_daily_budget(client, wire, monkeypatch):
    monkeypatch.setenv("DAILY_MODEL_DOLLARS", "0.0005")
    settings.cache_clear()
    wire.answers(batch_answer(GLAD), *NOTHING_NAMED)
    engines = [client.post("/emotion-analysis", {"text": text}).json["engine"] for text in ("좋아", "싫어")]
    assert engines == ["comprehend", "local"]


def test_a_room_costs_at_most_ten_units_and_a_repeated_request_none(client, wire):
    lines = [("하늘" if n % 3 else "바다", f"오늘 하루도 {n}번째로 길고 길었다 그치") for n in range(600)]
    room_id = room_of(client, lines)
    wire.answers(batch_answer(GLAD, SAD))
    first = client.post("/emotion-analysis", {"room_id": room_id}).json
    assert 0 < first["comprehend_units"] <= 10
    assert {person["engine"] for person in first["participants"]} == {"comprehend"}
    # The partner's latest messages have priority.
    partner = next(person for person in first["participants"] if person["role"] == "partner")
    assert partner["sentiment_scores"]["Positive"] > 0.1
    repeated = client.post("/emotion-analysis", {"room_id": room_id}).json
    assert repeated == first | {"comprehend_units": 0}
    texts = json.dumps([sent.texts for sent in wire.sent], ensure_ascii=False)
    assert not any(name in texts for name in ("하늘", "바다"))
    assert all(len(text) <= 300 for sent in wire.sent for text in sent.texts)


def test_the_day_on_which_the_sentiment_changed_is_analysed_too(client, wire):
    start = datetime(2026, 3, 1, 9, tzinfo=SEOUL)
    texts = ["너무 좋아 행복해", "진짜 최고야", "정말 신난다"], ["진짜 속상해", "너무 슬프다", "다 싫어 짜증나"]
    lines, times = [], []
    for day in range(4):
        for number in range(3):
            lines += [("바다", texts[day == 2][number]), ("하늘", "그래 그랬구나 알겠어" * 12)]
            times += [start + timedelta(days=day, minutes=number)] * 2
    lines.append(("바다", "그래서 말이야 " * 37))
    times.append(start + timedelta(days=4))
    room_id = room_of(client, lines, times=times)
    wire.answers(batch_answer(GLAD, GLAD, SAD))
    assert client.post("/emotion-analysis", {"room_id": room_id}).json["comprehend_units"] == 9
    latest, mine, changed = wire.sent[0].texts
    assert latest.startswith("그래서 말이야")
    assert mine.startswith("그래 그랬구나")
    assert changed == "\n".join(texts[1])


def test_the_coach_costs_no_units_without_a_model(client, wire):
    room_id = room_of(client, [("하늘" if n % 2 else "바다", f"뭐 해 {n}") for n in range(40)])
    assert client.post("/analyze", {"room_id": room_id}).json["usage"]["comprehend_units"] == 0
    assert wire.sent == []


def test_the_model_gets_comprehends_sentiment_and_a_second_question_costs_no_units(client, wire):
    room_id = room_of(client, [("하늘" if n % 2 else "바다", f"뭐 해 {n}") for n in range(41)])
    with WireServer() as model, stage_with(BEDROCK="aws", BEDROCK_ENDPOINT_URL=model.url):
        model.answers(*[tool_answer("record_replies", GOOD)] * 4)
        wire.answers(batch_answer(GLAD, SAD))
        first, second = (
            client.post("/analyze", {"room_id": room_id, "goal": goal}).json["usage"] for goal in ("약속", "안부")
        )
        question = model.sent[0].json["messages"][0]["content"][0]["text"]
    assert (first["comprehend_units"], second["comprehend_units"]) == (6, 0)
    tokens = model_of(settings().bedrock_model_id).cost(first["input_tokens"], first["output_tokens"])
    assert first["cost_usd"] == pytest.approx(tokens + 0.0006)
    assert "상대의 요즘 기분: 긍정 90%, 부정 0%" in question
    assert "나의 요즘 기분: 긍정 0%, 부정 80%" in question


def test_erasing_a_room_erases_its_comprehend_results(client, wire):
    room_id = room_of(client, [("하늘" if n % 2 else "바다", f"정말 좋다 {n}") for n in range(40)])
    wire.answers(batch_answer(GLAD, GLAD))
    client.post("/emotion-analysis", {"room_id": room_id})
    client.request("DELETE", "/chat-rooms", {"room_id": room_id})
    rows = "SELECT 1 AS one FROM comprehend_results WHERE user_id = :user"
    assert database().across_users(lambda tx: tx.rows(rows, user=client.user_id)) == []


def test_the_deep_health_check_of_comprehend_costs_nothing(client, wire, monkeypatch):
    for answer, expected in (
        (error_answer(400, "BatchSizeLimitExceededException"), "ok"),
        (error_answer(403, "AccessDeniedException"), "down"),
    ):
        health.reset()
        wire.answers(answer)
        assert client.get("/health", deep="true").json["checks"]["comprehend"]["status"] == expected
        assert len(wire.sent[0].texts) > 25
