-- Runs as Dagster tells them, results as collected, releases as approved. Rows are written before their effects.
CREATE TABLE watch (
    location text PRIMARY KEY,
    updated_after double precision NOT NULL DEFAULT 0
);

CREATE TABLE run (
    id text PRIMARY KEY,
    project text NOT NULL,
    request text NOT NULL,
    blob text NOT NULL,
    merge text NOT NULL,
    code text NOT NULL,
    run_key text NOT NULL,
    root text NOT NULL,
    status text NOT NULL,
    created double precision NOT NULL,
    started double precision,
    finished double precision,
    failed_step text,
    error_class text
);
CREATE INDEX run_project ON run (project, created DESC);

CREATE TABLE collection (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    project text NOT NULL,
    request text NOT NULL,
    run text NOT NULL,
    root text NOT NULL,
    state text NOT NULL DEFAULT 'found'
        CHECK (state IN ('found', 'storing', 'proposing', 'proposed', 'refused', 'superseded')),
    reason text NOT NULL DEFAULT '',
    found_at timestamptz NOT NULL DEFAULT now(),
    branch text NOT NULL DEFAULT '',
    commit_sha text,
    pull_request integer,
    closed boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    UNIQUE (project, root)
);
CREATE INDEX collection_due ON collection (due_at) WHERE state IN ('found', 'storing', 'proposing');

-- What a collection stores: `place` is the output's name, and for a file in a directory output the path within it.
CREATE TABLE stored_object (
    collection bigint NOT NULL REFERENCES collection ON DELETE CASCADE,
    output text NOT NULL,
    place text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    md5 text NOT NULL,
    sha256 text NOT NULL,
    stored_at timestamptz,
    PRIMARY KEY (collection, output, place)
);

CREATE TABLE proposed_file (
    collection bigint NOT NULL REFERENCES collection ON DELETE CASCADE,
    path text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (collection, path)
);

-- How far the first parents of a project's main were read. Another `since` starts over: that is the reset.
CREATE TABLE main_walk (
    project text PRIMARY KEY,
    since text NOT NULL,
    sha text NOT NULL,
    problem text NOT NULL DEFAULT ''
);

CREATE TABLE release (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    project text NOT NULL,
    merge text NOT NULL,
    request text NOT NULL,
    pull_request integer,
    collection bigint REFERENCES collection,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'held', 'releasing', 'unfinished', 'released')),
    reason text NOT NULL DEFAULT '',
    found_at timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    UNIQUE (project, merge, request)
);
CREATE INDEX release_due ON release (due_at) WHERE state IN ('waiting', 'releasing', 'unfinished');

CREATE TABLE released_object (
    release bigint NOT NULL REFERENCES release ON DELETE CASCADE,
    output text NOT NULL,
    place text NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (release, output, place)
);
