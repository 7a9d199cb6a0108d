"""Events, answers, figures, wage parts and wage rules from files in a browser."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import Measurement
from core import exports
from core.exports import Column, Sheet
from core.models import AuditEntry, User
from customers.models import ServiceEvent
from dashboards.services import data_files
from incentives.models import Jurisdiction, WageComponent
from organization.models import Department
from organization.services import assign_role
from surveys.models import Response
from tests.surveys.conftest import HEADER, World, answer

KEY = 'name="key" value="'
GONE = "The file was not kept any longer; please choose it once more."
WAGES = (
    "employee_no,month,component,amount",
    "E4,2026-03,overtime_pay,120.50",
    "E5,2026-03,overtime_pay,80",
    "E5,2026-03,social_insurance,300",
)
FIGURES = (
    "indicator_code,employee_no,period,numerator,denominator,source_ref",
    "courtesy_rate,E4,2026-03,47,50,QA-03",
    "patience,E4,2026-03,18,20,QA-03",
)
EVENTS = (
    "event_no,customer_no,customer_name,phone,email,employee_no,department_code,stage,channel,"
    "occurred_at",
    "V1,C1,,,,E4,S01,sale,on_site,2026-03-02 10:00",
)
RULES = (
    "city,monthly_minimum_wage,effective_from,social_insurance_on_top,fine_rule,source_note",
    "云屿市,2300,2026-01-01,yes,no,notice 7",
    "临江市,,2026-01-01,no,capped:20,notice 8",
)


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


@pytest.fixture
def hr(login: Any) -> Client:
    client: Client = login("E5", "hr")
    return client


def browser(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def upload(client: Client, kind: str, lines: Sequence[str], **more: str) -> Any:
    file = SimpleUploadedFile("march.csv", "\n".join(lines).encode())
    return client.post(f"/data-files/{kind}/preview/", {"chosen": file, **more})


def confirm(client: Client, kind: str, answer: Any) -> Any:
    key = answer.content.decode().split(KEY)[1].split('"')[0]
    return client.post(f"/data-files/{kind}/confirm/", {"key": key}, follow=True)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def amounts() -> list[tuple[Any, ...]]:
    rows = WageComponent.objects.order_by("employee__employee_no", "component", "version")
    return list(
        rows.values_list("employee__employee_no", "component", "amount", "version", "imported_by")
    )


def test_wage_parts_are_shown_then_taken_then_corrected(hr: Client) -> None:
    shown = upload(hr, "wage-parts", WAGES)
    page = text(shown)
    assert shown.status_code == 200
    assert '<td>New rows</td><td class="num b">3</td>' in page
    assert '<td>overtime_pay</td> <td class="num">2</td>' in page
    assert "120.50" not in page  # whose pay it is stays in the file
    assert amounts() == []

    assert "Taken in: New rows 3, Corrected 0, Unchanged 0." in text(
        confirm(hr, "wage-parts", shown)
    )
    by = User.objects.get(username="E5").pk
    first = [
        ("E4", "overtime_pay", Decimal("120.50"), 1, by),
        ("E5", "overtime_pay", Decimal("80.00"), 1, by),
        ("E5", "social_insurance", Decimal("300.00"), 1, by),
    ]
    assert amounts() == first
    assert AuditEntry.objects.filter(verb="wage_components.imported").count() == 1

    again = upload(hr, "wage-parts", WAGES)
    assert "there is nothing to take" in text(again)
    assert KEY not in again.content.decode()

    changed = [line.replace("300", "310") for line in WAGES]
    confirm(hr, "wage-parts", upload(hr, "wage-parts", changed))
    assert amounts() == [*first, ("E5", "social_insurance", Decimal("310.00"), 2, by)]


def test_a_workbook_says_the_same(hr: Client) -> None:
    header, *rows = (line.split(",") for line in WAGES)
    file = BytesIO()
    exports.write_xlsx(file, sheets=[Sheet("march", [Column(x, x) for x in header], rows)])
    chosen = SimpleUploadedFile("march.xlsx", file.getvalue())
    shown = hr.post("/data-files/wage-parts/preview/", {"chosen": chosen})
    assert '<td>New rows</td><td class="num b">3</td>' in text(shown)


def test_a_file_with_faults_names_each_cell_and_changes_nothing(hr: Client) -> None:
    bad = (*WAGES, "E9,2026-13,tips,-1")
    answer = upload(hr, "wage-parts", bad)
    page = text(answer)
    assert answer.status_code == 422
    assert '<td class="num">5</td>' in page
    for column in ("employee_no", "month", "component", "amount"):
        assert f"<code>{column}</code>" in page
    assert KEY not in page
    assert amounts() == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("march.exe", b"a", "march.exe cannot be read. CSV and XLSX files work"),
        ("march.csv", b"", "The submitted file is empty."),
        ("march.xlsx", b"PK\x03\x04 nothing", "The workbook is damaged"),
    ],
)
def test_files_of_the_wrong_kind(hr: Client, name: str, content: bytes, words: str) -> None:
    chosen = SimpleUploadedFile(name, content)
    answer = hr.post("/data-files/wage-parts/preview/", {"chosen": chosen})
    assert answer.status_code == 422
    assert words in text(answer)
    assert amounts() == []


def test_what_changed_between_preview_and_confirmation_is_checked_again(hr: Client) -> None:
    shown = upload(hr, "wage-parts", WAGES)
    confirm(hr, "wage-parts", upload(hr, "wage-parts", WAGES[:2]))
    assert "Taken in: New rows 2, Corrected 0, Unchanged 1." in text(
        confirm(hr, "wage-parts", shown)
    )
    key = {"key": shown.content.decode().split(KEY)[1].split('"')[0]}
    before = amounts()
    assert GONE in text(hr.post("/data-files/wage-parts/confirm/", key, follow=True))
    assert amounts() == before


def test_a_kept_file_is_of_its_account_and_its_kind(hr: Client, people: User) -> None:
    shown = upload(hr, "wage-parts", WAGES)
    key = {"key": shown.content.decode().split(KEY)[1].split('"')[0]}
    assert GONE in text(hr.post("/data-files/wage-rules/confirm/", key, follow=True))
    other = User.objects.create_user("other")
    assign_role(other, "hr", actor=None)
    assert GONE in text(browser(other).post("/data-files/wage-parts/confirm/", key, follow=True))
    assert amounts() == []
    assert not Jurisdiction.objects.exists()


def test_figures_of_indicators(hr: Client) -> None:
    shown = upload(hr, "measurements", FIGURES)
    assert '<td>courtesy_rate</td><td>2026-03</td> <td class="num">1</td>' in text(shown)
    assert not Measurement.objects.exists()
    confirm(hr, "measurements", shown)
    rows = Measurement.objects.order_by("indicator__code").values_list(
        "indicator__code", "employee__employee_no", "period_key", "numerator", "denominator"
    )
    assert list(rows) == [
        ("courtesy_rate", "E4", "2026-03", Decimal(47), Decimal(50)),
        ("patience", "E4", "2026-03", Decimal(18), Decimal(20)),
    ]


def test_wage_rules(hr: Client) -> None:
    shown = upload(hr, "wage-rules", RULES)
    assert '<td>New rows</td><td class="num b">2</td>' in text(shown)
    assert not Jurisdiction.objects.exists()
    assert not AuditEntry.objects.filter(verb="jurisdiction.imported").exists()
    confirm(hr, "wage-rules", shown)
    rows = Jurisdiction.objects.order_by("city").values_list(
        "city", "monthly_minimum_wage", "fine_rule", "fine_cap_percent"
    )
    assert set(rows) == {
        ("云屿市", Decimal("2300.00"), "no", None),
        ("临江市", None, "capped", Decimal("20.00")),
    }


def test_events_of_ones_own_shop_only(people: User) -> None:
    user = User.objects.create_user("north")
    assign_role(user, "executor", actor=None, department=Department.objects.get(code="S02"))
    client = browser(user)
    other = upload(client, "events", EVENTS)
    assert other.status_code == 403
    assert not ServiceEvent.objects.exists()
    own = [line.replace("E4,S01", "E5,S02") for line in EVENTS]
    shown = upload(client, "events", own)
    assert '<td>New events</td><td class="num b">1</td>' in text(shown)
    assert not ServiceEvent.objects.exists()
    confirm(client, "events", shown)
    assert ServiceEvent.objects.get().department.code == "S02"


def test_answers_of_a_survey(db: None) -> None:
    world = World()
    user = User.objects.create_user("desk")
    assign_role(user, "executor", actor=None)
    client = browser(user)
    rows = [answer(1), answer(2, channel="phone", q_fixed="na")]
    header = [*HEADER, "q_clear", "q_pushed", "q_fixed"]
    lines = [",".join(header), *(",".join(row.get(n) or "" for n in header) for row in rows)]
    assert "Select a valid choice" in text(upload(client, "responses", lines, survey="APRIL"))
    shown = upload(client, "responses", lines, survey="MARCH")
    assert '<td>New answers</td><td class="num b">2</td>' in text(shown)
    assert '<td>phone</td> <td class="num">1</td>' in text(shown)
    assert not Response.objects.exists()
    taken = text(confirm(client, "responses", shown))
    assert "Taken in: New answers 2, Unchanged 0, Counted 2, In review 0, Excluded 0." in taken
    assert world.response(2).channel == "phone"
    empty = client.get("/data-files/responses/empty.csv?survey=MARCH").content.decode("utf-8-sig")
    columns = "q_clear,q_pushed,q_fixed,q_nps,q_why,q_words"
    assert empty.strip().startswith("response_no,channel,submitted_at,event_no,")
    assert empty.strip().endswith(columns)
    assert client.get("/data-files/responses/empty.csv?survey=APRIL").status_code == 404


def test_a_page_takes_no_more_than_a_reader_waits_for(
    hr: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tuple(replace(kind, most=2) for kind in data_files.KINDS)
    monkeypatch.setattr(data_files, "KINDS", small)
    answer = upload(hr, "wage-parts", WAGES)
    assert answer.status_code == 422
    assert (
        "A page takes up to 2 rows; more are taken by the command import_wage_components."
        in text(answer)
    )


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("hr", ["measurements", "wage-parts", "wage-rules"]),
        ("executor", ["events", "responses"]),
        ("handler", ["events"]),
        ("supervision", ["measurements"]),
        ("admin", ["events", "responses", "measurements", "wage-rules"]),
        ("manager", []),
    ],
)
def test_each_role_brings_in_its_own(people: User, role: str, kinds: list[str]) -> None:
    user = User.objects.create_user("one")
    assign_role(user, role, actor=None)
    client = browser(user)
    first = client.get("/data-files/")
    assert first.status_code == (302 if kinds else 403)
    for kind in data_files.KINDS:
        expected = 200 if kind.code in kinds else 403
        assert client.get(f"/data-files/{kind.code}/").status_code == expected
    if kinds:
        assert first.headers["location"] == f"/data-files/{kinds[0]}/"
        page = client.get(first.headers["location"]).content.decode()
        assert [k.code for k in data_files.KINDS if f'"/data-files/{k.code}/"' in page] == kinds
