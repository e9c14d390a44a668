-- Messages to the portal stay until it acknowledges them; messages from it are kept once for each number.
CREATE SEQUENCE outbound_number;
CREATE TABLE outbound_message (
    number bigint PRIMARY KEY,
    kind text NOT NULL,
    topic text,
    wire text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz
);
CREATE INDEX outbound_message_due ON outbound_message (due_at) WHERE acknowledged_at IS NULL;

CREATE TABLE inbound_message (
    sender text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sender, number)
);

-- What the portal was last told of each topic, so that only changes and a slow heartbeat are sent.
CREATE TABLE report (
    topic text PRIMARY KEY,
    digest text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
);

-- Hints that something is to be looked at again before its own time; lost ones only cost time.
CREATE TABLE look (
    project text PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE preview (
    id text PRIMARY KEY,
    project text NOT NULL,
    pull_request integer NOT NULL,
    head text NOT NULL,
    path text NOT NULL,
    page integer NOT NULL,
    viewer bigint NOT NULL,
    public_key text NOT NULL,
    expires_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    answered_at timestamptz,
    refusal text
);
CREATE INDEX preview_due ON preview (due_at) WHERE answered_at IS NULL;

CREATE TABLE service_state (
    name text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('ok', 'late', 'down', 'unknown')),
    since timestamptz NOT NULL,
    checked timestamptz NOT NULL,
    effect text NOT NULL
);
