"""The check of the audit chain as a job: whole, broken, and what was sealed meanwhile."""

from typing import Any

import pytest
from django.db import connection, transaction

from core import audit, audit_check, jobs
from core.models import AuditEntry, User


@pytest.fixture
def chain(transactional_db: Any, monkeypatch: Any) -> User:
    monkeypatch.setattr(audit_check, "STRETCH", 4)
    user = User.objects.create(username="thing")
    for number in range(10):
        audit.record(user, "x", user, number=number)
    audit.seal(everything=True)
    return user


def _behind_the_back(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def _checked(actor: User) -> dict[str, Any]:
    job = audit_check.start(actor=actor)
    assert audit_check.start(actor=actor).pk == job.pk, "one check at a time"
    return jobs.run_now(job).result


def test_a_whole_chain_is_found_whole_stretch_by_stretch(chain: User) -> None:
    sealed, _hash = audit.head()
    result = _checked(chain)
    assert result["broken"] is None
    assert result["links"] > sealed, "the entry about the check itself is sealed by it"
    assert result["head"] == audit.head()[1]
    assert audit.read_heads() == {result["links"]: result["head"]}


def test_the_first_broken_place_is_named(chain: User) -> None:
    entry = AuditEntry.objects.get(data={"number": 6})
    _behind_the_back("UPDATE core_auditentry SET verb = 'y' WHERE id = %s", entry.pk)
    assert _checked(chain)["broken"] == (
        f"audit chain broken at link {entry.seal.seq} (entry {entry.pk}): "
        "the entry or its link was changed"
    )


def test_a_lost_end_is_found_by_the_head_kept_outside(chain: User) -> None:
    audit.write_head()
    last, _hash = audit.head()
    _behind_the_back("DELETE FROM core_auditseal WHERE seq > %s", last - 3)
    _behind_the_back("DELETE FROM core_auditentry WHERE data->>'number' IN ('7', '8', '9')")
    assert audit.verify_links(1, last - 3) is None
    broken = audit.verify_heads()
    assert broken is not None
    assert broken.seq == last


def test_a_missing_link_between_two_stretches_is_found(chain: User) -> None:
    _behind_the_back("DELETE FROM core_auditseal WHERE seq = 4")
    broken = audit.verify_links(5, 8)
    assert broken is not None
    assert "missing" in str(broken)
