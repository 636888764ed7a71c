-- Requests of a user on the costly routes, by minute.
CREATE TABLE IF NOT EXISTS love_q.request_counts (
    user_id text NOT NULL,
    route text NOT NULL,
    minute timestamptz NOT NULL,
    requests integer NOT NULL,
    PRIMARY KEY (user_id, route, minute)
);

-- The first reply to a request that carried an Idempotency-Key. `reply` is null
-- while that request is being answered.
CREATE TABLE IF NOT EXISTS love_q.idempotency_keys (
    user_id text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    reply text,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE INDEX ASYNC IF NOT EXISTS idempotency_keys_expiry ON love_q.idempotency_keys (expires_at);

-- What is left of an erased account: a hash of its id, counts, the time.
CREATE TABLE IF NOT EXISTS love_q.erasure_receipts (
    user_hash text PRIMARY KEY,
    receipt_id uuid NOT NULL,
    erased_at timestamptz NOT NULL,
    erased text NOT NULL
);

-- Emotion points live in the room's tally: they change together with it.
DROP TABLE IF EXISTS love_q.emotion_analysis;
