"""Verdicts: added, never changed; ratings and sums follow; people decide over the machine."""

import datetime

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, InvalidInput
from core.models import AuditEntry
from core.permissions import Denied
from surveys import queries, services
from surveys.models import Rating, RatingRollup, Response, ResponseReattribution, Verdict
from surveys.services import Proposed
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import answer

MARCH = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))


def totals(**options):
    frame = queries.person_totals(*MARCH, **options)
    return [tuple(row) for row in frame.itertuples(index=False)]


def live():
    return Rating.objects.filter(counted_to=None).count()


def proposed(response, verdict, *checks, **evidence):
    return Proposed(response.answered_on, response.id, verdict, checks, evidence)


def machine(world, *verdicts):
    return services.apply_verdicts(world.survey, verdicts, rule_set=None)


@pytest.fixture
def executor(db):
    from core.models import User
    from organization.services import assign_role

    user = User.objects.create_user("executor")
    assign_role(user, "executor", actor=None)
    return user


def test_an_excluded_answer_stops_counting_and_its_history_stays(world, executor):
    world.send(answer(1), answer(2, q_clear="5"))
    before = totals()
    decided = services.record_verdict(
        world.response(2), "excluded", reason="a test", actor=executor, source="phone call"
    )
    assert (decided.seq, decided.decided_by, decided.source) == (2, executor, "phone call")
    one = (*world.person("E1"), 1, 87_500_000, 87_500_000**2)
    assert totals() == [one]
    assert totals(as_of=decided.decided_at - datetime.timedelta(microseconds=1)) == before
    assert Rating.objects.count() == 2
    assert verify_rollups() is None
    services.record_verdict(world.response(2), "counted", reason="it was real", actor=executor)
    assert totals() == before
    assert Rating.objects.filter(response__response_no="R2").count() == 2
    assert verify_rollups() is None
    entry = AuditEntry.objects.get(verb="response.excluded")
    assert (entry.actor, entry.data["before"], entry.data["seq"]) == (executor, "counted", 2)


def test_an_answer_in_review_counts_until_a_person_excludes_it(world, executor):
    world.send(answer(1))
    machine(world, proposed(world.response(1), "review", "too_fast", seconds=3))
    assert (len(totals()), queries.undecided(*MARCH)) == (1, 1)
    cutoff = Verdict.objects.latest("decided_at").decided_at
    services.record_verdict(world.response(1), "excluded", reason="a test", actor=executor)
    assert (totals(), queries.undecided(*MARCH)) == ([], 0)
    assert queries.undecided(*MARCH, cutoff) == 1
    assert queries.decided_since(*MARCH, cutoff) == 1
    last = Verdict.objects.latest("seq")
    assert (last.checks, last.evidence) == (["too_fast"], {"seconds": 3})


def test_the_machine_judging_again_changes_only_what_differs(world):
    world.send(answer(1), answer(2), answer(3))
    first, second, third = (world.response(i) for i in (1, 2, 3))
    verdicts = [
        proposed(first, "excluded", "partial", share=0.1),
        proposed(second, "review", "irv", "too_fast", irv=0, seconds=2.5),
        proposed(third, "counted"),
    ]
    machine(world, *verdicts)
    again = machine(world, *verdicts)
    assert (again.changed, again.unchanged, again.kept) == (0, 3, 0)
    assert [v.verdict for v in Verdict.objects.filter(response_id=first.id).order_by("seq")][
        -1
    ] == "excluded"
    assert (len(totals()), totals()[0][3], live()) == (1, 2, 2)
    machine(world, proposed(first, "counted"))
    assert totals()[0][3] == 3
    assert verify_rollups() is None


def test_what_a_person_decided_the_machine_leaves_alone(world, executor):
    world.send(answer(1))
    services.record_verdict(world.response(1), "counted", reason="real", actor=executor)
    done = machine(world, proposed(world.response(1), "excluded", "partial"))
    assert (done.changed, done.kept) == (0, 1)
    assert totals()[0][3] == 1


def test_the_evaluated_person_may_not_decide_and_nothing_changes(world, executor):
    world.send(answer(1))
    person = world.people["E1"]
    person.user = executor
    person.save()
    for verdict in ("excluded", "counted"):
        with pytest.raises(Denied, match="evaluates you"):
            services.record_verdict(world.response(1), verdict, reason="x", actor=executor)
    with pytest.raises(Denied, match="evaluates you"):
        services.reattribute_response(
            world.response(1), [world.person("E3")], reason="x", actor=executor
        )
    assert (Verdict.objects.count(), live(), ResponseReattribution.objects.count()) == (1, 1, 0)


def test_whoever_it_was_taken_from_may_not_decide_either(world, executor, director):
    world.send(answer(1))
    services.reattribute_response(
        world.response(1), [world.person("E3")], reason="mix-up", actor=director
    )
    for no in ("E1", "E3"):
        person = world.people[no]
        person.user = executor
        person.save()
        with pytest.raises(Denied, match="evaluates you"):
            services.record_verdict(world.response(1), "excluded", reason="x", actor=executor)
        person.user = None
        person.save()


def test_a_role_that_does_not_judge_is_denied(world, manager, outsider):
    world.send(answer(1))
    for user in (manager, outsider):
        with pytest.raises(Denied, match="Your role does not decide"):
            services.record_verdict(world.response(1), "excluded", reason="x", actor=user)
    assert Verdict.objects.count() == 1


def test_a_decision_taken_earlier_names_itself_and_asks_for_no_role(world, outsider):
    world.send(answer(1))
    words = {"reason": "decided", "decider": outsider}
    with pytest.raises(InvalidInput, match="needs what decided it"):
        services.carry_out_verdict(world.response(1), "excluded", source="", **words)
    decided = services.carry_out_verdict(
        world.response(1), "excluded", source="AP-2026-001", **words
    )
    assert (decided.seq, decided.verdict, decided.decided_by, decided.source) == (
        2,
        "excluded",
        outsider,
        "AP-2026-001",
    )
    assert verify_rollups() is None


def test_a_decision_needs_a_reason_and_a_clear_word(world, executor):
    world.send(answer(1))
    with pytest.raises(InvalidInput, match="reason"):
        services.record_verdict(world.response(1), "excluded", reason=" ", actor=executor)
    with pytest.raises(InvalidInput, match="between counted and excluded"):
        services.record_verdict(world.response(1), "review", reason="x", actor=executor)


def test_who_looked_at_an_older_verdict_is_told(world, executor, director):
    world.send(answer(1))
    services.record_verdict(world.response(1), "excluded", reason="x", actor=executor, seen_seq=1)
    with pytest.raises(Conflict, match="in the meantime"):
        services.record_verdict(
            world.response(1), "counted", reason="x", actor=director, seen_seq=1
        )
    assert Verdict.objects.count() == 2


def test_a_reattributed_answer_counts_for_the_other_person_and_stays_as_it_was(world, executor):
    world.send(answer(1))
    moment = Verdict.objects.get().decided_at
    change = services.reattribute_response(
        world.response(1), [world.person("E2"), world.person("E3")], reason="mix-up", actor=executor
    )
    assert (change.number, change.before) == (1, [list(world.person("E1"))])
    assert totals() == [
        (*world.person("E2"), 1, 100_000_000, 100_000_000**2),
        (*world.person("E3"), 1, 87_500_000, 87_500_000**2),
    ]
    assert totals(as_of=moment) == [(*world.person("E1"), 1, 87_500_000, 87_500_000**2)]
    assert world.response(1).people == [list(world.person("E1"))]
    assert verify_rollups() is None
    services.record_verdict(world.response(1), "excluded", reason="x", actor=executor)
    services.record_verdict(world.response(1), "counted", reason="y", actor=executor)
    assert [row[0] for row in totals()] == [world.people["E2"].pk, world.people["E3"].pk]
    assert verify_rollups() is None


def test_a_reattribution_names_known_people_once_each(world, executor):
    world.send(answer(1))
    e1, e3 = world.person("E1"), world.person("E3")
    for people, message in (
        ([], "at least one person"),
        ([(e1[0], e1[1], None)], "at least one person"),
        ([(999_999, e1[1], e1[2])], "at least one person"),
        ([e3, e3], "once"),
        ([e1, e3], "at most one person per position"),
        ([e1], "already counts"),
    ):
        with pytest.raises(InvalidInput, match=message):
            services.reattribute_response(world.response(1), people, reason="x", actor=executor)
    assert totals()[0][0] == e1[0]


def test_answers_verdicts_and_ratings_cannot_be_changed_or_removed(world):
    world.send(answer(1))
    attempts = [
        lambda: Response.objects.update(score_micro=1),
        lambda: Response.objects.filter(response_no="R1").delete(),
        lambda: Verdict.objects.update(verdict="excluded"),
        lambda: Rating.objects.update(score=1),
        lambda: Rating.objects.update(scores=[]),
        lambda: Rating.objects.filter(score=92_500_000).update(
            counted_to=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC), score=1
        ),
    ]
    for attempt in attempts:
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            attempt()
    ended = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    assert Rating.objects.update(counted_to=ended) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.update(counted_to=None)


def test_sums_can_be_rebuilt_from_the_ratings(world):
    world.send(answer(1), answer(2), answer(3, employee_no=None, department_code="S2"))
    machine(world, proposed(world.response(2), "excluded", "partial"))

    def stored():
        return [{**each, "id": None} for each in RatingRollup.objects.order_by("employee").values()]

    keep = stored()
    assert [each["n"] for each in keep] == [1, 1]
    RatingRollup.objects.update(n=99, totals=[7, 7])
    assert verify_rollups() is not None
    services.rebuild_rollups(actor=None)
    assert verify_rollups() is None
    assert stored() == keep


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(range(1, 7)), st.sets(st.integers(1, 6), max_size=3))
def test_neither_order_nor_excluded_answers_ever_change_a_score(world, order, excluded):
    with transaction.atomic():
        for number in order:
            world.send(answer(number, q_clear=str(1 + number % 5), q_fixed=str(1 + number)))
        machine(world, *(proposed(world.response(i), "excluded", "partial") for i in excluded))
        kept = [i for i in range(1, 7) if i not in excluded]
        scores = [(100 * (i % 5) // 4 + 100) * 500_000 for i in kept]
        expected = [(*world.person("E1"), len(kept), sum(scores), sum(s * s for s in scores))]
        assert totals() == expected
        assert verify_rollups() is None
        transaction.set_rollback(True)
