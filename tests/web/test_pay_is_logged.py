"""Every page on which somebody finds another person's amount leaves a row in the access log."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.web.http import Answer, Client
from tests.web.matrix.rows import Row
from tests.web.site import CAST, Site
from tests.web.test_permissions import ROWS

# URL name -> the page the log names. A page that shows pay and stands here is looked up in the
# log; one that shows pay and does not stand here fails.
LOGGED = {
    "inbox": "proposal",
    "proposal": "proposal",
    "appeal": "appeal",
    "month_close": "payroll_batch",
    "payroll_batch": "payroll_batch",
    "payroll_line": "payroll_line",
    "ledger": "ledger",
    "corrections": "corrections",
    "employee_file": "employee_file",
    "pay_settings": "pay_settings",
    "score": "score",
    "score_pack": "score_pack",
    "audit": "audit",
}
GETS = [row for row in ROWS if row.method == "get" and row.status == 200]
_SUMS = """SELECT employee_id, amount FROM incentives_ledgerentry
    UNION SELECT employee_id, amount FROM incentives_performancepay
    UNION SELECT employee_id, performance_pay FROM incentives_performancepay
    UNION SELECT employee_id, base_wage FROM organization_payprofile
    UNION SELECT employee_id, performance_pay FROM organization_payprofile
    UNION SELECT employee_id, amount FROM incentives_award"""
_AMOUNT = re.compile(r"(?<![\d,.])(\d{1,3}(?:,\d{3})+|\d{3,})\.(\d\d)(?![\d.])")

EXEMPT = {
    "my_score": "one's own; the change since the month before may equal an amount of somebody",
    "policy": "amounts of the rules, nobody's",
    "styleguide": "made up",
}


@pytest.fixture(scope="module")
def amounts(site: Site) -> dict[str, dict[Decimal, int]]:
    """role -> amounts of 100 yuan and more that are others' and not also one's own."""
    rows = [(who, Decimal(amount)) for who, amount in site.sql(_SUMS) if amount >= 100]
    numbers = dict(site.sql("SELECT employee_no, id FROM organization_employee"))
    found = {}
    for role, number in CAST.items():
        own = {amount for who, amount in rows if who == numbers.get(number)}
        found[role] = {amount: who for who, amount in rows if amount not in own}
    return found


def _shown(text: str) -> Iterator[Decimal]:
    plain = re.sub(r"<[^>]*>", " ", html.unescape(text))
    for whole, cents in _AMOUNT.findall(plain):
        yield Decimal(f"{whole.replace(',', '')}.{cents}")


def _logged(site: Site, role: str) -> set[str]:
    rows = site.sql(
        "SELECT DISTINCT l.page FROM organization_look l JOIN core_user u ON u.id = l.reader_id"
        " WHERE l.kind = 'pay' AND u.username = %s",
        CAST[role],
    )
    return {page for (page,) in rows}


def test_whoever_is_shown_anothers_pay_is_recorded(
    site: Site, ask: Callable[[str, str], Answer], amounts: dict[str, dict[Decimal, int]]
) -> None:
    shown: dict[str, set[str]] = {}
    missing = []
    for row in GETS:
        for role in sorted(row.allowed):
            answer = ask(role, _path(row, site))
            if answer.status == 200 and any(one in amounts[role] for one in _shown(answer.text)):
                shown.setdefault(row.url_name, set()).add(role)
                page = LOGGED.get(row.url_name, "")
                if row.url_name not in EXEMPT and page not in _logged(site, role):
                    missing.append((row.url_name, role))
    assert missing == []
    both = {"group", "hr"}
    # Whether an amount stands on the first page of the audit trail depends on what was done last.
    seldom = {*EXEMPT, "audit"}
    assert {name: roles for name, roles in shown.items() if name not in seldom} == {
        "corrections": both,
        "employee_file": both,
        "ledger": both,
        "month_close": both,
        "pay_settings": {"hr"},
        "payroll_batch": both,
        "payroll_line": both,
        "proposal": both,
        "score": both,
    }


def _path(row: Row, site: Site) -> str:
    kwargs: Any = row.kwargs(site) if callable(row.kwargs) else row.kwargs
    return reverse(row.url_name, kwargs=dict(kwargs))


def test_who_sees_no_pay_of_others_has_no_row(
    site: Site, ask: Callable[[str, str], Answer]
) -> None:
    """After every role has asked for every page of pay: refused ones record nothing, own pay
    neither."""
    for row in (each for each in GETS if each.url_name in LOGGED):
        for role in set(CAST) - {"anonymous"}:
            ask(role, _path(row, site))
    without = set(CAST) - {"anonymous", "group", "hr", "admin"}
    assert {role for role in without if _logged(site, role)} == set()
    assert _logged(site, "admin") <= {"audit"}


def test_a_pack_is_recorded_as_a_file(site: Site, clients: dict[str, Client]) -> None:
    pack = next(row for row in GETS if row.url_name == "score_pack")
    assert clients["hr"].get(_path(pack, site)).status == 200
    assert "score_pack" in _logged(site, "hr")
