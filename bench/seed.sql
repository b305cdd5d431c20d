-- :users vaults with :documents documents each, two topics on every document. The first user exists already; the others are made
-- in its image, password included. Run by the superuser, whom row-level security does not hold.
\set ON_ERROR_STOP on
BEGIN;
SELECT password_hash, kdf_salt FROM users \gset

INSERT INTO users (id, email, email_key, display_name, role, password_hash, kdf_salt)
SELECT gen_random_uuid(), format('user%s@bench.example', n), format('user%s@bench.example', n), format('User %s', n), 'user', :'password_hash', :'kdf_salt'
  FROM generate_series(2, :users) AS n;
INSERT INTO quotas (user_id, limit_bytes) SELECT id, 1::bigint << 40 FROM users ON CONFLICT DO NOTHING;
INSERT INTO topics (id, user_id, name, color)
SELECT gen_random_uuid(), u.id, name, 'blue' FROM users u, unnest(ARRAY['Bench 1', 'Bench 2', 'Bench 3', 'Bench 4', 'Bench 5']) AS name;

-- Ids that follow time, as the real ones (UUIDv7) do.
CREATE FUNCTION pg_temp.id_at(at timestamptz, owner uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid
      FROM (SELECT md5(owner::text || at::text) AS hash) AS owned
$$;
INSERT INTO documents (id, user_id, state, title, title_source, filename, content_type, size_bytes, sha256, object_key, thumbnail_key,
                       thumbnail_at, document_date, document_date_source, correspondent, correspondent_source, language, page_count, created_at)
SELECT new.id, u.id, 'ready', format('Invoice %s of the municipal water works', n), 'device', format('scan-%s.pdf', n), 'application/pdf',
       20000 + n * 37, sha256(new.id::text::bytea), format('%s/%s/%s.pdf', u.id, new.id, gen_random_uuid()),
       format('%s/%s/%s.webp', u.id, new.id, gen_random_uuid()), now(), date '2026-01-01' - n, 'device', 'Municipal Water Works', 'device', 'en',
       1 + n % 9, now() - make_interval(mins => n)
  FROM generate_series(:documents, 1, -1) AS n, users u, LATERAL pg_temp.id_at(now() - make_interval(mins => n), u.id) AS new (id);
UPDATE quotas q SET used_bytes = (SELECT sum(size_bytes) FROM documents d WHERE d.user_id = q.user_id);

INSERT INTO document_topics (document_id, topic_id, user_id, source, confidence)
SELECT d.id, t.id, d.user_id, 'device', 0.9
  FROM documents d
  JOIN topics t ON t.user_id = d.user_id
   AND t.name IN (format('Bench %s', 1 + d.page_count % 5), format('Bench %s', 1 + (d.page_count + 2) % 5));
COMMIT;

-- What pgbench acts as; filled in once everyone has signed in.
CREATE SCHEMA bench;
CREATE TABLE bench.callers (user_id uuid NOT NULL, session_id uuid NOT NULL);
GRANT USAGE ON SCHEMA bench TO docuvault_app;
GRANT SELECT ON bench.callers TO docuvault_app;

VACUUM (ANALYZE);
CHECKPOINT;
