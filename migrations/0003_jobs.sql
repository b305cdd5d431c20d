-- The job queue: what is to be done, what is being done, what could not be done. Finished jobs are deleted.
CREATE TABLE jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    -- Ids and settings; never secrets or content.
    payload      jsonb NOT NULL,
    -- Whose job it is; NULL for the system's own.
    user_id      uuid REFERENCES users (id) ON DELETE CASCADE,
    -- Users take turns; the system is one user among them.
    lane         uuid NOT NULL GENERATED ALWAYS AS
                     (coalesce(user_id, '00000000-0000-0000-0000-000000000000'::uuid)) STORED,
    -- Smaller goes first.
    priority     smallint NOT NULL DEFAULT 0,
    state        text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')),
    run_at       timestamptz NOT NULL DEFAULT now(),
    -- Counted when a run starts; given back when a shutdown cut it short.
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts integer NOT NULL CHECK (max_attempts >= 1),
    -- At most one ready job, and one running, per kind, user and key.
    dedupe_key   text CHECK (length(dedupe_key) BETWEEN 1 AND 200),
    -- The run that holds the job, until when.
    worker       uuid,
    lease_until  timestamptz,
    -- A code such as 'timeout'; never content.
    last_error   text CHECK (length(last_error) <= 100),
    -- Whatever the handler reports, for its user to see.
    progress     jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    died_at      timestamptz,
    CHECK ((state = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL)),
    CHECK ((state = 'dead') = (died_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX jobs_ready ON jobs (kind, lane, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
CREATE INDEX jobs_of_user ON jobs (user_id, id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX jobs_ready_once ON jobs (kind, lane, dedupe_key) WHERE state = 'ready' AND dedupe_key IS NOT NULL;
CREATE UNIQUE INDEX jobs_running_once ON jobs (kind, lane, dedupe_key)
    WHERE state = 'running' AND dedupe_key IS NOT NULL;

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
-- Users queue and see their own jobs. The worker says so on its own connections, once, when it opens them.
CREATE POLICY jobs_owner_or_worker ON jobs TO docuvault_app
    USING (user_id = nullif(current_setting('docuvault.user_id', true), '')::uuid
           OR (SELECT current_setting('docuvault.worker', true)) = 'on')
    WITH CHECK (user_id = nullif(current_setting('docuvault.user_id', true), '')::uuid
                OR (SELECT current_setting('docuvault.worker', true)) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO docuvault_app;

-- One row per time a scheduled job fell due: whichever process inserts it first queues the job.
CREATE TABLE job_schedule (
    name       text NOT NULL,
    slot       timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, slot)
);
ALTER TABLE job_schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_schedule FORCE ROW LEVEL SECURITY;
CREATE POLICY job_schedule_worker ON job_schedule TO docuvault_app
    USING ((SELECT current_setting('docuvault.worker', true)) = 'on')
    WITH CHECK ((SELECT current_setting('docuvault.worker', true)) = 'on');
GRANT SELECT, INSERT, UPDATE, DELETE ON job_schedule TO docuvault_app;
