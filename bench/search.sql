-- Fills the vaults of two users: user1 gets the documents of the file :small, user2 those of :large. The first user exists already; the
-- other is made in its image, password included. Run by the superuser, whom row-level security does not hold.
\set ON_ERROR_STOP on
SET maintenance_work_mem = '1GB';
SET synchronous_commit = off;
SELECT id AS small_user, password_hash, kdf_salt FROM users \gset
SELECT gen_random_uuid() AS large_user \gset
INSERT INTO users (id, email, email_key, display_name, role, password_hash, kdf_salt)
VALUES (:'large_user', 'user2@bench.example', 'user2@bench.example', 'User 2', 'user', :'password_hash', :'kdf_salt');
INSERT INTO quotas (user_id, limit_bytes) SELECT id, 1::bigint << 50 FROM users ON CONFLICT DO NOTHING;
INSERT INTO topics (id, user_id, name, color) SELECT gen_random_uuid(), u.id, 'Bench ' || n, 'blue' FROM users u, generate_series(1, 8) AS n;

CREATE UNLOGGED TABLE bench_papers (user_id uuid, id uuid DEFAULT gen_random_uuid(), n bigint, title text, body text);
ALTER TABLE bench_papers ALTER user_id SET DEFAULT :'small_user';
\set from '\\copy bench_papers (n, title, body) FROM ' :small
:from
ALTER TABLE bench_papers ALTER user_id SET DEFAULT :'large_user';
\set from '\\copy bench_papers (n, title, body) FROM ' :large
:from
-- Ids that follow time, as the real ones (UUIDv7) do: one a minute, up to now.
UPDATE bench_papers p
   SET id = (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - (most - n) * 60000), 12, '0') || '7' || substr(md5(p.id::text), 1, 3)
             || '8' || substr(md5(p.id::text), 4, 15))::uuid
  FROM (SELECT user_id AS owner, max(n) AS most FROM bench_papers GROUP BY 1) AS last WHERE last.owner = p.user_id;

-- Built anew at the end, which is quicker.
SELECT pg_get_indexdef('document_search_words'::regclass) AS words_index \gset
DROP INDEX document_search_words;
INSERT INTO documents (id, user_id, state, title, title_source, filename, content_type, size_bytes, sha256, object_key, document_date,
                       document_date_source, correspondent, correspondent_source, language, page_count, created_at)
SELECT id, user_id, 'ready', title, 'device', 'scan.pdf', 'application/pdf', 20000 + n % 1000, sha256(id::text::bytea),
       format('%s/%s/%s.pdf', user_id, id, gen_random_uuid()), current_date - (n % 4000)::int, 'device', 'Sender ' || n % 300, 'device', 'de', 1,
       to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
  FROM bench_papers ORDER BY user_id, n;
INSERT INTO document_topics (document_id, topic_id, user_id, source, confidence)
SELECT d.id, t.id, d.user_id, 'device', 0.9 FROM documents d JOIN topics t ON t.user_id = d.user_id AND t.name = 'Bench ' || 1 + d.size_bytes % 8;
INSERT INTO document_pages (document_id, user_id, number, text, source, tsv)
SELECT id, user_id, 1, body, 'text', to_tsvector('docuvault', body) FROM bench_papers ORDER BY user_id, n;
INSERT INTO document_search (document_id, user_id, window_no, tsv)
SELECT d.id, d.user_id, 0, setweight(to_tsvector('docuvault', d.title), 'A') || setweight(to_tsvector('docuvault', d.correspondent), 'B')
       || setweight(p.tsv, 'D') || array_to_tsvector(ARRAY[E'\x03de', search_shelf(d.user_id, ((b.n - 1) / 1024)::integer)])
  FROM bench_papers b JOIN documents d ON d.id = b.id JOIN document_pages p ON p.document_id = d.id ORDER BY b.user_id, b.n;
:words_index;
INSERT INTO search_words (user_id, word, documents)
SELECT owner, word, ndoc FROM (SELECT DISTINCT user_id AS owner FROM bench_papers) AS owners,
       LATERAL ts_stat(format('SELECT tsv FROM document_search WHERE user_id = %L', owner)) ORDER BY 1, 2;
UPDATE quotas q SET used_bytes = (SELECT sum(size_bytes) FROM documents d WHERE d.user_id = q.user_id);
DROP TABLE bench_papers;
VACUUM (ANALYZE);
CHECKPOINT;
