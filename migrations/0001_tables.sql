-- Love Q's tables. Plain SQL that Aurora DSQL accepts: one statement is one
-- transaction, every statement may be run again. Keys begin with the user, so
-- that a user's rows lie together and no other index is needed to list them.
-- JSON documents are text: they are read and written whole.

CREATE SCHEMA IF NOT EXISTS love_q;

CREATE TABLE IF NOT EXISTS love_q.users (
    user_id text PRIMARY KEY,
    email text,
    consent_age_over_14 timestamptz,
    consent_terms timestamptz,
    consent_overseas_transfer timestamptz,
    created_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS love_q.user_profiles (
    user_id text PRIMARY KEY,
    username text,
    birth_year integer,
    preferred_speech_level text,
    timezone text NOT NULL,
    speech text,
    response_examples text,
    response_examples_expire_at timestamptz,
    last_analysis_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS love_q.partner_profiles (
    user_id text NOT NULL,
    profile_id uuid NOT NULL,
    name text NOT NULL,
    relationship text NOT NULL,
    age integer,
    description text,
    interests text,
    communication_style text,
    personality text,
    mbti text,
    analysis text,
    evidence text,
    evidence_expire_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, profile_id)
);

-- A room's statistics are one document of counts, changed together with
-- `generation`, which says which rows of `messages` are the room's.
CREATE TABLE IF NOT EXISTS love_q.chat_rooms (
    user_id text NOT NULL,
    room_id uuid NOT NULL,
    name text,
    partner_name text,
    partner_relationship text NOT NULL,
    partner_profile_id uuid,
    my_name text,
    platform text,
    message_count integer NOT NULL,
    last_message text,
    statistics text,
    examples text,
    generation uuid,
    kept_from integer NOT NULL,
    kept_until integer NOT NULL,
    content_hash text,
    messages_expire_at timestamptz,
    version integer NOT NULL,
    last_activity_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, room_id)
);

CREATE INDEX ASYNC IF NOT EXISTS chat_rooms_expiry ON love_q.chat_rooms (messages_expire_at);

-- The latest messages of a room. A page, and "the last 200", are one range scan.
CREATE TABLE IF NOT EXISTS love_q.messages (
    room_id uuid NOT NULL,
    generation uuid NOT NULL,
    position integer NOT NULL,
    user_id text NOT NULL,
    message_id text NOT NULL,
    sender text,
    kind text NOT NULL,
    text text NOT NULL,
    count integer NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, generation, position)
);

CREATE TABLE IF NOT EXISTS love_q.files (
    user_id text NOT NULL,
    file_id uuid NOT NULL,
    room_id uuid,
    status text NOT NULL,
    filename text NOT NULL,
    size bigint NOT NULL,
    content_hash text,
    format text,
    encoding text,
    my_name text,
    timezone text,
    messages_count integer,
    kept_messages integer,
    new_messages integer,
    participants text,
    period_from timestamptz,
    period_to timestamptz,
    sample_messages text,
    analysis text,
    report text,
    warnings text,
    error_code text,
    generation uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, file_id)
);

CREATE INDEX ASYNC IF NOT EXISTS files_expiry ON love_q.files (expires_at);

CREATE TABLE IF NOT EXISTS love_q.emotion_analysis (
    user_id text NOT NULL,
    room_id uuid NOT NULL,
    day date NOT NULL,
    role text NOT NULL,
    messages integer NOT NULL,
    positive double precision NOT NULL,
    negative double precision NOT NULL,
    neutral double precision NOT NULL,
    mixed double precision NOT NULL,
    PRIMARY KEY (user_id, room_id, day, role)
);

-- What a coach answered. `evidence` is what quotes the chat, and expires apart.
CREATE TABLE IF NOT EXISTS love_q.analyses (
    user_id text NOT NULL,
    analysis_id uuid NOT NULL,
    room_id uuid,
    question_hash text NOT NULL,
    engine text NOT NULL,
    answer text NOT NULL,
    evidence text,
    evidence_expire_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, analysis_id)
);

CREATE INDEX ASYNC IF NOT EXISTS analyses_question ON love_q.analyses (user_id, question_hash);

-- Coaching turns: what was asked, what was offered, what was chosen, how it went.
CREATE TABLE IF NOT EXISTS love_q.conversations (
    user_id text NOT NULL,
    conversation_id uuid NOT NULL,
    analysis_id uuid,
    room_id uuid,
    session_id text,
    partner_name text,
    partner_relationship text,
    user_message text NOT NULL,
    ai_responses text NOT NULL,
    selected_response_type text,
    selected_response text,
    context_text text,
    context_expire_at timestamptz,
    feedback_rating integer,
    feedback_comment text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
);

CREATE INDEX ASYNC IF NOT EXISTS conversations_newest ON love_q.conversations (user_id, created_at);

CREATE TABLE IF NOT EXISTS love_q.usage (
    user_id text NOT NULL,
    day date NOT NULL,
    credits_used integer NOT NULL,
    PRIMARY KEY (user_id, day)
);
