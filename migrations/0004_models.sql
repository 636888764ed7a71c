-- Which model answered, and whether one should have and did not.
ALTER TABLE love_q.analyses ADD COLUMN IF NOT EXISTS model text;

ALTER TABLE love_q.analyses ADD COLUMN IF NOT EXISTS degraded boolean;

-- What the deployment spent on models in a day of UTC, in parts, so that those who
-- answer at the same time do not wait for each other.
CREATE TABLE IF NOT EXISTS love_q.spending (
    day date NOT NULL,
    part integer NOT NULL,
    microdollars bigint NOT NULL,
    PRIMARY KEY (day, part)
);
