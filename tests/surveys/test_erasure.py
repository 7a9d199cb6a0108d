"""Erasing a customer: the person goes, answers and verdicts stay what they were."""

import datetime

import pytest

from core import audit
from core.errors import InvalidInput
from core.models import AuditEntry, AuditSalt, User
from core.permissions import Denied
from customers import services as customers
from customers.models import Consent, ContactRefusal, Customer, CustomerContact
from organization.models import Employee, RoleAssignment
from surveys.collection import services as collection
from surveys.models import AnswerDraft, Invitation, ResponsePersonal
from tests.surveys.cleaning_world import NOW, event, make_survey, staff, sums_agree, take_in
from tests.surveys.erasing import BLANK, EIGHT, WORDS, clean, erase, figures, judged, personal, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return staff(2)


@pytest.fixture
def survey(people):
    return make_survey(EIGHT)


@pytest.fixture
def boss(db):
    user = User.objects.create_user("boss")
    RoleAssignment.objects.create(user=user, role="admin", starts_at=NOW)
    return user


def test_the_person_goes_and_the_answers_stay(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001", email="c1@example.com")
    event("EV2", people[1:], customer="C2", phone="13800000002")
    take_in(
        survey,
        [
            row("R1", event_no="EV1", device="d1", q_comment=WORDS),
            row("R2", event_no="EV2", device="d2", q_comment="Other words, not the same."),
        ],
    )
    ResponsePersonal.objects.update(network="203.0.113.7", phone="139", email="x@example.com")
    one = Customer.objects.get(customer_no="C1")
    customers.give_consent(one, purpose="contact_about_answer", version="1", now=NOW)
    audit.fingerprint(one, "13800000001")
    clean(survey)
    before, kept = figures(), judged()
    done = erase("C1", boss)
    assert done.counts == {"answers": 1, "contacts": 1, "consents": 1, "drafts": 0,
                           "invitations": 0}  # fmt: skip
    assert personal("R1") == BLANK
    assert personal("R2")["texts"] == {"comment": "Other words, not the same."}
    assert list(CustomerContact.objects.values_list("customer__customer_no", flat=True)) == ["C2"]
    assert Consent.objects.get().withdrawn_at == NOW
    assert ContactRefusal.objects.get().customer == one
    assert Customer.objects.get(customer_no="C1").erased_at == NOW
    assert AuditSalt.objects.count() == 0
    assert figures() == before
    assert sums_agree()
    clean(survey)
    assert judged() == kept
    assert figures() == before


def test_the_audit_trail_says_who_why_and_how_much_and_no_personal_data(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001", email="c1@example.com")
    take_in(survey, [row("R1", event_no="EV1", device="d1", q_comment=WORDS)])
    erase("C1", boss, "  Asked for by letter ")
    entry = AuditEntry.objects.get(verb="customer.erased")
    assert entry.actor == boss
    assert entry.object_id == str(Customer.objects.get().pk)
    assert entry.data == {
        "reason": "Asked for by letter",
        "answers": 1,
        "contacts": 1,
        "consents": 0,
        "drafts": 0,
        "invitations": 0,
    }
    trail = str(list(AuditEntry.objects.values_list("data", flat=True)))
    for trace in ("13800000001", "c1@example.com", WORDS, "d1"):
        assert trace not in trail


def test_erased_again_changes_and_records_nothing(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    take_in(survey, [row("R1", event_no="EV1", device="d1")])
    erase("C1", boss)
    entries = AuditEntry.objects.count()
    again = erase("C1", boss)
    assert again.changed is False
    assert AuditEntry.objects.count() == entries
    assert ContactRefusal.objects.count() == 1


def test_what_comes_later_is_erased_by_the_next_request(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    event("EV2", people[:1], customer="C1")
    take_in(survey, [row("R1", event_no="EV1", device="d1")])
    erase("C1", boss)
    take_in(survey, [row("R2", event_no="EV2", q_comment=WORDS)])
    assert erase("C1", boss).counts["answers"] == 1
    assert personal("R2") == BLANK
    assert AuditEntry.objects.filter(verb="customer.erased").count() == 2


def test_a_customer_of_whom_only_the_number_is_stored_is_marked(people, boss):
    event("EV1", people[:1], customer="C1")
    assert erase("C1", boss).changed is False
    assert Customer.objects.get().erased_at == NOW
    assert AuditEntry.objects.filter(verb="customer.erased").count() == 1
    erase("C1", boss)
    assert AuditEntry.objects.filter(verb="customer.erased").count() == 1


@pytest.mark.parametrize("role", ["hr", "supervision", "executor", "group", "assessment", None])
def test_other_roles_are_refused_and_change_nothing(survey, people, role):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    take_in(survey, [row("R1", event_no="EV1", device="d1")])
    user = User.objects.create_user("other")
    if role:
        RoleAssignment.objects.create(user=user, role=role, starts_at=NOW)
    entries = AuditEntry.objects.count()
    with pytest.raises(Denied, match="This needs one of these roles: administrator"):
        erase("C1", user)
    with pytest.raises(Denied):
        customers.hand_over(Customer.objects.get(), actor=user, form="json")
    assert personal("R1")["device"] == "d1"
    assert CustomerContact.objects.get().phone == "13800000001"
    assert Customer.objects.get().erased_at is None
    assert AuditEntry.objects.count() == entries


def test_whoever_served_the_customer_cannot_erase_what_the_customer_wrote(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    take_in(survey, [row("R1", event_no="EV1", q_comment=WORDS)])
    Employee.objects.filter(pk=people[0].pk).update(user=boss)
    with pytest.raises(Denied, match="You served this customer"):
        erase("C1", User.objects.get(pk=boss.pk))
    assert personal("R1")["texts"] == {"comment": WORDS}
    assert CustomerContact.objects.count() == 1


def test_a_reason_is_needed(people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    with pytest.raises(InvalidInput, match=r"A reason is needed\."):
        erase("C1", boss, "  ")
    assert CustomerContact.objects.count() == 1


# --- invitations and drafts ----------------------------------------------------------------------


def test_waiting_invitations_are_revoked_and_drafts_deleted(survey, people, boss):
    today = datetime.datetime(2025, 11, 12, 4, tzinfo=datetime.UTC)
    one = event("EV1", people[:1], customer="C1", email="c1@example.com")
    two = event("EV2", people[:1], customer="C2", email="c2@example.com")
    collection.invite(survey, [one, two], actor=boss, now=today)
    for invitation in Invitation.objects.all():
        collection.save_draft(invitation, "", {"comment": WORDS}, page=0, started_at=today,
                              now=today)  # fmt: skip
    done = erase("C1", boss)
    assert (done.counts["invitations"], done.counts["drafts"]) == (1, 1)
    states = dict(Invitation.objects.values_list("customer__customer_no", "revoked_at"))
    assert states == {"C1": NOW, "C2": None}
    due = dict(Invitation.objects.values_list("customer__customer_no", "mail_due"))
    assert due == {"C1": False, "C2": True}
    assert AnswerDraft.objects.get().invitation.customer.customer_no == "C2"
    third = event("EV3", people[:1], customer="C1")
    later = collection.invite(survey, [third], actor=boss, now=today, channel="qr")
    assert {str(reason) for reason in later.left_out.values()} == {"refused"}
