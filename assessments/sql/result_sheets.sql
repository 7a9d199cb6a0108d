-- The results of a scorecard become one row, its sheet, and what was their table a view of it. Each
-- result is proved to read as before, in its place.

CREATE TABLE assessments_resultsheet (
    scorecard_id bigint PRIMARY KEY,
    lines text NOT NULL
) WITH (toast_tuple_target = 8160);  -- a page: squeezing a sheet takes longer than storing it

INSERT INTO assessments_resultsheet (scorecard_id, lines)
SELECT s.id, coalesce(
    string_agg(
        array_to_string(
            ARRAY[r.placement_no::text, r.indicator, r.scheme_version_id::text, r.position_id::text,
                  r.weight::text, r.numerator::text, r.denominator::text, r.n::text, r.raw::text,
                  r.adjusted::text, r.low::text, r.high::text, r.value_used::text, r.points::text,
                  r.status, r.inputs_hash],
            E'\t', '\N'),
        E'\n' ORDER BY r.placement_no, r.id) FILTER (WHERE r.id IS NOT NULL),
    '')
FROM assessments_scorecard s LEFT JOIN assessments_indicatorresult r ON r.scorecard_id = s.id
GROUP BY s.id ORDER BY s.id;

ALTER TABLE assessments_indicatorresult RENAME TO assessments_indicatorresult_before;

CREATE VIEW assessments_indicatorresult AS
SELECT s.scorecard_id * 10000 + line.place AS id,
    s.scorecard_id,
    cell[1]::smallint AS placement_no,
    cell[2]::varchar(40) AS indicator,
    cell[3]::bigint AS scheme_version_id,
    cell[4]::bigint AS position_id,
    cell[5]::numeric(7,4) AS weight,
    cell[6]::numeric(20,6) AS numerator,
    cell[7]::numeric(20,6) AS denominator,
    cell[8]::integer AS n,
    cell[9]::numeric(24,10) AS raw,
    cell[10]::numeric(24,10) AS adjusted,
    cell[11]::numeric(24,10) AS low,
    cell[12]::numeric(24,10) AS high,
    cell[13]::numeric(24,10) AS value_used,
    cell[14]::numeric(20,10) AS points,
    cell[15]::varchar(16) AS status,
    cell[16]::varchar(64) AS inputs_hash
FROM assessments_resultsheet s
CROSS JOIN LATERAL unnest(string_to_array(s.lines, E'\n')) WITH ORDINALITY AS line (text, place)
CROSS JOIN LATERAL string_to_array(line.text, E'\t', '\N') AS cell;

{{proof}}

DROP TABLE assessments_indicatorresult_before;

CREATE TRIGGER append_only INSTEAD OF UPDATE OR DELETE ON assessments_indicatorresult
    FOR EACH ROW EXECUTE FUNCTION hp_append_only();
CREATE TRIGGER keep_finished BEFORE DELETE ON assessments_resultsheet
    FOR EACH ROW EXECUTE FUNCTION assessments_keep_finished();
CREATE TRIGGER append_only_update BEFORE UPDATE ON assessments_resultsheet
    FOR EACH ROW EXECUTE FUNCTION hp_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON assessments_resultsheet
    FOR EACH STATEMENT EXECUTE FUNCTION hp_append_only();
