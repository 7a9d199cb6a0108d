"""The administration: administrators only; a job also for whoever started it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.web.matrix.rows import Row
from tests.web.site import Site

ADMIN = frozenset({"admin"})
SOMEBODY = {"username": "E0081"}


def _customer(site: Site) -> Mapping[str, Any]:
    """A customer who has answered."""
    ((pk,),) = site.sql(
        "SELECT min(customer_id) FROM surveys_response WHERE customer_id IS NOT NULL"
    )
    return {"pk": pk}


ROWS = (
    Row("users", ADMIN),
    Row("user_new", ADMIN),
    Row("user", ADMIN, kwargs=SOMEBODY),
    Row("user_role_give", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_close", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_reopen", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_factor_reset", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_sessions_end", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_password_link", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("user_unlock", ADMIN, kwargs=SOMEBODY, method="post"),
    Row("settings", ADMIN),
    Row("client_new", ADMIN, method="post"),
    Row("client_revoke", ADMIN, method="post"),
    Row("jobs", ADMIN),
    Row("job_retry", ADMIN, kwargs={"pk": 1}, method="post"),
    Row("customer_search", ADMIN),
    Row("customer_data", ADMIN, kwargs=_customer),
    Row("customer_export", ADMIN, kwargs=_customer, method="post"),
    Row("customer_erase", ADMIN, kwargs=_customer),
    Row("customer_erase", ADMIN, kwargs=_customer, method="post"),
    Row("audit", ADMIN),
    Row("audit_verify", ADMIN, method="post"),
    Row("audit_export", ADMIN, method="post"),
    Row("looks", ADMIN | {"supervision"}),
    Row("looks_export", ADMIN | {"supervision"}, method="post"),
)

EXEMPT = {
    "job": "own jobs, administrators all: tests/dashboards/test_administration_pages.py",
    "user_role_end": "its number differs: tests/dashboards/test_administration_users_pages.py",
}
