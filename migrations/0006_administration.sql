-- Administration: all that an administrator can see and change of another's account, one narrow function each.
-- An admin_* function begins by asking whether the transaction's user is an administrator who may act. What changes an account tells
-- its owner, in the same transaction: a row in their trail and, where it matters to them, a job that notifies them.

-- Column by column: nothing of a document but its id, owner and state, and no sealed secret.
CREATE POLICY users_administration ON users FOR UPDATE TO docuvault_system USING (true) WITH CHECK (true);
GRANT UPDATE (role, disabled_at, erasing_at, token_epoch, totp_enabled, version, updated_at) ON users TO docuvault_system;
CREATE POLICY sessions_administration ON sessions FOR UPDATE TO docuvault_system USING (true) WITH CHECK (true);
GRANT UPDATE (revoked_at, revoke_reason, successor_sealed) ON sessions TO docuvault_system;
CREATE POLICY quotas_administration ON quotas TO docuvault_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (limit_bytes) ON quotas TO docuvault_system;
CREATE POLICY totp_secrets_administration ON totp_secrets TO docuvault_system USING (true);
GRANT SELECT (user_id), DELETE ON totp_secrets TO docuvault_system;
CREATE POLICY recovery_codes_administration ON recovery_codes TO docuvault_system USING (true);
GRANT SELECT (user_id), DELETE ON recovery_codes TO docuvault_system;
CREATE POLICY pending_logins_administration ON pending_logins FOR DELETE TO docuvault_system USING (true);
GRANT DELETE ON pending_logins TO docuvault_system;
CREATE POLICY account_links_administration ON account_links TO docuvault_system USING (true) WITH CHECK (true);
GRANT INSERT, DELETE ON account_links TO docuvault_system;
CREATE POLICY audit_log_system ON audit_log TO docuvault_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit_log TO docuvault_system;
CREATE POLICY jobs_system ON jobs TO docuvault_system USING (true) WITH CHECK (true);
-- Payloads can be written and not read.
GRANT SELECT (id, kind, user_id, lane, state, run_at, attempts, dedupe_key, last_error, died_at), INSERT, UPDATE (state, run_at, attempts, died_at), DELETE
    ON jobs TO docuvault_system;
GRANT INSERT ON invites TO docuvault_system;

-- What administrators may read of the trail: what is about accounts, never what is about documents or topics.
CREATE INDEX audit_log_of_accounts ON audit_log (id DESC)
    WHERE split_part(action, '.', 1) IN ('auth', 'account', 'totp', 'api_token', 'invite', 'admin', 'keys');
CREATE INDEX audit_log_of_accounts_by_user ON audit_log (user_id, id DESC)
    WHERE split_part(action, '.', 1) IN ('auth', 'account', 'totp', 'api_token', 'invite', 'admin', 'keys');
CREATE INDEX audit_log_of_accounts_by_action ON audit_log (action, id DESC)
    WHERE split_part(action, '.', 1) IN ('auth', 'account', 'totp', 'api_token', 'invite', 'admin', 'keys');

-- For the functions below only.

CREATE FUNCTION require_acting_admin() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT coalesce(acting_admin(), false) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator may do this';
    END IF;
END $$;

-- One change of who administers at a time, until the transaction ends.
CREATE FUNCTION lock_administration() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT pg_advisory_xact_lock(7237954630970863982);
    END;

-- Whether nobody could administer the vault without this user. Holds only under lock_administration().
CREATE FUNCTION is_last_admin_of_all(p_user uuid) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.role = 'admin' AND u.disabled_at IS NULL AND u.erasing_at IS NULL)
       AND NOT EXISTS (SELECT FROM users u WHERE u.id <> p_user AND u.role = 'admin' AND u.disabled_at IS NULL AND u.erasing_at IS NULL
                          AND u.password_hash IS NOT NULL);

-- Locks the account for the administrator's change. Answers whether there is one; an account that is being erased changes no more.
CREATE FUNCTION begin_administration_of(p_user uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    erasing timestamptz;
BEGIN
    -- First the lock, then the question, so that an administrator who was demoted meanwhile is none any more.
    PERFORM lock_administration();
    PERFORM require_acting_admin();
    SELECT u.erasing_at INTO erasing FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF erasing IS NOT NULL THEN
        RAISE check_violation USING CONSTRAINT = 'account_erasing', MESSAGE = 'the account is being erased';
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION keep_one_admin(p_user uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF is_last_admin_of_all(p_user) THEN
        RAISE check_violation USING CONSTRAINT = 'last_admin', MESSAGE = 'the vault needs an administrator';
    END IF;
END $$;

-- What one's own password and second factor protect is changed or erased by giving them, not by being an administrator.
CREATE FUNCTION refuse_own_account(p_user uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF p_user = current_user_id() THEN
        RAISE check_violation USING CONSTRAINT = 'own_account', MESSAGE = 'this is the administrator''s own account';
    END IF;
END $$;

-- Tells a user of what was done to their account by another: in their trail, and by p_notice (NULL: none), a kind of notification.
CREATE FUNCTION tell_user(p_user uuid, p_action text, p_notice text, p_metadata jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    told jsonb := p_metadata || CASE WHEN current_user_id() IS NULL THEN '{"by_operator": true}' ELSE jsonb_build_object('by_admin', current_user_id()) END;
BEGIN
    INSERT INTO audit_log (user_id, action, request_id, metadata, previous_hash, hash)
    VALUES (p_user, p_action, nullif(current_setting('docuvault.request_id', true), ''), told, '', '');
    IF p_notice IS NOT NULL THEN
        INSERT INTO jobs (kind, payload, user_id, max_attempts)
        VALUES ('tell_user', jsonb_build_object('kind', p_notice, 'data', told), p_user, 10);
        PERFORM pg_notify('docuvault_jobs', '');
    END IF;
END $$;

-- Ends every session and every access token of a user at once. Answers how many sessions that were.
CREATE FUNCTION end_sessions_of(p_user uuid, p_reason text, p_now timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    ended bigint;
BEGIN
    UPDATE sessions SET revoked_at = p_now, revoke_reason = p_reason, successor_sealed = NULL WHERE user_id = p_user AND revoked_at IS NULL;
    GET DIAGNOSTICS ended = ROW_COUNT;
    DELETE FROM pending_logins WHERE user_id = p_user;
    UPDATE users SET token_epoch = token_epoch + 1 WHERE id = p_user;
    PERFORM pg_notify('docuvault_events', p_user::text || ' session.ended ');
    RETURN ended;
END $$;

-- A link for setting a password that is handed over by hand; earlier ones of its kind end. An hour, or a week for the first password.
CREATE FUNCTION make_password_link_of(p_user uuid, p_link uuid, p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (purpose text, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    SELECT CASE WHEN u.password_hash IS NULL THEN 'choose_password' ELSE 'reset_password' END,
           p_now + CASE WHEN u.password_hash IS NULL THEN interval '7 days' ELSE interval '60 minutes' END
      INTO purpose, expires_at
      FROM users u WHERE u.id = p_user;
    DELETE FROM account_links l WHERE l.user_id = p_user AND l.purpose = make_password_link_of.purpose AND l.used_at IS NULL;
    INSERT INTO account_links (id, user_id, purpose, token_hash, created_at, expires_at)
    VALUES (p_link, p_user, make_password_link_of.purpose, p_token_hash, p_now, make_password_link_of.expires_at);
    PERFORM tell_user(p_user, 'account.reset_link_made', 'security.reset_link_made',
                      jsonb_build_object('purpose', make_password_link_of.purpose, 'expires_at', make_password_link_of.expires_at));
    RETURN NEXT;
END $$;

-- For everyone: what the erasing of one's own account has to know. Holds until the transaction ends.
CREATE FUNCTION is_last_admin() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    PERFORM lock_administration();
    RETURN is_last_admin_of_all(current_user_id());
END $$;

-- Who is no administrator any more has nobody let in, least of all themself.
CREATE FUNCTION revoke_invites_of(p_user uuid, p_now timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        UPDATE invites SET revoked_at = p_now WHERE created_by = p_user AND accepted_at IS NULL AND revoked_at IS NULL;
    END;

-- For administrators.

-- Accounts, newest first: one (p_user), or those whose address or name has p_words, before p_before.
CREATE FUNCTION admin_users(p_user uuid, p_words text, p_before uuid, p_limit bigint, p_now timestamptz)
    RETURNS TABLE (id uuid, email text, display_name text, role text, disabled boolean, has_password boolean, totp_enabled boolean, email_verified boolean,
                   created_at timestamptz, last_seen_at timestamptz, sessions bigint, used_bytes bigint, reserved_bytes bigint, limit_bytes bigint,
                   erasing boolean, version integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT u.id, u.email, u.display_name, u.role, u.disabled_at IS NOT NULL, u.password_hash IS NOT NULL, u.totp_enabled, u.email_verified_at IS NOT NULL,
               u.created_at,
               greatest((SELECT max(s.last_used_at) FROM sessions s WHERE s.user_id = u.id), (SELECT max(t.last_used_at) FROM api_tokens t WHERE t.user_id = u.id)),
               (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.idle_expires_at > p_now AND s.absolute_expires_at > p_now),
               q.used_bytes, q.reserved_bytes, q.limit_bytes, u.erasing_at IS NOT NULL, u.version
          FROM users u CROSS JOIN LATERAL (SELECT l.* FROM quotas l WHERE l.user_id = u.id LIMIT 1) q
         WHERE (p_user IS NULL OR u.id = p_user) AND u.id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           AND (p_words IS NULL OR position(lower(p_words) IN u.email_key) > 0 OR position(lower(p_words) IN lower(u.display_name)) > 0)
         ORDER BY u.id DESC LIMIT p_limit;
END $$;

-- Locks the account, so that its version can be compared before it is changed.
CREATE FUNCTION admin_lock_user(p_user uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT u.version FROM users u WHERE u.id = p_user);
END $$;

-- Each of these answers whether there is such an account.

CREATE FUNCTION admin_set_role(p_user uuid, p_role text, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    IF p_role <> 'admin' THEN
        PERFORM keep_one_admin(p_user);
    END IF;
    UPDATE users SET role = p_role, version = version + 1, updated_at = p_now WHERE id = p_user AND role <> p_role;
    IF FOUND THEN
        PERFORM end_sessions_of(p_user, 'role_changed', p_now);
        PERFORM revoke_invites_of(p_user, p_now);
        PERFORM tell_user(p_user, 'account.role_changed', 'account.role_changed', jsonb_build_object('role', p_role));
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION admin_set_disabled(p_user uuid, p_disabled boolean, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    IF p_disabled THEN
        PERFORM keep_one_admin(p_user);
    END IF;
    UPDATE users SET disabled_at = CASE WHEN p_disabled THEN p_now END, version = version + 1, updated_at = p_now
     WHERE id = p_user AND (disabled_at IS NOT NULL) <> p_disabled;
    IF FOUND AND p_disabled THEN
        PERFORM end_sessions_of(p_user, 'disabled', p_now);
        PERFORM revoke_invites_of(p_user, p_now);
        PERFORM tell_user(p_user, 'account.disabled', NULL, '{}');
    ELSIF FOUND THEN
        PERFORM tell_user(p_user, 'account.enabled', NULL, '{}');
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION admin_set_quota(p_user uuid, p_limit_bytes bigint, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    UPDATE quotas SET limit_bytes = p_limit_bytes WHERE user_id = p_user AND limit_bytes <> p_limit_bytes;
    IF FOUND THEN
        UPDATE users SET version = version + 1, updated_at = p_now WHERE id = p_user;
        PERFORM tell_user(p_user, 'account.quota_changed', 'account.quota_changed', jsonb_build_object('limit_bytes', p_limit_bytes));
        PERFORM pg_notify('docuvault_events', p_user::text || ' quota.updated ');
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION admin_end_sessions(p_user uuid, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    PERFORM tell_user(p_user, 'account.sessions_ended', 'security.sessions_ended_by_admin',
                      jsonb_build_object('sessions', end_sessions_of(p_user, 'ended_by_admin', p_now)));
    RETURN true;
END $$;

-- Takes the second factor away, and whatever session may have been had by it.
CREATE FUNCTION admin_reset_totp(p_user uuid, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    PERFORM refuse_own_account(p_user);
    DELETE FROM totp_secrets WHERE user_id = p_user;
    DELETE FROM recovery_codes WHERE user_id = p_user;
    UPDATE users SET totp_enabled = false, version = version + 1, updated_at = p_now WHERE id = p_user;
    PERFORM end_sessions_of(p_user, 'totp_changed', p_now);
    PERFORM tell_user(p_user, 'totp.reset', 'security.totp_reset_by_admin', '{}');
    RETURN true;
END $$;

-- No row: there is no such account.
CREATE FUNCTION admin_make_password_link(p_user uuid, p_link uuid, p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (purpose text, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    IF begin_administration_of(p_user) THEN
        PERFORM refuse_own_account(p_user);
        RETURN QUERY SELECT m.purpose, m.expires_at FROM make_password_link_of(p_user, p_link, p_token_hash, p_now) m;
    END IF;
END $$;

-- Closes the account at once and queues its erasing. Asked again, it answers the same.
CREATE FUNCTION admin_erase_user(p_user uuid, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    PERFORM lock_administration();
    PERFORM require_acting_admin();
    IF EXISTS (SELECT FROM users WHERE id = p_user AND erasing_at IS NOT NULL) THEN
        RETURN true;
    END IF;
    IF NOT begin_administration_of(p_user) THEN
        RETURN false;
    END IF;
    PERFORM keep_one_admin(p_user);
    PERFORM refuse_own_account(p_user);
    PERFORM end_sessions_of(p_user, 'erasing', p_now);
    PERFORM revoke_invites_of(p_user, p_now);
    PERFORM tell_user(p_user, 'account.erasing', NULL, '{}');
    UPDATE users SET erasing_at = p_now, disabled_at = coalesce(disabled_at, p_now), version = version + 1, updated_at = p_now WHERE id = p_user;
    -- No user's job, because it outlives the user.
    INSERT INTO jobs (kind, payload, max_attempts, dedupe_key)
    VALUES ('erase_account', jsonb_build_object('user_id', p_user), 20, p_user::text);
    PERFORM pg_notify('docuvault_jobs', '');
    RETURN true;
END $$;

CREATE FUNCTION admin_stats(p_now timestamptz)
    RETURNS TABLE (users bigint, admins bigint, disabled bigint, active_30_days bigint, sessions bigint, documents bigint, used_bytes bigint, reserved_bytes bigint,
                   limit_bytes bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT u.users, u.admins, u.disabled, u.active, s.sessions, (SELECT count(*) FROM documents d WHERE d.state IN ('stored', 'processing', 'ready', 'failed')),
               q.used, q.reserved, q.allowed
          FROM (SELECT count(*) AS users, count(*) FILTER (WHERE a.role = 'admin') AS admins, count(*) FILTER (WHERE a.disabled_at IS NOT NULL) AS disabled,
                       count(*) FILTER (WHERE EXISTS (SELECT FROM sessions b WHERE b.user_id = a.id AND b.last_used_at > p_now - interval '30 days')) AS active
                  FROM users a) u,
               (SELECT count(*) AS sessions FROM sessions c WHERE c.revoked_at IS NULL AND c.idle_expires_at > p_now AND c.absolute_expires_at > p_now) s,
               (SELECT coalesce(sum(l.used_bytes), 0)::bigint AS used, coalesce(sum(l.reserved_bytes), 0)::bigint AS reserved,
                       coalesce(sum(l.limit_bytes), 0)::bigint AS allowed FROM quotas l) q;
END $$;

CREATE FUNCTION admin_job_kinds() RETURNS TABLE (kind text, ready bigint, running bigint, dead bigint, oldest_ready_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT j.kind, count(*) FILTER (WHERE j.state = 'ready'), count(*) FILTER (WHERE j.state = 'running'), count(*) FILTER (WHERE j.state = 'dead'),
               min(j.run_at) FILTER (WHERE j.state = 'ready')
          FROM jobs j GROUP BY j.kind ORDER BY j.kind;
END $$;

CREATE FUNCTION admin_dead_jobs(p_limit bigint)
    RETURNS TABLE (id bigint, kind text, user_id uuid, attempts integer, last_error text, died_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT j.id, j.kind, j.user_id, j.attempts, j.last_error, j.died_at FROM jobs j WHERE j.state = 'dead' ORDER BY j.id DESC LIMIT p_limit;
END $$;

-- Queues a dead job again, or forgets it where an equal one waits. Answers whether there was one.
CREATE FUNCTION admin_retry_job(p_job bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    PERFORM require_acting_admin();
    UPDATE jobs j SET state = 'ready', run_at = now(), attempts = 0, died_at = NULL
     WHERE j.id = p_job AND j.state = 'dead' AND NOT EXISTS (
           SELECT FROM jobs twin WHERE twin.state = 'ready' AND twin.kind = j.kind AND twin.lane = j.lane AND twin.dedupe_key = j.dedupe_key);
    IF FOUND THEN
        PERFORM pg_notify('docuvault_jobs', '');
        RETURN true;
    END IF;
    DELETE FROM jobs j WHERE j.id = p_job AND j.state = 'dead';
    RETURN FOUND;
END $$;

-- The trail of accounts, newest first; of one user or of one action where they are given.
CREATE FUNCTION admin_audit(p_user uuid, p_action text, p_before bigint, p_limit bigint)
    RETURNS TABLE (id bigint, at timestamptz, user_id uuid, user_email text, action text, ip text, request_id text, metadata jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT a.id, a.at, a.user_id, (SELECT u.email FROM users u WHERE u.id = a.user_id), a.action, a.ip, a.request_id, a.metadata
          FROM audit_log a
         WHERE split_part(a.action, '.', 1) IN ('auth', 'account', 'totp', 'api_token', 'invite', 'admin', 'keys')
           AND (p_user IS NULL OR a.user_id = p_user) AND (p_action IS NULL OR a.action = p_action) AND a.id < coalesce(p_before, 9223372036854775807)
         ORDER BY a.id DESC LIMIT p_limit;
END $$;

-- For whoever runs the server, on its command line. They hold the application's login and so can do what it can; what they do by these is
-- told to the user and stands in the trail of the vault itself, that of the user whose id is all zeros.

CREATE FUNCTION operator_record(p_action text, p_metadata jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        INSERT INTO audit_log (user_id, action, metadata, previous_hash, hash)
        VALUES ('00000000-0000-0000-0000-000000000000', p_action, p_metadata || '{"by_operator": true}', '', '');
    END;

CREATE FUNCTION operator_make_invite(p_invite uuid, p_token_hash bytea, p_email text, p_role text, p_limit_bytes bigint, p_now timestamptz, p_expires_at timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    INSERT INTO invites (id, token_hash, email, role, limit_bytes, created_at, expires_at)
    VALUES (p_invite, p_token_hash, p_email, p_role, p_limit_bytes, p_now, p_expires_at);
    PERFORM operator_record('invite.created', jsonb_build_object('invite_id', p_invite, 'role', p_role));
END $$;

-- No row: there is no account of this address.
CREATE FUNCTION operator_make_password_link(p_email_key text, p_link uuid, p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (purpose text, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    found_user uuid;
BEGIN
    SELECT u.id INTO found_user FROM users u WHERE u.email_key = p_email_key AND u.erasing_at IS NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM operator_record('admin.reset_link_made', jsonb_build_object('user_id', found_user));
        RETURN QUERY SELECT m.purpose, m.expires_at FROM make_password_link_of(found_user, p_link, p_token_hash, p_now) m;
    END IF;
END $$;

CREATE FUNCTION operator_set_quota(p_email_key text, p_limit_bytes bigint, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    found_user uuid;
BEGIN
    SELECT u.id INTO found_user FROM users u WHERE u.email_key = p_email_key AND u.erasing_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE quotas SET limit_bytes = p_limit_bytes WHERE user_id = found_user;
    UPDATE users SET version = version + 1, updated_at = p_now WHERE id = found_user;
    PERFORM operator_record('admin.quota_changed', jsonb_build_object('user_id', found_user, 'limit_bytes', p_limit_bytes));
    PERFORM tell_user(found_user, 'account.quota_changed', 'account.quota_changed', jsonb_build_object('limit_bytes', p_limit_bytes));
    RETURN true;
END $$;

-- For checking the trail. They answer ids, counts and hashes; a chain is walked in slices, so that its length does not matter.

-- The first chain after p_after in the order of users' ids, with its head; a head without rows and rows without a head are found too.
CREATE FUNCTION audit_next_chain(p_after uuid) RETURNS TABLE (user_id uuid, head_rows bigint, head_hash bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
DECLARE
    next_user uuid;
BEGIN
    SELECT o.owner INTO next_user
      FROM ((SELECT h.user_id AS owner FROM audit_heads h WHERE p_after IS NULL OR h.user_id > p_after ORDER BY h.user_id LIMIT 1)
            UNION ALL
            (SELECT a.user_id FROM audit_log a WHERE p_after IS NULL OR a.user_id > p_after ORDER BY a.user_id LIMIT 1)) o
     ORDER BY o.owner LIMIT 1;
    IF next_user IS NOT NULL THEN
        RETURN QUERY SELECT next_user, h.rows, h.hash FROM (SELECT) one LEFT JOIN audit_heads h ON h.user_id = next_user;
    END IF;
END $$;

-- The next p_limit rows of a chain after row p_after, whose hash was p_hash (NULL and empty at its beginning): how many there are, where they
-- end, and which do not follow from their content and the row before.
CREATE FUNCTION audit_breaks(p_user uuid, p_after bigint, p_hash bytea, p_limit bigint)
    RETURNS TABLE (checked bigint, last_id bigint, last_hash bytea, broken bigint[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT count(*), max(c.id), (array_agg(c.hash ORDER BY c.id DESC))[1],
               coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE c.hash <> c.wanted OR c.previous_hash <> c.before), '{}')
          FROM (SELECT s.id, s.hash, s.previous_hash, coalesce(lag(s.hash) OVER (ORDER BY s.id), p_hash) AS before,
                       sha256(s.previous_hash || convert_to(
                           s.user_id::text || '|' || to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '|' || s.action || '|'
                           || coalesce(s.session_id::text, '') || '|' || coalesce(s.ip, '') || '|' || coalesce(s.request_id, '') || '|' || s.metadata::text,
                           'UTF8')) AS wanted
                  FROM (SELECT a.* FROM audit_log a WHERE a.user_id = p_user AND a.id > coalesce(p_after, 0) ORDER BY a.id LIMIT p_limit) s) c;
    END;

-- The hash of a chain's p_rows-th row; NULL when it has not so many.
CREATE FUNCTION audit_hash_at(p_user uuid, p_rows bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN (SELECT a.hash FROM audit_log a WHERE a.user_id = p_user ORDER BY a.id OFFSET greatest(p_rows, 1) - 1 LIMIT 1);

GRANT CREATE ON SCHEMA public TO docuvault_system;
DO $owners$
DECLARE
    door text;
BEGIN
    FOREACH door IN ARRAY ARRAY['require_acting_admin()', 'lock_administration()', 'is_last_admin_of_all(uuid)', 'begin_administration_of(uuid)', 'keep_one_admin(uuid)', 'refuse_own_account(uuid)',
                                'tell_user(uuid, text, text, jsonb)', 'end_sessions_of(uuid, text, timestamptz)', 'revoke_invites_of(uuid, timestamptz)',
                                'make_password_link_of(uuid, uuid, bytea, timestamptz)', 'operator_record(text, jsonb)'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO docuvault_system', door);
    END LOOP;
    FOREACH door IN ARRAY ARRAY['is_last_admin()', 'admin_users(uuid, text, uuid, bigint, timestamptz)', 'admin_lock_user(uuid)', 'admin_set_role(uuid, text, timestamptz)',
                                'admin_set_disabled(uuid, boolean, timestamptz)', 'admin_set_quota(uuid, bigint, timestamptz)',
                                'admin_end_sessions(uuid, timestamptz)', 'admin_reset_totp(uuid, timestamptz)',
                                'admin_make_password_link(uuid, uuid, bytea, timestamptz)', 'admin_erase_user(uuid, timestamptz)', 'admin_stats(timestamptz)',
                                'admin_job_kinds()', 'admin_dead_jobs(bigint)', 'admin_retry_job(bigint)', 'admin_audit(uuid, text, bigint, bigint)',
                                'operator_make_invite(uuid, bytea, text, text, bigint, timestamptz, timestamptz)',
                                'operator_make_password_link(text, uuid, bytea, timestamptz)', 'operator_set_quota(text, bigint, timestamptz)',
                                'audit_next_chain(uuid)', 'audit_breaks(uuid, bigint, bytea, bigint)', 'audit_hash_at(uuid, bigint)'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO docuvault_app', door);
        EXECUTE format('ALTER FUNCTION %s OWNER TO docuvault_system', door);
    END LOOP;
END
$owners$;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
