"""SQL that migrations of every app need."""

from collections.abc import Sequence
from pathlib import Path

from django.db.migrations.operations import RunSQL

FUNCTION = (Path(__file__).parent / "sql" / "append_only.sql").read_text(encoding="utf-8")


def create_append_only_function() -> RunSQL:
    """The trigger function `hp_append_only()`; used by core's own migration."""
    return RunSQL(FUNCTION, "DROP FUNCTION hp_append_only()")


def append_only(table: str, *, mutable: Sequence[str] = ()) -> RunSQL:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE on the table.

    `mutable` names columns that may change (a state, a counted_to); any other change is refused.
    The app's migration must depend on ("core", "0002_foundations").
    """
    for name in (table, *mutable):
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not a plain SQL name.")
    columns = ", ".join(f"'{name}'" for name in mutable)
    return RunSQL(
        [
            f'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION hp_append_only({columns})",
            f'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION hp_append_only()",
        ],
        [
            f'DROP TRIGGER append_only ON "{table}"',
            f'DROP TRIGGER append_only_truncate ON "{table}"',
        ],
    )
