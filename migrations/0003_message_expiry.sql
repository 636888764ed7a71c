-- Messages of one generation expire at different times when a later export
-- carried some over, and a killed import's belong to no room: the sweep finds
-- them all by their own time.
CREATE INDEX ASYNC IF NOT EXISTS messages_expiry ON love_q.messages (expires_at);
