-- Documents: their state, their words, their topics, and the way to find them.

CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Words as they stand, without case and accents. Used for every language, so names and numbers always hit.
CREATE TEXT SEARCH CONFIGURATION docuvault (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION docuvault
    ALTER MAPPING FOR asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart
    WITH unaccent, simple;

CREATE TABLE folders (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    parent_id  uuid REFERENCES folders (id) ON DELETE CASCADE,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT folders_name_taken UNIQUE NULLS NOT DISTINCT (user_id, parent_id, name)
);
ALTER TABLE folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE folders FORCE ROW LEVEL SECURITY;
CREATE POLICY folders_own ON folders TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

CREATE TABLE documents (
    id                   uuid PRIMARY KEY,
    user_id              uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- reserved: promised, no bytes yet. stored: bytes are there. processing: being read. ready / failed: read, or could not be
    -- read (the file is there all the same). purging: being erased for good.
    state                text NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'stored', 'processing', 'ready', 'failed', 'purging')),
    title                text NOT NULL,
    -- Who gave the title, date and correspondent; filing never overwrites what the user said.
    title_source         text NOT NULL DEFAULT 'filename' CHECK (title_source IN ('filename', 'device', 'user')),
    filename             text NOT NULL,
    -- What the content is, by looking at it; until it was looked at, what its sender claimed.
    content_type         text NOT NULL,
    size_bytes           bigint NOT NULL CHECK (size_bytes > 0),
    sha256               bytea CHECK (octet_length(sha256) = 32),
    -- True when the user wanted a second copy of the same bytes.
    duplicate_allowed    boolean NOT NULL DEFAULT false,
    -- {user_id}/{document_id}/{uuid4}{ext}
    object_key           text NOT NULL,
    backend_id           uuid,
    thumbnail_key        text,
    -- When the thumbnail was stored; NULL: there is none (yet).
    thumbnail_at         timestamptz,
    folder_id            uuid REFERENCES folders (id) ON DELETE SET NULL,
    document_date        date,
    document_date_source text CHECK (document_date_source IN ('device', 'user')),
    correspondent        text,
    correspondent_source text CHECK (correspondent_source IN ('device', 'user')),
    language             text,
    page_count           integer CHECK (page_count >= 0),
    summary              text,
    -- A code, shown as words by the client; never content.
    processing_error     text,
    -- True when pages were left unread because no OCR is installed here.
    ocr_missing          boolean NOT NULL DEFAULT false,
    -- When the user said which topics it has; filing leaves such a document's topics alone.
    topics_decided_at    timestamptz,
    -- When the user last decided on its topics or correspondent: what filing learns from.
    taught_at            timestamptz,
    trashed_at           timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    -- Goes into the ETag; raised by every change.
    version              integer NOT NULL DEFAULT 1
);
CREATE INDEX documents_newest ON documents (user_id, created_at DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX documents_by_title ON documents (user_id, lower(title), id) WHERE trashed_at IS NULL;
CREATE INDEX documents_by_document_date ON documents (user_id, document_date DESC NULLS LAST, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX documents_by_document_date_rising ON documents (user_id, document_date, id) WHERE trashed_at IS NULL;
CREATE INDEX documents_by_size ON documents (user_id, size_bytes DESC, id DESC) WHERE trashed_at IS NULL;
CREATE INDEX documents_trashed ON documents (user_id, created_at DESC, id DESC) WHERE trashed_at IS NOT NULL;
CREATE INDEX documents_trash_due ON documents (trashed_at) WHERE trashed_at IS NOT NULL;
CREATE INDEX documents_taught ON documents (user_id, taught_at) WHERE taught_at IS NOT NULL;
CREATE INDEX documents_by_folder ON documents (user_id, folder_id) WHERE folder_id IS NOT NULL;
-- The same bytes once per vault, from the moment they are really there.
CREATE UNIQUE INDEX documents_duplicate ON documents (user_id, sha256)
    WHERE NOT duplicate_allowed AND state IN ('stored', 'processing', 'ready', 'failed');
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
CREATE POLICY documents_select ON documents FOR SELECT TO docuvault_app USING (user_id = current_user_id());
CREATE POLICY documents_insert ON documents FOR INSERT TO docuvault_app WITH CHECK (user_id = current_user_id());
CREATE POLICY documents_update ON documents FOR UPDATE TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY documents_delete ON documents FOR DELETE TO docuvault_app USING (user_id = current_user_id());

-- One row per promise of bytes: written before any URL exists, settled or released exactly once.
CREATE TABLE uploads (
    id              uuid PRIMARY KEY,
    document_id     uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- reserved: waiting for bytes. completed: settled. aborting: bytes are being removed, then the row goes.
    state           text NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'completed', 'aborting')),
    object_key      text NOT NULL,
    declared_bytes  bigint NOT NULL CHECK (declared_bytes > 0),
    declared_sha256 bytea CHECK (octet_length(declared_sha256) = 32),
    strategy        text NOT NULL CHECK (strategy IN ('single', 'multipart')),
    -- The store's own name for a multipart upload.
    store_upload_id text,
    -- What the gateway saw go by; NULL for stores that take bytes directly.
    received_sha256 bytea CHECK (octet_length(received_sha256) = 32),
    received_at     timestamptz,
    expires_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    completed_at    timestamptz
);
CREATE UNIQUE INDEX uploads_by_document ON uploads (document_id) WHERE state <> 'completed';
CREATE INDEX uploads_of_document ON uploads (user_id, document_id);
CREATE INDEX uploads_due ON uploads (expires_at) WHERE state IN ('reserved', 'aborting');
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY uploads_own ON uploads TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY uploads_system ON uploads FOR SELECT TO docuvault_system USING (true);
GRANT SELECT ON uploads TO docuvault_system;
CREATE POLICY documents_system ON documents FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (id, user_id, state, trashed_at) ON documents TO docuvault_system;

-- What was read: one row a page.
CREATE TABLE document_pages (
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    number      integer NOT NULL CHECK (number >= 1),
    text        text NOT NULL,
    source      text NOT NULL CHECK (source IN ('text', 'ocr')),
    -- For finding the page a snippet comes from without reading every page again.
    tsv         tsvector NOT NULL,
    PRIMARY KEY (document_id, number)
);
ALTER TABLE document_pages ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_pages FORCE ROW LEVEL SECURITY;
CREATE POLICY document_pages_own ON document_pages TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- What search looks at. Window 0 is the whole document (its first 240,000 characters); long documents have further windows, so that
-- phrases far inside are found too (a tsvector counts no position beyond 16,383).
CREATE TABLE document_search (
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    window_no   integer NOT NULL CHECK (window_no >= 0),
    tsv         tsvector NOT NULL,
    PRIMARY KEY (document_id, window_no)
);
CREATE INDEX document_search_words ON document_search USING gin (user_id, tsv);
ALTER TABLE document_search ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_search FORCE ROW LEVEL SECURITY;
CREATE POLICY document_search_own ON document_search TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY document_search_search ON document_search FOR SELECT TO docuvault_search USING (true);
GRANT SELECT ON document_search TO docuvault_search;

CREATE TABLE topics (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name        text NOT NULL,
    color       text NOT NULL,
    -- Which of the built-in word lists speaks for this topic; NULL for one the user made.
    starter_key text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    version     integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX topics_name_taken ON topics (user_id, lower(name));
ALTER TABLE topics ENABLE ROW LEVEL SECURITY;
ALTER TABLE topics FORCE ROW LEVEL SECURITY;
CREATE POLICY topics_own ON topics TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

CREATE TABLE document_topics (
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    topic_id    uuid NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source      text NOT NULL CHECK (source IN ('device', 'user')),
    confidence  real CHECK (confidence BETWEEN 0 AND 1),
    -- The words that decided.
    reasons     text[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, topic_id)
);
CREATE INDEX document_topics_by_topic ON document_topics (user_id, topic_id, document_id);
ALTER TABLE document_topics ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_topics FORCE ROW LEVEL SECURITY;
CREATE POLICY document_topics_own ON document_topics TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- What filing proposed and did not apply, and what the user took away: the latter teaches it not to come back.
CREATE TABLE topic_suggestions (
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    topic_id    uuid NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state       text NOT NULL CHECK (state IN ('proposed', 'rejected')),
    confidence  real CHECK (confidence BETWEEN 0 AND 1),
    reasons     text[] NOT NULL DEFAULT '{}',
    provider    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, topic_id)
);
CREATE INDEX topic_suggestions_by_topic ON topic_suggestions (user_id, topic_id, document_id);
ALTER TABLE topic_suggestions ENABLE ROW LEVEL SECURITY;
ALTER TABLE topic_suggestions FORCE ROW LEVEL SECURITY;
CREATE POLICY topic_suggestions_own ON topic_suggestions TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- What filing has learned from one user's corrections. Never shared: weights leak words.
CREATE TABLE filing_memories (
    user_id    uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    memory     bytea NOT NULL,
    examples   integer NOT NULL,
    -- Decisions up to this time are learned.
    trained_at timestamptz NOT NULL,
    -- Raised by every change, so that two processes learning at once notice each other.
    revision   integer NOT NULL DEFAULT 1
);
ALTER TABLE filing_memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_memories FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_memories_own ON filing_memories TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- Search. Under row-level security an index on words cannot be used (@@ is not leakproof), so this function, owned by a role
-- that sees every row, applies the user itself; its caller joins the answer to documents under the policies once more.
-- Answers the newest p_candidates hits with their rank: ranking an unbounded set of hits costs more than all else. Filters stand
-- in here so that they narrow the hits before they are counted off; NULL means any.
CREATE POLICY documents_search ON documents FOR SELECT TO docuvault_search USING (true);
CREATE POLICY document_topics_search ON document_topics FOR SELECT TO docuvault_search USING (true);
GRANT SELECT (id, user_id, state, content_type, folder_id, document_date, created_at, trashed_at) ON documents TO docuvault_search;
GRANT SELECT (document_id, user_id, topic_id) ON document_topics TO docuvault_search;

CREATE FUNCTION search_documents(
    p_query tsquery, p_whole_only boolean, p_candidates integer, p_trashed boolean, p_content_type text, p_states text[],
    p_topics uuid[], p_folder uuid, p_without_folder boolean, p_created_after timestamptz, p_created_before timestamptz,
    p_dated_after date, p_dated_before date)
    RETURNS TABLE (document_id uuid, rank real)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT hit.document_id, max(ts_rank('{0.1, 0.3, 0.6, 1.0}', hit.tsv, p_query))
          FROM (SELECT s.document_id, s.tsv
                  FROM document_search s
                  JOIN documents d ON d.id = s.document_id AND d.user_id = current_user_id()
                 WHERE s.user_id = current_user_id() AND s.tsv @@ p_query AND (s.window_no = 0 OR NOT p_whole_only)
                   AND (d.trashed_at IS NOT NULL) = p_trashed AND d.state <> 'purging'
                   AND (p_content_type IS NULL OR starts_with(d.content_type, p_content_type))
                   AND (p_states IS NULL OR d.state = ANY (p_states))
                   AND (p_folder IS NULL OR d.folder_id = p_folder)
                   AND (NOT p_without_folder OR d.folder_id IS NULL)
                   AND (p_created_after IS NULL OR d.created_at >= p_created_after)
                   AND (p_created_before IS NULL OR d.created_at < p_created_before)
                   AND (p_dated_after IS NULL OR d.document_date >= p_dated_after)
                   AND (p_dated_before IS NULL OR d.document_date < p_dated_before)
                   AND (p_topics IS NULL OR cardinality(p_topics) = (
                            SELECT count(*) FROM document_topics t
                             WHERE t.document_id = d.id AND t.user_id = current_user_id() AND t.topic_id = ANY (p_topics)))
                 ORDER BY s.document_id DESC
                 LIMIT p_candidates) hit
         GROUP BY hit.document_id;
    END;

-- Uploads whose promise has run out, and documents whose time in the trash is over: for the sweep, which then acts as each user.
CREATE FUNCTION uploads_due(p_before timestamptz, p_limit integer) RETURNS TABLE (user_id uuid, upload_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT u.user_id, u.id FROM uploads u
         WHERE u.state IN ('reserved', 'aborting') AND u.expires_at < p_before
         ORDER BY u.expires_at LIMIT p_limit;
    END;
CREATE FUNCTION trash_due(p_before timestamptz, p_limit integer) RETURNS TABLE (user_id uuid, document_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT d.user_id, d.id FROM documents d
         WHERE d.trashed_at < p_before
         ORDER BY d.trashed_at LIMIT p_limit;
    END;

GRANT CREATE ON SCHEMA public TO docuvault_search, docuvault_system;
ALTER FUNCTION search_documents(tsquery, boolean, integer, boolean, text, text[], uuid[], uuid, boolean, timestamptz, timestamptz, date, date) OWNER TO docuvault_search;
ALTER FUNCTION uploads_due(timestamptz, integer) OWNER TO docuvault_system;
ALTER FUNCTION trash_due(timestamptz, integer) OWNER TO docuvault_system;
REVOKE CREATE ON SCHEMA public FROM docuvault_search, docuvault_system;
SET LOCAL ROLE docuvault_search;
GRANT EXECUTE ON FUNCTION search_documents(tsquery, boolean, integer, boolean, text, text[], uuid[], uuid, boolean, timestamptz, timestamptz, date, date) TO docuvault_app;
RESET ROLE;
SET LOCAL ROLE docuvault_system;
GRANT EXECUTE ON FUNCTION uploads_due(timestamptz, integer), trash_due(timestamptz, integer) TO docuvault_app;
RESET ROLE;
