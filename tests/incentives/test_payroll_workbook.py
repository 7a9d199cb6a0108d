"""The payroll workbook: every line, its own hash, the same bytes."""

import hashlib
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from core.errors import InvalidInput
from incentives.exports import payroll as exports
from incentives.models import (
    PayrollBatch,
)
from incentives.queries.payroll import line_by_no
from incentives.services import payroll
from tests.incentives.batches import approved, owe
from tests.incentives.company import NOVEMBER

State = PayrollBatch.State


PAYROLL_COLUMNS = """
batch_no line_no employee_no name department legal_entity period pay_item_code pay_item_name
direction amount currency tax_class kind reason_code source_no reverses_line policy_version
approval_no remark
""".split()  # noqa: SIM905 - a list of twenty is easier to read as text


def test_the_workbook_holds_every_line_and_its_own_hash(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = approved()
    file = payroll.generate(batch, actor=hana)
    content = payroll.stored_bytes(file)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["Payroll", "Summary", "Detail", "Dictionary", "ReadMe"]
    rows = list(book["Payroll"].values)
    assert list(rows[0]) == PAYROLL_COLUMNS
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["employee_no"] == "E0001"
    assert first["name"] == "员工E0001"
    assert (first["department"], first["legal_entity"]) == ("滨河店", "衡评汽车一公司")
    assert (first["direction"], first["amount"], first["currency"]) == ("add", 2000, "CNY")
    assert (first["pay_item_name"], first["policy_version"]) == ("绩效工资", "TEST-2025 v1")
    second = dict(zip(rows[0], rows[2], strict=True))
    assert (second["direction"], second["amount"], second["kind"]) == ("deduct", 1200, "C")
    total = list(book["Summary"].values)[-1]
    assert total == ("TOTAL", "合计 Total", None, None, 2, 1, 2000, 1200, 800)
    readme = dict(row for row in book["ReadMe"].values)
    assert readme["payroll_rows_sha256"] == file.rows_sha256
    assert readme["approved_by"] == "hugo"


def test_the_same_batch_gives_the_same_bytes_and_the_stored_ones_stay(company, hana):
    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    file = payroll.generate(batch, actor=hana)
    assert exports.workbook(batch).content == payroll.stored_bytes(file)
    company.people["E0001"].name = "改名"
    company.people["E0001"].save()
    assert payroll.generate(batch, actor=hana).pk == file.pk
    assert exports.workbook(batch).content != payroll.stored_bytes(file)


def test_a_line_is_found_by_its_number(company, hana):
    company.hire("E0001")
    company.pay("E0001")
    payroll.build(NOVEMBER, actor=hana)
    assert line_by_no("PB-2025-11/1").amount == Decimal("2000.00")
    for text in ("PB-2025-11/2", "PB-2025-11/x", "PB-2025-11", "PB-2025-11/-1", "/"):
        with pytest.raises(InvalidInput):
            line_by_no(text)
