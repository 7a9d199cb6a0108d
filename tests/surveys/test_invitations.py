"""Who is invited, who is left alone, and what becomes of invitations."""

import hashlib
from datetime import timedelta

import pytest

from core.errors import InvalidTransition
from core.permissions import Denied
from customers.models import CustomerContact, SurveyContact
from customers.services import record_contact, refuse_contact
from organization.models import Employee
from surveys.collection import services
from surveys.collection.queries.links import State, opened
from surveys.collection.queries.plan import LeftOut, plan
from surveys.models import Invitation, InvitationLink
from tests.surveys.collecting import NOW, event_of, executor, link


@pytest.fixture
def staff(world):
    return executor()


def invite(world, staff, events, **values):
    return services.invite(
        world.survey, events, actor=staff, now=NOW, **{"channel": "sms"} | values
    )


def test_a_link_is_random_and_only_its_fingerprint_is_stored(world, staff):
    done = invite(world, staff, [event_of(world, 1), event_of(world, 2)])
    tokens = [each.token for each in done.issued]
    assert len(set(tokens)) == 2
    assert all(len(token) == 43 for token in tokens)
    stored = set(InvitationLink.objects.values_list("digest", flat=True))
    assert stored == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    assert opened(tokens[0], NOW).state is State.READY
    assert opened(tokens[0][:-1] + "?", NOW) is None


def test_everybody_left_out_has_a_reason(world, staff):
    events = {n: event_of(world, n) for n in range(1, 9)}
    refuse_contact(events[1].customer, now=NOW)
    record_contact(events[2].customer, reference="X", now=NOW - timedelta(days=29))
    for days in (40, 100, 200, 300):
        record_contact(events[3].customer, reference=f"X{days}", now=NOW - timedelta(days=days))
    CustomerContact.objects.filter(customer=events[4].customer).update(phone="")
    world.send({"response_no": "T5", "event_no": "V5", "channel": "phone",
                "submitted_at": "2026-03-10T09:00:00", "q_clear": "4", "q_pushed": "1",
                "q_fixed": "7"})  # fmt: skip
    invite(world, staff, [events[6]])
    later = world.event("V7b", "E3", customer="C7", shop="S2")
    done = invite(world, staff, [*events.values(), later])
    assert {key: done.left_out[events[key].pk] for key in range(1, 8)} == {
        1: LeftOut.REFUSED,
        2: LeftOut.RECENTLY,
        3: LeftOut.THIS_YEAR,
        4: LeftOut.NO_ADDRESS,
        5: LeftOut.ANSWERED,
        6: LeftOut.INVITED,
        7: LeftOut.OTHER_EVENT,
    }
    chosen = {each.invitation.event.event_no for each in done.issued}
    assert chosen == {"V7b", "V8"}
    assert done.reasons[LeftOut.REFUSED] == 1
    logged = SurveyContact.objects.filter(sent_at=NOW, kind="invitation")
    assert set(logged.values_list("customer__customer_no", flat=True)) == {"C6", "C7", "C8"}


def test_inviting_again_invites_nobody(world, staff):
    event = event_of(world)
    invite(world, staff, [event])
    again = invite(world, staff, [event])
    assert (again.issued, again.left_out) == ([], {event.pk: LeftOut.INVITED})
    assert Invitation.objects.count() == 1


def test_who_served_may_not_choose_who_is_asked(world, staff):
    events = [event_of(world, 1), event_of(world, 2, "E3", shop="S2")]
    Employee.objects.filter(employee_no="E2").update(user=staff)
    with pytest.raises(Denied, match="Somebody else must invite"):
        invite(world, staff, events)
    assert (Invitation.objects.count(), SurveyContact.objects.count()) == (0, 0)
    assert len(invite(world, staff, events[1:]).issued) == 1
    invitation = Invitation.objects.get()
    Employee.objects.filter(employee_no="E3").update(user=None)
    assert services.reissue(invitation, actor=staff, now=NOW).token


def test_another_role_may_not_invite(world, outsider):
    with pytest.raises(Denied, match="survey executor"):
        invite(world, outsider, [event_of(world)])
    assert not Invitation.objects.exists()


def test_the_same_queries_for_three_events_and_thirty(
    world, staff, django_assert_num_queries, django_assert_max_num_queries
):
    few = [event_of(world, n) for n in range(1, 4)]
    many = [event_of(world, n) for n in range(4, 34)]
    with django_assert_max_num_queries(32):
        invite(world, staff, few)
    with django_assert_num_queries(5):
        assert len(plan(world.survey, many, "sms", NOW.date()).invited) == 30
    with django_assert_max_num_queries(32):
        assert len(invite(world, staff, many).issued) == 30


def test_a_link_ends_with_its_days_and_with_the_survey(world, staff):
    _event, token = link(world, staff, 1, valid_days=3)
    found = opened(token, NOW).invitation
    assert found.expires_at.astimezone(NOW.tzinfo).isoformat() == "2026-03-14T00:00:00+08:00"
    assert opened(token, found.expires_at - timedelta(seconds=1)).state is State.READY
    assert opened(token, found.expires_at).state is State.EXPIRED
    _event, token = link(world, staff, 2, valid_days=90)
    assert opened(token, NOW).invitation.expires_at.astimezone(NOW.tzinfo).day == 1  # 1 May, 0:00


def test_a_new_link_ends_the_old_one(world, staff):
    _event, token = link(world, staff)
    invitation = Invitation.objects.get()
    fresh = services.reissue(invitation, actor=staff, now=NOW).token
    assert opened(token, NOW).state is State.REVOKED
    assert opened(fresh, NOW).state is State.READY
    assert SurveyContact.objects.count() == 1
    services.revoke(invitation, actor=staff, now=NOW)
    assert opened(fresh, NOW).state is State.REVOKED
    for verb in (services.reissue, services.revoke):
        with pytest.raises(InvalidTransition, match="revoked"):
            verb(invitation, actor=staff, now=NOW)


def test_nobody_is_invited_to_a_closed_survey(world, staff):
    world.survey.status = "closed"
    world.survey.save(update_fields=["status"])
    with pytest.raises(InvalidTransition, match="closed"):
        invite(world, staff, [event_of(world)])


def test_a_link_for_the_demonstration(world, staff):
    event = event_of(world)
    token = services.demo_link(world.survey, event, actor=staff, now=NOW)
    assert opened(token, NOW).state is State.READY
    assert services.demo_link(world.survey, event, actor=staff, now=NOW) is None
