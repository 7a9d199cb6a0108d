-- A department's path must be its parent's path plus its own code. A cycle can never satisfy
-- this, so the rule also keeps the tree a tree. Checked at commit: a move changes many rows.
CREATE FUNCTION hp_department_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM organization_department child
        LEFT JOIN organization_department parent ON parent.id = child.parent_id
        WHERE (child.id = NEW.id OR child.parent_id = NEW.id)
          AND child.path IS DISTINCT FROM coalesce(parent.path, '/') || child.code || '/'
    ) THEN
        RAISE EXCEPTION 'department % does not stand below its parent', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'department_path_follows_parent';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER department_path_follows_parent
AFTER INSERT OR UPDATE OF parent_id, path, code ON organization_department
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION hp_department_path();
