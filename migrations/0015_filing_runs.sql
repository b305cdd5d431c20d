-- Reading or filing all of a user's documents again.
CREATE TABLE filing_runs (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('reprocess', 'refile')),
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'finished', 'cancelled')),
    -- Documents there were when it began, those done with, and of these the ones that could not be read.
    total       bigint NOT NULL,
    done        bigint NOT NULL DEFAULT 0,
    failed      bigint NOT NULL DEFAULT 0,
    -- The last document taken; they come by id.
    reached     uuid,
    -- Documents that were taken and are still being read.
    reading     uuid[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX filing_runs_open ON filing_runs (user_id) WHERE state IN ('running', 'paused');
CREATE INDEX filing_runs_newest ON filing_runs (user_id, id DESC);
ALTER TABLE filing_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_runs_own ON filing_runs TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- A run goes through the documents by id.
CREATE INDEX documents_by_id ON documents (user_id, id) WHERE trashed_at IS NULL;
