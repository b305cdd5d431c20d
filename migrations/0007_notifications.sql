-- What the sweep takes away: notifications that were read long ago or are very old, and mail that could not be sent in all that time.

CREATE INDEX notifications_by_age ON notifications (created_at);
CREATE INDEX notifications_by_reading ON notifications (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX mails_by_age ON mails (created_at);

CREATE POLICY notifications_system ON notifications TO docuvault_system USING (true) WITH CHECK (true);
CREATE POLICY mails_system ON mails TO docuvault_system USING (true) WITH CHECK (true);
GRANT SELECT (id, created_at, read_at), DELETE ON notifications TO docuvault_system;
GRANT SELECT (id, created_at), DELETE ON mails TO docuvault_system;

-- Answers how many went.
CREATE FUNCTION sweep_notifications(p_read_before timestamptz, p_made_before timestamptz, p_limit integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        WITH old AS (
            (SELECT n.id FROM notifications n WHERE n.read_at < p_read_before LIMIT p_limit)
            UNION
            (SELECT n.id FROM notifications n WHERE n.created_at < p_made_before LIMIT p_limit)
        ), gone AS (DELETE FROM notifications n WHERE n.id IN (SELECT old.id FROM old) RETURNING n.id)
        SELECT count(*) FROM gone;
    END;

CREATE FUNCTION sweep_mails(p_made_before timestamptz, p_limit integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        WITH old AS (SELECT m.id FROM mails m WHERE m.created_at < p_made_before LIMIT p_limit),
             gone AS (DELETE FROM mails m WHERE m.id IN (SELECT old.id FROM old) RETURNING m.id)
        SELECT count(*) FROM gone;
    END;

GRANT CREATE ON SCHEMA public TO docuvault_system;
GRANT EXECUTE ON FUNCTION sweep_notifications(timestamptz, timestamptz, integer), sweep_mails(timestamptz, integer) TO docuvault_app;
ALTER FUNCTION sweep_notifications(timestamptz, timestamptz, integer) OWNER TO docuvault_system;
ALTER FUNCTION sweep_mails(timestamptz, integer) OWNER TO docuvault_system;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
