-- The ledger: schema audit, its two tables, and the one function that writes them.
--
-- Run by `manage.py prepare_database` as audit_owner, in one execute, as often as you like: it
-- makes what is missing and puts functions, triggers and privileges back as they are written here.
-- PostgreSQL 15 or later, no extension. docs/audit.md describes the bytes for other verifiers.

DO $$
BEGIN
    IF current_user <> 'audit_owner' THEN
        RAISE EXCEPTION USING MESSAGE = 'run this script as audit_owner, not as ' || current_user;
    END IF;
    IF to_regnamespace('audit') IS NULL THEN
        CREATE SCHEMA audit;
    END IF;
END
$$;

-- Tables --------------------------------------------------------------------------------------
-- No foreign key in or out: a cascade runs with the owner's rights and would empty the ledger for
-- a role that may not delete from it.

CREATE TABLE IF NOT EXISTS audit.head (
    stream text PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
COMMENT ON TABLE audit.head IS 'Where each stream ends. Locking its row puts appends in order.';

CREATE TABLE IF NOT EXISTS audit.event (
    id uuid PRIMARY KEY,
    -- (epoch, xid, ins) is a total order for a later sealer; the hash does not cover it.
    epoch integer NOT NULL DEFAULT 1,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ins bigint GENERATED ALWAYS AS IDENTITY,
    stream text NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    prev bytea NOT NULL,
    body bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT event_once_in_stream UNIQUE (stream, seq),
    CONSTRAINT event_stream_named CHECK (stream ~ '^[a-z]+(:[0-9a-f-]{36})?$'),
    CONSTRAINT event_seq_from_one CHECK (seq >= 1),
    -- Two hundred identifiers and everything else that a body may hold.
    CONSTRAINT event_body_small CHECK (octet_length(body) BETWEEN 2 AND 12288),
    -- The schema of the body is closed in the writer; what the law asks is held here as well.
    CONSTRAINT event_body_holds_id CHECK (
        (convert_from(body, 'UTF8')::jsonb ->> 'id' = id::text) IS TRUE
    ),
    CONSTRAINT event_act_named CHECK (
        (convert_from(body, 'UTF8')::jsonb ->> 'act' ~ '^[a-z_]+[.][a-z_]+$') IS TRUE
    ),
    CONSTRAINT event_category_known CHECK (
        (convert_from(body, 'UTF8')::jsonb ->> 'cat' IN (
            'collection', 'alteration', 'consultation', 'disclosure', 'combination', 'erasure',
            'security', 'admin', 'system'
        )) IS TRUE
    ),
    CONSTRAINT event_outcome_known CHECK (
        (convert_from(body, 'UTF8')::jsonb ->> 'out' IN ('allowed', 'denied', 'failed')) IS TRUE
    ),
    CONSTRAINT event_recipient_iff_disclosure CHECK (
        ((convert_from(body, 'UTF8')::jsonb ->> 'cat' = 'disclosure')
            = (jsonb_typeof(convert_from(body, 'UTF8')::jsonb -> 'rcpt') = 'object')) IS TRUE
    ),
    CONSTRAINT event_on_case_has_subject CHECK (
        (NOT starts_with(stream, 'case:')
            OR convert_from(body, 'UTF8')::jsonb ->> 'cat' IN ('security', 'admin', 'system')
            OR jsonb_typeof(convert_from(body, 'UTF8')::jsonb #> '{subj,0}') = 'string') IS TRUE
    )
);
COMMENT ON TABLE audit.event IS 'Every event, chained within its stream. Append-only.';

-- Writing -------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION audit.append(
    new_id uuid, new_stream text, new_body bytea,
    OUT seq bigint, OUT at timestamptz, OUT hash bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head record;
    kept record;
BEGIN
    -- The caller chooses an id, a stream and a body; place, time and hash are the ledger's.
    SELECT h.seq, h.hash INTO head FROM audit.head h WHERE h.stream = new_stream FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit.head (stream, seq, hash)
        VALUES (new_stream, 0, sha256(convert_to('cse-audit/1 ' || new_stream, 'UTF8')))
        ON CONFLICT DO NOTHING;
        SELECT h.seq, h.hash INTO STRICT head
        FROM audit.head h WHERE h.stream = new_stream FOR UPDATE;
    END IF;

    -- A retry of the same event is answered with the event; another event is not let in by its id.
    SELECT e.stream, e.seq, e.at, e.body, e.hash INTO kept FROM audit.event e WHERE e.id = new_id;
    IF FOUND THEN
        IF kept.stream <> new_stream OR kept.body <> new_body THEN
            RAISE EXCEPTION USING
                ERRCODE = 'unique_violation',
                MESSAGE = 'the ledger holds another event with this id';
        END IF;
        seq := kept.seq;
        at := kept.at;
        hash := kept.hash;
        RETURN;
    END IF;

    seq := head.seq + 1;
    at := clock_timestamp();
    hash := sha256(
        decode('00', 'hex') || convert_to('cse-audit/1', 'UTF8')
        || int4send(octet_length(new_stream)) || convert_to(new_stream, 'UTF8')
        || int8send(seq)
        || int8send((extract(epoch FROM at) * 1000000)::bigint)
        || head.hash
        || sha256(new_body)
    );
    INSERT INTO audit.event (id, stream, seq, at, prev, body, hash)
    VALUES (new_id, new_stream, append.seq, append.at, head.hash, new_body, append.hash);
    UPDATE audit.head h SET seq = append.seq, hash = append.hash WHERE h.stream = new_stream;
END
$$;

-- Guards --------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'the ledger is append-only: ' || TG_OP || ' on ' || TG_TABLE_NAME || ' is refused';
END
$$;

CREATE OR REPLACE FUNCTION audit.head_moves_with_its_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.stream = OLD.stream AND NEW.seq = OLD.seq + 1 AND EXISTS (
        SELECT FROM audit.event e
        WHERE e.stream = NEW.stream AND e.seq = NEW.seq AND e.prev = OLD.hash AND e.hash = NEW.hash
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'the head of a stream moves by one event, to that event';
END
$$;

CREATE OR REPLACE TRIGGER event_is_kept BEFORE UPDATE OR DELETE ON audit.event
    FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE OR REPLACE TRIGGER event_is_not_emptied BEFORE TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE OR REPLACE TRIGGER head_is_kept BEFORE DELETE ON audit.head
    FOR EACH ROW EXECUTE FUNCTION audit.refuse();
CREATE OR REPLACE TRIGGER head_is_not_emptied BEFORE TRUNCATE ON audit.head
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE OR REPLACE TRIGGER head_moves BEFORE UPDATE ON audit.head
    FOR EACH ROW EXECUTE FUNCTION audit.head_moves_with_its_event();

-- ALWAYS: an ordinary trigger sleeps when session_replication_role is 'replica'.
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER event_is_kept;
ALTER TABLE audit.event ENABLE ALWAYS TRIGGER event_is_not_emptied;
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER head_is_kept;
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER head_is_not_emptied;
ALTER TABLE audit.head ENABLE ALWAYS TRIGGER head_moves;

-- Checking ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION audit.heads(only_stream text DEFAULT NULL)
RETURNS TABLE (stream text, seq bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    -- Two halves, so that one stream is found by its key.
    SELECT h.stream, h.seq, h.hash FROM audit.head h WHERE h.stream = only_stream
    UNION ALL
    SELECT h.stream, h.seq, h.hash FROM audit.head h WHERE only_stream IS NULL
$$;

-- Privileges ----------------------------------------------------------------------------------
-- portal_owner gets nothing: it migrates the portal's own tables. A backup is made by a role with
-- pg_read_all_data.

REVOKE ALL ON SCHEMA audit FROM PUBLIC, portal_app, portal_owner;
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM PUBLIC, portal_app, portal_owner;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA audit FROM PUBLIC, portal_app, portal_owner;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC, portal_app, portal_owner;

GRANT USAGE ON SCHEMA audit TO portal_app;
GRANT SELECT ON audit.event TO portal_app;
GRANT EXECUTE ON FUNCTION audit.append(uuid, text, bytea) TO portal_app;
GRANT EXECUTE ON FUNCTION audit.heads(text) TO portal_app;
