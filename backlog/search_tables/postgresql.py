"""Search in PostgreSQL: a tsvector and an array of trigrams, filled by functions and triggers."""

from backlog.search_tables.words import SAID, WATCHED, WORDS, joined, proposal

TABLES = (
    "CREATE TABLE backlog_ideatext (id bigint PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE INDEX backlog_ideatext_document ON backlog_ideatext USING gin (document) "
    "WITH (fastupdate = off)",
    "CREATE TABLE backlog_ideagram (id bigint PRIMARY KEY, grams text[] NOT NULL)",
    "CREATE INDEX backlog_ideagram_grams ON backlog_ideagram USING gin (grams) "
    "WITH (fastupdate = off)",
)
# Signs become spaces, so that PostgreSQL's own parser, which reads "LIF-121" as "lif" and minus 121,
# meets words alone; accents go as `folded` in search.py takes them away.
_SIGNS = r"""-_./,;:!?"''()[]{}<>|\@#$%^&*+=~`’‘“”„«»–—…·•/"""
FUNCTIONS = (
    rf"""
    CREATE OR REPLACE FUNCTION backlog_folded(said text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
        SELECT translate(lower(normalize(regexp_replace(
            normalize(said, NFKD), '[\u0300-\u036F]', '', 'g'), NFC)),
            '{_SIGNS}', repeat(' ', 100))
    $body$
    """,
    """
    CREATE OR REPLACE FUNCTION backlog_grams(said text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
        SELECT coalesce(array_agg(DISTINCT substr(said, place, 3)), '{}')
        FROM generate_series(1, length(said) - 2) AS place
    $body$
    """,
    f"""
    CREATE OR REPLACE FUNCTION backlog_index_ideas(ids bigint[]) RETURNS void
    LANGUAGE sql AS $body$
        INSERT INTO backlog_ideatext (id, document)
        SELECT i.id, to_tsvector('simple', backlog_folded({joined(("key", "title"), "i")}
            || ' ' || {joined(SAID, "i")} || ' ' || {joined(WORDS, "i")} || ' ' || coalesce((
                SELECT string_agg(t.name, ' ') FROM backlog_idea_tags AS m
                JOIN backlog_tag AS t ON t.id = m.tag_id WHERE m.idea_id = i.id), '')))
            || array_to_tsvector(ARRAY['#' || i.pod_id])
        FROM backlog_idea AS i WHERE i.id = ANY(ids)
        ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document;
        INSERT INTO backlog_ideagram (id, grams)
        SELECT i.id, backlog_grams(lower({proposal("i")}))
        FROM backlog_idea AS i WHERE i.id = ANY(ids)
        ON CONFLICT (id) DO UPDATE SET grams = EXCLUDED.grams;
    $body$
    """,
    """
    CREATE OR REPLACE FUNCTION backlog_idea_written() RETURNS trigger LANGUAGE plpgsql AS $body$
    DECLARE tagged bigint[];
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            DELETE FROM backlog_ideatext; DELETE FROM backlog_ideagram;
        ELSIF TG_TABLE_NAME = 'backlog_tag' THEN
            PERFORM backlog_index_ideas(
                (SELECT array_agg(idea_id) FROM backlog_idea_tags WHERE tag_id = NEW.id));
        ELSIF TG_TABLE_NAME = 'backlog_idea_tags' THEN
            SELECT array_agg(i.id) INTO tagged FROM backlog_idea AS i JOIN backlog_ideatext AS x USING (id)
            WHERE i.id IN (SELECT idea_id FROM touched);
            IF tagged IS NOT NULL THEN
                PERFORM backlog_index_ideas(tagged);
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF NOT EXISTS (
                SELECT 1 FROM backlog_import WHERE id = OLD.came_by_id AND state = 'undone'
            ) THEN
                DELETE FROM backlog_ideatext WHERE id = OLD.id;
                DELETE FROM backlog_ideagram WHERE id = OLD.id;
            END IF;
        ELSE
            PERFORM backlog_index_ideas(ARRAY[NEW.id]);
        END IF;
        RETURN NULL;
    END $body$
    """,
)


def triggers() -> dict[str, str]:
    run = "EXECUTE FUNCTION backlog_idea_written()"
    columns = ", ".join(f'"{name}"' for name in WATCHED)
    return {
        "ideatext_added": "AFTER INSERT ON backlog_idea FOR EACH ROW "
        f"WHEN (NEW.came_by_id IS NULL) {run}",
        "ideatext_changed": f"AFTER UPDATE OF {columns} ON backlog_idea FOR EACH ROW {run}",
        "ideatext_removed": f"AFTER DELETE ON backlog_idea FOR EACH ROW {run}",
        "ideatext_emptied": f"AFTER TRUNCATE ON backlog_idea FOR EACH STATEMENT {run}",
        "ideatext_tagged": "AFTER INSERT ON backlog_idea_tags "
        f"REFERENCING NEW TABLE AS touched FOR EACH STATEMENT {run}",
        "ideatext_untagged": "AFTER DELETE ON backlog_idea_tags "
        f"REFERENCING OLD TABLE AS touched FOR EACH STATEMENT {run}",
        "ideatext_renamed": f"AFTER UPDATE OF name ON backlog_tag FOR EACH ROW {run}",
    }
