-- Accounts you can trust: second factor, personal API tokens, invites and one-time links, notifications, mail, rate limits.

ALTER TABLE users
    -- When the address was shown to be the user's: by a link that was mailed there.
    ADD COLUMN email_verified_at   timestamptz,
    ADD COLUMN password_changed_at timestamptz,
    -- When the user asked for the account to be erased; a job does it.
    ADD COLUMN erasing_at          timestamptz,
    -- Goes into the ETag; raised by every change of the profile.
    ADD COLUMN version             integer NOT NULL DEFAULT 1,
    -- NULL until the user has chosen one: an account that an administrator made.
    ALTER COLUMN password_hash DROP NOT NULL;

ALTER TABLE sessions
    -- When the password was last given in this session: changes of security want it recent.
    ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now(),
    DROP CONSTRAINT sessions_revoke_reason_check,
    ADD CONSTRAINT sessions_revoke_reason_check CHECK (revoke_reason IN (
        'logout', 'refresh_reused', 'ended_by_user', 'ended_by_admin', 'password_changed', 'password_reset', 'totp_changed', 'role_changed', 'disabled', 'erasing'));

-- The second factor. The seed is sealed; last_step is the newest 30-second step whose code was taken, so no code works twice.
CREATE TABLE totp_secrets (
    user_id      uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    seed_sealed  bytea NOT NULL,
    -- NULL while it is being set up.
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE recovery_codes (
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of a code of 128 random bits.
    code_hash  bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, code_hash)
);

-- A login whose password was right and whose second factor is still to come.
CREATE TABLE pending_logins (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT pending_logins_token_unique UNIQUE CHECK (octet_length(token_hash) = 32),
    failures   integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
CREATE INDEX pending_logins_of_user ON pending_logins (user_id);

-- Tokens that a user makes for scripts. They never change the security of the account.
CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The first characters, to tell tokens apart.
    prefix       text NOT NULL,
    token_hash   bytea NOT NULL CONSTRAINT api_tokens_hash_unique UNIQUE CHECK (octet_length(token_hash) = 32),
    -- Reading always; changing only if true.
    can_write    boolean NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, id DESC);

-- What a mailed or handed-over link stands for. Only the hash of its token is kept; it works once.
CREATE TABLE account_links (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- choose_password: the first password of an account that an administrator made.
    purpose    text NOT NULL CHECK (purpose IN ('reset_password', 'choose_password', 'verify_email', 'leave_email', 'take_email')),
    token_hash bytea NOT NULL CONSTRAINT account_links_token_unique UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX account_links_of_user ON account_links (user_id, purpose);

-- A change of address under way: it takes effect when both addresses have confirmed it.
CREATE TABLE email_changes (
    user_id            uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    new_email          text NOT NULL,
    old_confirmed_at   timestamptz,
    new_confirmed_at   timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    expires_at         timestamptz NOT NULL
);

CREATE TABLE notifications (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Such as security.refresh_reused; the client has the words.
    kind       text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    -- Ids, times and addresses of the network; never a document's name.
    data       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at    timestamptz
);
CREATE INDEX notifications_of_user ON notifications (user_id, id DESC);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
-- Only what differs from the kind's default.
CREATE TABLE notification_preferences (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind    text NOT NULL,
    in_app  boolean NOT NULL,
    mail    boolean NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- Mail that waits to be sent; a row goes when its mail has gone. The letter may hold a link, so it is sealed.
CREATE TABLE mails (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient     text NOT NULL,
    letter_sealed bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mails_of_user ON mails (user_id);

DO $rls$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['totp_secrets', 'recovery_codes', 'pending_logins', 'api_tokens', 'account_links', 'email_changes', 'notifications',
                               'notification_preferences', 'mails'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', own);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY %I ON %I TO docuvault_app USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id())', own || '_own', own);
    END LOOP;
END
$rls$;

-- True when the transaction's user is an administrator who may act, as the table of users says, whatever the application believes.
CREATE FUNCTION acting_admin() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN EXISTS (SELECT FROM users WHERE id = current_user_id() AND role = 'admin' AND disabled_at IS NULL);

-- Invitations to sign up. Administrators' business; who redeems one asks by its hash.
CREATE TABLE invites (
    id          uuid PRIMARY KEY,
    token_hash  bytea NOT NULL CONSTRAINT invites_token_unique UNIQUE CHECK (octet_length(token_hash) = 32),
    -- When set, only this address may sign up by it.
    email       text,
    role        text NOT NULL CHECK (role IN ('admin', 'user')),
    -- NULL: the vault's usual quota.
    limit_bytes bigint CHECK (limit_bytes >= 0),
    created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES users (id) ON DELETE SET NULL,
    revoked_at  timestamptz
);
CREATE INDEX invites_newest ON invites (id DESC);
ALTER TABLE invites ENABLE ROW LEVEL SECURITY;
ALTER TABLE invites FORCE ROW LEVEL SECURITY;
CREATE POLICY invites_admin ON invites TO docuvault_app USING ((SELECT acting_admin())) WITH CHECK ((SELECT acting_admin()));
CREATE POLICY invites_system ON invites TO docuvault_system USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON invites TO docuvault_system;

-- How often something was tried: one row a key, told by an HMAC of what it is about. Nothing of value, so it need not outlive a crash.
CREATE UNLOGGED TABLE rate_limits (
    key     bytea PRIMARY KEY,
    -- When the bucket will be empty again (GCRA's theoretical arrival time).
    full_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rate_limits_by_age ON rate_limits (full_at);
ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY rate_limits_all ON rate_limits TO docuvault_app USING (true) WITH CHECK (true);

-- Doors that open before a user is known. Each answers one narrow question.

CREATE POLICY pending_logins_system ON pending_logins FOR SELECT TO docuvault_system USING (true);
CREATE POLICY account_links_system ON account_links FOR SELECT TO docuvault_system USING (true);
CREATE POLICY api_tokens_system ON api_tokens TO docuvault_system USING (true) WITH CHECK (true);
GRANT SELECT ON pending_logins, account_links, api_tokens TO docuvault_system;
GRANT UPDATE (last_used_at) ON api_tokens TO docuvault_system;

-- Of one that can still be ended well.
CREATE FUNCTION pending_login_owner(p_token_hash bytea, p_now timestamptz, p_most_failures integer) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN (SELECT user_id FROM pending_logins WHERE token_hash = p_token_hash AND expires_at > p_now AND failures < p_most_failures);

CREATE FUNCTION account_link_owner(p_token_hash bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN (SELECT user_id FROM account_links WHERE token_hash = p_token_hash);

-- An invitation that can still be redeemed.
CREATE FUNCTION find_invite(p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (id uuid, email text, role text, limit_bytes bigint, expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT i.id, i.email, i.role, i.limit_bytes, i.expires_at FROM invites i
         WHERE i.token_hash = p_token_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > p_now;
    END;

-- Takes an invitation for the transaction's user, once. Answers whether it could be had.
CREATE FUNCTION accept_invite(p_token_hash bytea, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    UPDATE invites SET accepted_at = p_now, accepted_by = current_user_id()
     WHERE token_hash = p_token_hash AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > p_now;
    RETURN FOUND;
END $$;

-- As begin_user_session, and tells what the application must know of the session.
CREATE FUNCTION begin_session(p_user uuid, p_session uuid, p_epoch integer)
    RETURNS TABLE (role text, totp_enabled boolean, authenticated_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
    SELECT u.role, u.totp_enabled, s.authenticated_at INTO role, totp_enabled, authenticated_at
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL AND s.absolute_expires_at > now()
       AND u.token_epoch = p_epoch AND u.disabled_at IS NULL;
    IF FOUND THEN
        PERFORM set_config('docuvault.user_id', p_user::text, true);
        RETURN NEXT;
    END IF;
END $$;
DROP FUNCTION begin_user_session(uuid, uuid, integer);

-- The same for a personal API token; notes its use, once a minute at most.
CREATE FUNCTION begin_api_token(p_token_hash bytea, p_now timestamptz)
    RETURNS TABLE (user_id uuid, token_id uuid, role text, totp_enabled boolean, can_write boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    SELECT t.user_id, t.id, u.role, u.totp_enabled, t.can_write INTO user_id, token_id, role, totp_enabled, can_write
      FROM api_tokens t JOIN users u ON u.id = t.user_id
     WHERE t.token_hash = p_token_hash AND (t.expires_at IS NULL OR t.expires_at > p_now) AND u.disabled_at IS NULL;
    IF FOUND THEN
        UPDATE api_tokens t SET last_used_at = p_now
         WHERE t.token_hash = p_token_hash AND (t.last_used_at IS NULL OR t.last_used_at < p_now - interval '1 minute');
        PERFORM set_config('docuvault.user_id', begin_api_token.user_id::text, true);
        RETURN NEXT;
    END IF;
END $$;

-- Accounts whose erasing was asked for and is not done: for the sweep, should their job have been lost.
CREATE FUNCTION accounts_erasing(p_limit integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT u.id FROM users u WHERE u.erasing_at IS NOT NULL ORDER BY u.erasing_at LIMIT p_limit;
    END;

DROP FUNCTION find_login(text);
CREATE FUNCTION find_login(p_email_key text)
    RETURNS TABLE (id uuid, password_hash text, password_changed_at timestamptz, disabled boolean, totp_enabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT u.id, u.password_hash, u.password_changed_at, u.disabled_at IS NOT NULL, u.totp_enabled FROM users u WHERE u.email_key = p_email_key;
    END;

GRANT CREATE ON SCHEMA public TO docuvault_system;
DO $owners$
DECLARE
    door text;
BEGIN
    FOREACH door IN ARRAY ARRAY['acting_admin()', 'pending_login_owner(bytea, timestamptz, integer)', 'account_link_owner(bytea)', 'find_invite(bytea, timestamptz)',
                                'accept_invite(bytea, timestamptz)', 'begin_session(uuid, uuid, integer)', 'begin_api_token(bytea, timestamptz)',
                                'accounts_erasing(integer)', 'find_login(text)'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO docuvault_app', door);
        EXECUTE format('ALTER FUNCTION %s OWNER TO docuvault_system', door);
    END LOOP;
END
$owners$;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
