-- What Comprehend said of a text, so that it is asked once: figures and places, never
-- words. The text is known by a hash that is keyed with its user.
CREATE TABLE IF NOT EXISTS love_q.comprehend_results (
    user_id text NOT NULL,
    text_hash text NOT NULL,
    operation text NOT NULL,
    result text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, text_hash, operation)
);
