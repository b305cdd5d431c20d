-- A reservation takes its room in the commit itself, as the last thing its transaction does: many may want one user's quota at once, and
-- so none of them holds its row while the application and PostgreSQL talk to each other. Still one atomic statement.

CREATE FUNCTION take_room() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public
AS $$
DECLARE
    -- Uploads that one user may have open at once: folders of any size stay far below it; what floods the store does not.
    most_open CONSTANT integer := 100000;
BEGIN
    UPDATE quotas SET reserved_bytes = reserved_bytes + NEW.declared_bytes, open_uploads = open_uploads + 1
     WHERE user_id = NEW.user_id AND used_bytes + reserved_bytes + NEW.declared_bytes <= limit_bytes AND open_uploads < most_open;
    IF NOT FOUND THEN
        IF EXISTS (SELECT 1 FROM quotas WHERE user_id = NEW.user_id AND open_uploads >= most_open) THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'quotas_open_uploads', MESSAGE = 'too many open uploads';
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'quotas_room', MESSAGE = 'not enough room';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION take_room() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER uploads_take_room AFTER INSERT ON uploads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'reserved') EXECUTE FUNCTION take_room();
