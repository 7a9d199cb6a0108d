"""What HR brings in as files: parts of the wage, wage rules of the places; all or nothing."""

from collections.abc import Sequence

from django.db import transaction

from core.models import User
from core.permissions import require
from core.tables import Table
from incentives.imports import jurisdictions, wage_components
from incentives.permissions import may_import_policy, may_run_payroll
from incentives.services.policies import import_jurisdictions
from incentives.services.wages import Imported, store_wage_components

WAGE_COMPONENT_COLUMNS = wage_components.COLUMNS
WAGE_RULE_COLUMNS = jurisdictions.COLUMNS


def import_wage_components(
    files: Sequence[Table], *, actor: User, dry_run: bool = False
) -> Imported:
    """The wage parts of a file. Any fault: BadRows with all of them, nothing changed."""
    require(may_run_payroll(actor))
    return store_wage_components(wage_components.read(files), actor=actor, dry_run=dry_run)


@transaction.atomic
def import_wage_rules(files: Sequence[Table], *, actor: User, dry_run: bool = False) -> Imported:
    """The wage rules of a file. Any fault: BadRows with all of them, nothing changed."""
    require(may_import_policy(actor))
    counts = import_jurisdictions(jurisdictions.read_jurisdictions(files), actor=actor)
    if dry_run:
        transaction.set_rollback(True)
    return Imported(counts["new"], counts["changed"], counts["unchanged"])
