"""Changes of the department tree."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from organization.models import Department
from organization.permissions import may_import_roster


@transaction.atomic
def move_department(
    department: Department, parent: Department | None, *, actor: User
) -> Department:
    """Hang the department, and all below it, under another parent (None: a root)."""
    require(may_import_roster(actor))
    take(Lock.ROSTER)
    department = Department.objects.select_for_update().get(pk=department.pk)
    if parent is not None:
        parent = Department.objects.get(pk=parent.pk)
        if parent.path.startswith(department.path):
            raise InvalidInput(_("A department cannot stand below itself."))
    old, new = department.path, department.path_below(parent.path if parent else "")
    Department.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr(F("path"), len(old) + 1))
    )
    department.parent, department.path = parent, new
    department.save(update_fields=["parent"])
    audit.record(actor, "department.moved", department, old_path=old, new_path=new)
    return department
