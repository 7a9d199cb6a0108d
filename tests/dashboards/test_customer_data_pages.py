"""A customer's data on the administrator's pages: found, handed out, erased."""

import io
import json
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import tables
from core.models import AuditEntry, User
from customers.models import ContactRefusal, Customer, CustomerContact
from customers.services import erase, give_consent
from organization.models import Employee, Look, RoleAssignment
from surveys.cleaning import services as cleaning
from surveys.collection import services as collection
from surveys.models import ResponsePersonal, Survey
from surveys.privacy.queries import language_of
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import World

pytestmark = pytest.mark.django_db
WORDS = "=SUM(A1) they explained it"


@pytest.fixture
def world(db):
    with time_machine.travel(NOW, tick=False):
        yield World()


def browser_of(role):
    user = User.objects.create_user(role, language="en")
    RoleAssignment.objects.create(user=user, role=role, starts_at=NOW)
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


@pytest.fixture
def desk(world):
    return browser_of("admin")


@pytest.fixture
def one(world):
    """Customer C1 who answered in English through a link, with a comment and a consent."""
    event, token = link(world, executor())
    Phone(token, headers={"accept-language": "en"}).answer_all(
        (*GOOD[:2], GOOD[2] | {"q_words": "Thanks for coffee"})
    )
    ResponsePersonal.objects.update(
        device="browser-1", network="203.0.113.7", phone="139", email="own@example.com"
    )
    CustomerContact.objects.filter(customer=event.customer).update(name="王小悦")
    give_consent(event.customer, purpose="contact_about_answer", version="1", now=NOW)
    return event.customer


def text(answer):
    return answer.content.decode()


def url(customer, verb=""):
    return f"/customer-data/{customer.pk}/{verb}"


def test_a_customer_is_found_by_the_beginning_of_the_number(desk, world):
    for number in ("K-1", "K-12", "L-1"):
        Customer.objects.create(customer_no=number)
    page = text(desk.get("/customer-data/?q=K-1"))
    assert re.findall(r"<b>(\w-\d+)</b>", page) == ["K-1", "K-12"]
    assert "No customer has this number" in text(desk.get("/customer-data/?q=13900000001"))
    assert "Who is asking?" in text(desk.get("/customer-data/"))


def test_at_most_twenty_are_listed(desk, world):
    Customer.objects.bulk_create(Customer(customer_no=f"K{i:02}") for i in range(21))
    page = text(desk.get("/customer-data/?q=K"))
    assert len(re.findall(r"<b>K\d\d</b>", page)) == 20
    assert "There are more; type more of the number." in page


def test_the_page_says_how_much_and_masks_the_contact_and_records_nothing(desk, one):
    entries = AuditEntry.objects.count()
    page = text(desk.get(url(one)))
    assert "王＊＊" in page
    assert "*** 0001" in page
    assert "c***@example.com" in page
    for secret in ("王小悦", "13900000001", "c1@example.com", "Thanks for coffee", "browser-1"):
        assert secret not in page
    assert AuditEntry.objects.count() == entries
    rows = dict(
        re.findall(r"<b>([\w ]+)</b>.*?<td class=\"num\">(\d+)</td>", page, flags=re.DOTALL)
    )
    assert rows == {
        "Services": "1",
        "Consents": "1",
        "Refusals": "0",
        "Messages": "1",
        "Invitations": "1",
        "Answers sent": "1",
        "What was answered": "6",
        "Devices and networks": "1",
        "Privacy notices": "1",
        "Typed and not sent": "0",
    }


def download(desk, customer, **more):
    return desk.post(url(customer, "export/"), {"format": "json", "language": "en"} | more)


def test_the_json_file_holds_everything_in_the_language_asked_for(desk, one):
    answer = download(desk, one)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="customer-data-C1.json"'
    data = json.loads(answer.content)
    assert list(data) == [
        *("customer", "contact", "events", "consents", "refusals", "messages"),
        *("invitations", "answers", "answers_given", "devices", "notices", "drafts"),
    ]
    rows = {key: part["rows"] for key, part in data.items()}
    assert {k: v for k, v in rows["contact"][0].items() if k != "updated_at"} == {
        "name": "王小悦",
        "phone": "13900000001",
        "email": "c1@example.com",
    }
    assert rows["events"] == [
        {
            "event_no": "V1",
            "occurred_at": "2026-03-09T12:00:00+08:00",
            "stage": "after the sale",
            "channel": "",
            "department": "S1",
        }
    ]
    assert [(row["question"], row["answer"]) for row in rows["answers_given"]] == [
        ("The explanation was clear.", "4"),
        ("I felt pushed.", "1"),
        ("It was repaired.", "not applicable"),
        ("Would you recommend us?", "9"),
        ("Why?", "Price"),
        ("Your words", "Thanks for coffee"),
    ]
    number = rows["answers"][0]["response_no"]
    assert rows["devices"] == [
        {
            "response_no": number,
            "device": "browser-1",
            "network": "203.0.113.7",
            "phone": "139",
            "email": "own@example.com",
            "erased_at": None,
        }
    ]
    assert rows["consents"][0]["purpose"] == "contact_about_answer"
    assert rows["notices"][0]["language"] == "en"
    assert rows["messages"][0]["kind"] == "invitation"
    assert "E1" not in answer.content.decode()  # who served is about somebody else


def test_the_same_in_chinese_and_the_customers_language_is_proposed(desk, one):
    chinese = json.loads(download(desk, one, language="zh-hans").content)
    given = {row["question"]: row["answer"] for row in chinese["answers_given"]["rows"]}
    assert given["讲解清楚"] == "4"
    assert given["原因"] == "价格"
    assert language_of(one) == "en"
    assert '<option value="en" selected>' in text(desk.get(url(one)))
    assert language_of(Customer.objects.create(customer_no="new")) == "zh-hans"


def test_the_workbook_has_a_sheet_a_kind_and_neutralises_formulas(desk, one):
    ResponsePersonal.objects.update(texts={"words": WORDS})
    answer = download(desk, one, format="xlsx")
    assert answer.content == download(desk, one, format="xlsx").content
    found = {each.name: each for each in tables.read(io.BytesIO(answer.content))}
    assert found["Contact"].rows[0][:3] == ("王小悦", "13900000001", "c1@example.com")
    assert ("Your words", WORDS) in [row[1:3] for row in found["What was answered"].rows]


def test_that_the_file_left_the_house_is_recorded(desk, one):
    download(desk, one)
    entry = AuditEntry.objects.get(verb="customer.data_exported")
    assert list(Look.objects.values_list("kind", "page", "subject")) == [
        ("comments", "customer_file", one.customer_no)
    ]
    assert entry.actor.username == "admin"
    assert entry.object_id == str(one.pk)
    assert entry.data == {"format": "json", "rows": 15}
    assert "handed out what is stored about a customer" in text(desk.get(url(one)))
    assert f'href="{url(one)}"' in text(desk.get("/audit/?looked=on"))


def test_an_unknown_kind_of_file_hands_out_nothing(desk, one):
    answer = download(desk, one, format="exe")
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(verb="customer.data_exported").exists()


def test_the_confirmation_says_what_goes_and_erases_nothing(desk, one):
    page = text(desk.get(url(one, "erase/")))
    counts = re.findall(r"<dt>(.*?)</dt>\s*<dd class=\"tnum\">\s*(\d+)", page)
    assert counts == [
        ("contact: name, telephone, e-mail", "1"),
        ("answers lose words, device, network and contact", "1"),
        ("answers typed and not sent", "0"),
        ("invitations that still wait", "0"),
        ("consents end", "1"),
    ]
    assert "Scores, awards, penalties, pay and their evidence" in page
    assert CustomerContact.objects.filter(customer=one).exists()


def test_an_erasure_needs_a_reason_and_says_what_it_did(desk, one):
    answer = desk.post(url(one, "erase/"), {"reason": "  "})
    assert answer.status_code == 422
    assert CustomerContact.objects.filter(customer=one).exists()
    page = text(desk.post(url(one, "erase/"), {"reason": "Letter of 9 March"}, follow=True))
    assert "The personal data of this customer are erased." in page
    assert "Nothing personal is left." in page
    assert "None is stored." in page
    assert not CustomerContact.objects.filter(customer=one).exists()
    assert ResponsePersonal.objects.get().texts == {}
    entry = AuditEntry.objects.get(verb="customer.erased")
    assert (entry.channel, entry.data["reason"]) == ("web", "Letter of 9 March")
    again = desk.post(url(one, "erase/"), {"reason": "Letter of 9 March"}, follow=True)
    assert "Nothing personal was left to erase." in text(again)
    assert AuditEntry.objects.filter(verb="customer.erased").count() == 1
    after = json.loads(download(desk, one).content)
    assert after["contact"]["rows"] == []
    assert [row["question"] for row in after["answers_given"]["rows"]] == [
        "The explanation was clear.",
        "I felt pushed.",
        "It was repaired.",
        "Would you recommend us?",
        "Why?",
    ]
    assert after["devices"]["rows"][0]["device"] == ""


def test_while_the_answers_are_cleaned_the_page_says_so(desk, one):
    cleaning.start_cleaning(Survey.objects.get(code="MARCH"), actor=None, now=NOW)
    answer = desk.post(url(one, "erase/"), {"reason": "Letter of 9 March"})
    assert answer.status_code == 409
    assert "are being cleaned right now" in text(answer)
    assert "Letter of 9 March" in text(answer)
    assert CustomerContact.objects.filter(customer=one).exists()


@pytest.mark.parametrize("role", ["hr", "supervision", "executor", "analyst", "group", "handler"])
def test_other_roles_are_refused_everywhere_and_change_nothing(one, world, role):
    browser = browser_of(role)
    entries = AuditEntry.objects.count()
    for answer in (
        browser.get("/customer-data/?q=C1"),
        browser.get(url(one)),
        browser.get(url(one, "erase/")),
        download(browser, one),
        browser.post(url(one, "erase/"), {"reason": "because"}),
    ):
        assert answer.status_code == 403
        assert "This needs one of these roles: administrator." in text(answer)
        assert "13900000001" not in text(answer)
    assert CustomerContact.objects.get(customer=one).phone == "13900000001"
    assert ContactRefusal.objects.count() == 0
    assert AuditEntry.objects.count() == entries


def test_an_administrator_who_served_the_customer_may_hand_out_and_not_erase(desk, one):
    Employee.objects.filter(employee_no="E1").update(user=User.objects.get(username="admin"))
    page = text(desk.get(url(one)))
    assert "You served this customer; another administrator erases the data." in page
    assert "Erase personal data" not in page
    answer = desk.post(url(one, "erase/"), {"reason": "because"})
    assert answer.status_code == 403
    assert CustomerContact.objects.filter(customer=one).exists()
    assert download(desk, one).status_code == 200


def test_the_link_of_an_erased_customer_no_longer_opens_the_questionnaire(desk, world):
    event, token = link(world, executor(), number=7)
    collection.save_draft(
        event.invitations.get(), "", {"words": "half"}, page=1, started_at=NOW, now=NOW
    )
    erase(event.customer, actor=User.objects.get(username="admin"), reason="asked", now=NOW)
    phone = Phone(token)
    phone.open()
    assert phone.page.status_code == 410
    assert event.invitations.get().drafts.count() == 0


def test_the_queries_do_not_grow_with_the_answers(desk, one, world):
    def queries():
        with CaptureQueriesContext(connection) as found:
            desk.get(url(one))
        return len(found)

    before = queries()
    for i in range(5):
        event = world.event(f"M{i}", "E1", customer="C1")
        world.send(
            {
                "response_no": f"M{i}",
                "event_no": event.event_no,
                "channel": "phone",
                "submitted_at": "2026-03-10T09:00:00",
                "q_clear": "4",
                "q_pushed": "1",
                "q_fixed": "7",
                "q_words": "more",
            }
        )
    assert queries() == before


def test_settings_and_the_search_page_say_how_long_what_is_kept(desk, settings):
    settings.RETENTION_CONTACT_DAYS = 0
    page = text(desk.get("/settings/"))
    assert "environment, RETENTION_ANSWER_DAYS" in page
    assert "730 days" in page
    search = text(desk.get("/customer-data/"))
    assert "without end" in search
    assert "Nothing was due yet." in search
