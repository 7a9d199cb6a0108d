-- Puts the ratings into a table of another shape, both ways: 0007_rating_per_person names the parts in
-- double braces. A month at a time is written by one statement and proved to say what it said, score
-- by score. Rights, keys and triggers are those of before.

ALTER TABLE surveys_rating RENAME TO surveys_rating_before;
ALTER TABLE surveys_rating_before DROP CONSTRAINT surveys_rating_pkey;
DROP INDEX surveys_rating_live, surveys_rating_employee;

CREATE TABLE surveys_rating ({{columns}}) PARTITION BY RANGE (answered_on);

DO $do$
DECLARE
    v_month record;
    v_before text;
    v_wrong bigint;
BEGIN
    FOR v_month IN
        SELECT c.relname AS name, right(c.relname, 6) AS digits,
            pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'surveys_rating_before'::regclass ORDER BY c.relname
    LOOP
        v_before := 'surveys_rating_before_' || v_month.digits;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', v_month.name, v_before);
        EXECUTE format('CREATE TABLE %I PARTITION OF surveys_rating %s', v_month.name,
                       v_month.bound);
        EXECUTE format('INSERT INTO %I ({{names}}) {{fill}}', v_month.name, v_before);
        EXECUTE format('WITH a AS ({{said_before}}), b AS ({{says_now}}) '
                       'SELECT (SELECT count(*) FROM (SELECT * FROM a EXCEPT ALL SELECT * FROM b) x)'
                       '    + (SELECT count(*) FROM (SELECT * FROM b EXCEPT ALL SELECT * FROM a) y)',
                       v_before, v_month.name) INTO v_wrong;
        IF v_wrong <> 0 THEN
            RAISE EXCEPTION '% ratings of % would not stay the same', v_wrong, v_month.digits;
        END IF;
        PERFORM hp_like_parent(v_month.name, 'surveys_rating_before');
        EXECUTE format('ALTER TABLE %I ADD FOREIGN KEY (answered_on, response_id) '
                       'REFERENCES %I (answered_on, id)',
                       v_month.name, 'surveys_response_' || v_month.digits);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION hp_append_only()', v_month.name);
    END LOOP;
    PERFORM hp_like_parent('surveys_rating', 'surveys_rating_before');
END $do$;

DROP TABLE surveys_rating_before;
ALTER TABLE surveys_rating ADD PRIMARY KEY (answered_on, response_id, id);
CREATE UNIQUE INDEX surveys_rating_live ON surveys_rating ({{once}}) NULLS NOT DISTINCT
    WHERE counted_to IS NULL;
CREATE INDEX surveys_rating_employee ON surveys_rating (employee_id, answered_on)
    WHERE employee_id IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON surveys_rating
    FOR EACH ROW EXECUTE FUNCTION hp_rating_ends_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON surveys_rating
    FOR EACH STATEMENT EXECUTE FUNCTION hp_append_only();
