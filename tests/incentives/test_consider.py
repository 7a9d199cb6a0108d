"""Everybody considered for an award gets an outcome with a reason made from data."""

from decimal import Decimal as D

from incentives.rules.consider import Person, consider, cost, over_budget

AWARD = {
    "code": "STAR",
    "eligibility": {
        "position_codes": ["LECT"],
        "min_n": 30,
        "min_working_days": 10,
        "min_grade": "B",
        "exclusions": ["complaint_upheld_in_period"],
        "hold_if": ["score_held", "appeal_open"],
    },
    "selection": {
        "share_percent": "5.00",
        "group_by": "peer_group",
        "minimum_winners": 1,
        "min_group_size": 5,
        "order": ["fair_low", "n"],
        "edge_tie": "all_in",
        "max_winners_factor": "1.50",
        "fallback": {"period": "quarter", "when": "fewer_eligible_than_min_group_size"},
    },
    "amount": {"each": "500.00", "prize_value": "100.00"},
}


def person(number, **changes):
    values = {
        "employee_id": number,
        "employee_no": f"E{number:04d}",
        "scorecard_id": number,
        "scorecard_hash": "h",
        "position_code": "LECT",
        "n": 30,
        "fair_low": D(80) - D(number) / 100,
        "fair_status": "ok",
        "status": "assessed",
        "grade": "B",
        "present_days": D(20),
    }
    return Person(**(values | changes))


def by_no(outcomes):
    return {one.person.employee_no: one for one in outcomes}


def test_the_first_of_six_wins_and_the_others_learn_their_rank():
    outcomes, groups = consider(AWARD, [person(i) for i in range(1, 7)], months=1)
    rows = by_no(outcomes)
    assert (rows["E0001"].state, rows["E0001"].reason) == ("reserved", "won")
    assert rows["E0001"].amount == D("500.00")
    assert (rows["E0006"].state, rows["E0006"].reason, rows["E0006"].rank) == (
        "ranked",
        "below_line",
        6,
    )
    assert rows["E0006"].amount == 0
    assert cost(outcomes) == D("600.00")
    assert (groups[0].eligible, groups[0].places, groups[0].decided) == (6, 1, "here")


def test_every_bar_has_its_reason_and_figures():
    barred = {
        1: ({"n": 29}, "too_few_answers", {"n": 29, "needed": 30}),
        2: ({"fair_low": None, "fair_status": "no_peer_group"}, "no_fair_score", {"n": 30}),
        3: ({"fair_status": "no_difference"}, "no_difference", {"n": 30}),
        4: ({"present_days": D("9.5")}, "too_few_days", {"days": "9.5", "needed": 10}),
        5: ({"status": "not_assessed", "grade": ""}, "not_assessed", {"needed": "B"}),
        6: ({"grade": "C"}, "grade_too_low", {"grade": "C", "needed": "B"}),
        7: (
            {"exclusions": frozenset({"complaint_upheld_in_period"})},
            "excluded",
            {"what": "complaint_upheld_in_period"},
        ),
    }
    people = [person(i, **changes) for i, (changes, _reason, _data) in barred.items()]
    outcomes, groups = consider(AWARD, people, months=1)
    found = {one.person.employee_id: (one.reason, one.data) for one in outcomes}
    assert found == {i: (reason, data) for i, (_changes, reason, data) in barred.items()}
    assert {one.state for one in outcomes} == {"rejected"}
    assert groups[0].decided == "fallback"


def test_a_job_with_nobody_eligible_falls_back_too_and_has_no_star_where_it_cannot():
    people = [person(i, n=17) for i in range(1, 4)]
    outcomes, (group,) = consider(AWARD, people, months=1)
    assert {(one.state, one.reason) for one in outcomes} == {("rejected", "too_few_answers")}
    assert (group.decided, group.eligible, group.places) == ("fallback", 0, 0)
    _outcomes, (quarter,) = consider(AWARD, people, months=3, only_groups=frozenset({"LECT"}))
    assert (quarter.decided, quarter.winners) == ("nobody", 0)
    selection = {key: value for key, value in AWARD["selection"].items() if key != "fallback"}
    _outcomes, (alone,) = consider(AWARD | {"selection": selection}, people, months=1)
    assert alone.decided == "nobody"


def test_another_position_is_not_considered():
    outcomes, groups = consider(AWARD, [person(1, position_code="HEAD")], months=1)
    assert (outcomes, groups) == ([], [])


def test_fewer_than_the_smallest_group_fall_back_to_the_quarter():
    outcomes, groups = consider(AWARD, [person(i) for i in range(1, 5)], months=1)
    assert {(one.state, one.reason) for one in outcomes} == {("eligible", "fallback")}
    assert outcomes[0].data == {"eligible": 4, "needed": 5, "period": "quarter"}
    assert (groups[0].decided, groups[0].places) == ("fallback", 0)


def test_without_a_fallback_a_small_group_has_no_star():
    selection = {key: value for key, value in AWARD["selection"].items() if key != "fallback"}
    outcomes, groups = consider(AWARD | {"selection": selection}, [person(1)], months=1)
    assert (outcomes[0].state, outcomes[0].reason) == ("rejected", "group_too_small")
    assert groups[0].decided == "too_small"


def test_the_quarter_decides_exactly_the_groups_that_fell_back():
    people = [person(1, present_days=D(60)), person(2, position_code="HEAD")]
    award = AWARD | {"eligibility": AWARD["eligibility"] | {"position_codes": []}}
    outcomes, groups = consider(award, people, months=3, only_groups=frozenset({"LECT"}))
    assert [one.person.employee_no for one in outcomes] == ["E0001"]
    assert outcomes[0].state == "reserved"
    assert [group.code for group in groups] == ["LECT"]


def test_presence_is_asked_per_month_of_the_period():
    (outcome,), _groups = consider(
        AWARD, [person(1, present_days=D(29))], months=3, only_groups=frozenset({"LECT"})
    )
    assert (outcome.reason, outcome.data) == ("too_few_days", {"days": "29", "needed": 30})


def test_a_winner_under_appeal_keeps_the_place():
    people = [person(i) for i in range(2, 7)] + [person(1, holds=frozenset({"appeal_open"}))]
    outcomes, _groups = consider(AWARD, people, months=1)
    held = by_no(outcomes)["E0001"]
    assert (held.state, held.reason, held.data["holds"]) == ("held", "held", ["appeal_open"])
    assert cost(outcomes) == D("600.00")


def test_a_pool_that_cannot_pay_all_winners_pays_none_by_itself():
    outcomes, _groups = consider(AWARD, [person(i) for i in range(1, 7)], months=1)
    rows = over_budget(outcomes, total=D("600.00"), room=D("599.99"))
    winner = by_no(rows)["E0001"]
    assert (winner.state, winner.reason, winner.amount) == ("ranked", "pool_exceeded", D("500.00"))
    assert (winner.data["total"], winner.data["room"]) == ("600.00", "599.99")
    assert cost(rows) == 0
