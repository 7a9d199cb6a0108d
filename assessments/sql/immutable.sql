-- Scorecards, results and runs are evidence. What a run wrote may be removed only while the run is
-- unfinished (a killed or failed scoring is started again from clean rows); after that nothing but
-- a scorecard's state, its acknowledgement and which version is current ever changes.
CREATE FUNCTION assessments_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION assessments_keep_finished() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    finished timestamptz;
BEGIN
    IF TG_TABLE_NAME = 'assessments_scoringrun' THEN
        finished := OLD.finished_at;
    ELSIF TG_TABLE_NAME = 'assessments_scorecard' THEN
        SELECT r.finished_at INTO finished FROM assessments_scoringrun r WHERE r.id = OLD.run_id;
    ELSE
        SELECT r.finished_at INTO finished
        FROM assessments_scorecard s JOIN assessments_scoringrun r ON r.id = s.run_id
        WHERE s.id = OLD.scorecard_id;
    END IF;
    IF finished IS NOT NULL THEN
        RAISE EXCEPTION '% on % refused: the run is finished', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER append_only BEFORE DELETE ON assessments_scorecard
    FOR EACH ROW EXECUTE FUNCTION assessments_keep_finished();
-- Fires only when one of these columns is named, so moving 10,000 states costs nothing.
CREATE TRIGGER append_only_update BEFORE UPDATE OF
    id, period_id, employee_id, version, run_id, department_id, position_id, status, reason,
    quantitative, qualitative, composite, grade, coefficient, satisfaction_raw, satisfaction_n,
    fair_status, peer_group, fair_score, fair_low, fair_high, working_days, present_days,
    placements, facts, content_hash, supersedes_id, cause, created_at
    ON assessments_scorecard FOR EACH ROW EXECUTE FUNCTION assessments_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON assessments_scorecard
    FOR EACH STATEMENT EXECUTE FUNCTION assessments_refuse();

CREATE TRIGGER append_only BEFORE DELETE ON assessments_indicatorresult
    FOR EACH ROW EXECUTE FUNCTION assessments_keep_finished();
CREATE TRIGGER append_only_update BEFORE UPDATE ON assessments_indicatorresult
    FOR EACH ROW EXECUTE FUNCTION assessments_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON assessments_indicatorresult
    FOR EACH STATEMENT EXECUTE FUNCTION assessments_refuse();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF
    id, period_id, number, provisional, inputs_hash, evidence_hash, cutoff_at, frozen, rules,
    warnings, scored_by_id, started_at, finished_at
    ON assessments_scoringrun
    FOR EACH ROW EXECUTE FUNCTION assessments_keep_finished();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON assessments_scoringrun
    FOR EACH STATEMENT EXECUTE FUNCTION assessments_refuse();
