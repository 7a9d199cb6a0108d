"""Cleaning after an erasure judges as before: the erased answer, and those it was alike with."""

import pytest
from django.db import IntegrityError, transaction

from core import jobs
from core.errors import Conflict
from core.models import Job, User
from customers.models import CustomerContact
from organization.models import Employee, RoleAssignment
from surveys.cleaning import services as cleaning
from surveys.models import KeptFinding, Response, ResponsePersonal, Survey
from surveys.privacy.services.blanking import blank
from tests.surveys.cleaning_world import NOW, comment, event, make_survey, rating, staff, take_in
from tests.surveys.erasing import EIGHT, WORDS, clean, erase, figures, judged, personal, row

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


def test_a_shared_device_and_a_repeated_comment_stay_found_on_both_sides(survey, people, boss):
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(
        survey,
        [row(f"R{i}", event_no=f"EV{i}", device="tablet", q_comment=WORDS) for i in (1, 2, 3)],
    )
    clean(survey)
    found = {"same_device": {"uses": 3}, "same_text": {"responses": 3}}
    # Both are of one family, so they mark and do not send to review.
    kept = judged()
    assert kept["R1"][1:] == ("counted", ["same_device", "same_text"], found)
    assert kept["R3"][1:] == kept["R1"][1:]
    before = figures()
    erase("C1", boss)
    assert KeptFinding.objects.count() == 6
    clean(survey)
    assert judged() == kept
    erase("C2", boss)
    erase("C3", boss)
    clean(survey)
    assert judged() == kept
    assert figures() == before


def test_a_second_answer_stays_the_second_when_the_first_is_erased(people, boss):
    """The first answer is kept for the case because its required words were written."""
    asked = [*EIGHT[:-1], comment() | {"required": True}]
    survey = make_survey(asked)
    event("EV1", people[:1], customer="C1")
    take_in(
        survey,
        [
            row("R1", event_no="EV1", device="d1", q_comment=WORDS),
            row("R2", event_no="EV1", device="d2", q_comment="Once more, with other words.",
                submitted_at="2025-11-10T11:00:00"),
        ],
    )  # fmt: skip
    clean(survey)
    kept = judged()
    assert kept["R1"][1:3] == ("counted", [])
    assert kept["R2"][1:] == ("excluded", ["duplicate"], {"duplicate": {"kept": "R1"}})
    before = figures()
    erase("C1", boss)
    assert KeptFinding.objects.filter(code="written").count() == 2
    assert personal("R1")["texts"] == {}
    clean(survey)
    assert judged() == kept
    assert figures() == before


def test_required_words_that_were_erased_do_not_make_the_answer_incomplete(people, boss):
    few = [rating("q1"), rating("q2"), comment() | {"required": True}]
    survey = make_survey(few)
    event("EV1", people[:1], customer="C1")
    event("EV2", people[:1], customer="C2")
    take_in(
        survey,
        [
            {"response_no": "R1", "event_no": "EV1", "q_q1": 5, "q_q2": 4, "q_comment": WORDS},
            {"response_no": "R2", "event_no": "EV2", "q_q1": 5, "q_q2": 4},
        ],
    )
    clean(survey)
    kept = judged()
    assert kept["R1"][1:3] == ("counted", [])
    assert kept["R2"][1:3] == ("excluded", ["partial"])
    erase("C1", boss)
    clean(survey)
    assert judged() == kept


def test_a_contact_of_staff_stays_found_when_the_contact_is_gone(survey, people, boss):
    Employee.objects.filter(pk=people[0].pk).update(phone="13800000001")
    event("EV1", people[:1], customer="C1", phone="13800000001")
    take_in(survey, [row("R1", event_no="EV1")])
    clean(survey)
    kept = judged()
    assert kept["R1"][1:] == (
        "review",
        ["staff_contact"],
        {"staff_contact": {"match": "phone"}},
    )
    erase("C1", boss)
    assert CustomerContact.objects.count() == 0
    clean(survey)
    assert judged() == kept


def test_a_stores_network_stays_found(people, boss):
    survey = make_survey(EIGHT)
    spec = dict(cleaning._default_spec())
    spec["checks"] = spec["checks"] | {
        "store_network": {"channels": ["online"], "networks": ["203.0.113.0/24"]}
    }
    rules = cleaning.import_rule_set(spec, actor=boss, now=NOW)
    Survey.objects.filter(pk=survey.pk).update(rule_set=rules)
    survey.refresh_from_db()
    event("EV1", people[:1], customer="C1")
    take_in(survey, [row("R1", event_no="EV1", device="d")])
    ResponsePersonal.objects.update(network="203.0.113.9")
    clean(survey)
    kept = judged()
    assert kept["R1"][1:3] == ("review", ["store_network"])
    erase("C1", boss)
    clean(survey)
    assert judged() == kept


def test_new_thresholds_are_applied_to_the_kept_figures(survey, people, boss):
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}", device="tablet") for i in (1, 2, 3)])
    clean(survey)
    erase("C1", boss)
    spec = dict(cleaning._default_spec())
    strict = spec["checks"]["same_device"] | {"more_than": 3}
    spec["checks"] = spec["checks"] | {"same_device": strict}
    rules = cleaning.import_rule_set(spec, actor=boss, now=NOW)
    Survey.objects.filter(pk=survey.pk).update(rule_set=rules)
    clean(survey)
    assert {number: each[1:3] for number, each in judged().items()} == {
        f"R{i}": ("counted", []) for i in (1, 2, 3)
    }


def test_without_what_is_kept_the_verdicts_would_change(survey, people):
    """That the tests above prove something: blanking alone judges anew."""
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}", device="tablet") for i in (1, 2, 3)])
    clean(survey)
    first = Response.objects.get(response_no="R1")
    assert blank([(first.answered_on, first.id)], now=NOW) == 1
    clean(survey)
    assert {number: each[2] for number, each in judged().items()} == {"R1": [], "R2": [], "R3": []}


def test_while_the_answers_are_cleaned_an_erasure_waits(survey, people, boss):
    event("EV1", people[:1], customer="C1", phone="13800000001")
    take_in(survey, [row("R1", event_no="EV1", device="d1")])
    job = cleaning.start_cleaning(Survey.objects.get(pk=survey.pk), actor=None, now=NOW)
    with pytest.raises(Conflict, match="are being cleaned right now"):
        erase("C1", boss)
    assert personal("R1")["device"] == "d1"
    assert CustomerContact.objects.count() == 1
    jobs.run(job.pk, wait=True)
    assert erase("C1", boss).counts["answers"] == 1


def test_fingerprints_of_comments_do_not_stay_with_the_job(survey, people):
    for i in (1, 2):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}", q_comment=WORDS) for i in (1, 2)])
    clean(survey)
    assert judged()["R1"][2] == ["same_text"]
    assert Job.objects.get(kind=cleaning.KIND).params["baseline"]["texts"] == {}


def test_what_is_kept_is_never_changed_or_removed(survey, people, boss):
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}", device="tablet") for i in (1, 2, 3)])
    clean(survey)
    erase("C1", boss)
    assert KeptFinding.objects.count() == 3
    for change in (
        lambda: KeptFinding.objects.update(figures={"uses": 1}),
        lambda: KeptFinding.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert {each.figures["uses"] for each in KeptFinding.objects.all()} == {3}
