"""The engine on plain facts: placements, opinions, gates, headline, and the hash of the content."""

from decimal import Decimal as D
from math import sqrt

import pytest

from assessments.rules.content import evidence_hash, result_text, score_hash
from assessments.rules.engine import score
from assessments.rules.peers import NO_DIFFERENCE, PeerGroup
from assessments.rules.specs import parse_scheme
from tests.assessments.test_curves import INDICATORS
from tests.assessments.test_specs import LECT

MICRO = 10**6
UNITS = dict.fromkeys(INDICATORS, "percent")
GROUP = PeerGroup("position:LECT", "position", "ok", 100, 10, 9.0, 4.0, 10.0, 16.0, 0.2, 60.0)
FLAT = PeerGroup("all", "all", NO_DIFFERENCE, 100, 10, 4.0, 4.0, 10.0, 0.0, 0.0, 55.0)


def placement(number=1, **changes):
    return {
        "department": f"S{number}",
        "position": "LECT",
        "first": "2025-11-01",
        "last": "2025-11-30",
        "days": 20,
        "scheme": "lect",
        "measured": {},
        **changes,
    }


def answers(*points, department="S1", position="LECT", mode="online"):
    micro = [round(p * MICRO) for p in points]
    return [department, position, mode, len(micro), sum(micro), sum(x * x for x in micro)]


def person(*responses, placements=None, **changes):
    return {
        "employee": "E1",
        "months": 1,
        "working_days": "20",
        "present_days": "20",
        "placements": placements or [placement()],
        "responses": list(responses),
        **changes,
    }


def run(facts, groups=None, **changes):
    scheme = parse_scheme({**LECT, **changes}, INDICATORS)
    groups = {"LECT": GROUP} if groups is None else groups
    return score(facts, {"lect": scheme}, groups, UNITS)


def fair_item(min_n=5):
    return [{**LECT["items"][0], "value": "fair", "min_n": min_n}]


def test_fair_value_of_a_small_sample_is_drawn_to_the_group():
    got = run(person(answers(*[80.0] * 10)), items=fair_item())
    b = 10 * 0.2 / (1 + 9 * 0.2)
    assert float(got.results[0].value_used) == pytest.approx(60 + b * 20)
    assert got.headline.fair == 60 + b * (80 - 60)
    assert got.results[0].adjusted == got.results[0].value_used


def test_no_difference_is_a_value_and_no_peer_group_is_none():
    facts = person(answers(*[80.0] * 10))
    flat = run(facts, {"LECT": FLAT}, items=fair_item())
    assert (flat.results[0].status, flat.results[0].value_used) == ("no_difference", D(55))
    assert flat.status == "assessed"
    nobody = run(facts, {}, items=fair_item())
    assert (nobody.results[0].status, nobody.results[0].points) == ("no_peer_group", None)
    assert (nobody.status, nobody.reason, nobody.headline.raw) == (
        "not_assessed",
        "no_peer_group",
        80.0,
    )


def test_items_own_minimum_decides_not_the_display_floor():
    facts = person(answers(*[80.0] * 20))
    assert run(facts, items=fair_item(min_n=21)).reason == "below_min_n"
    assert run(facts, items=fair_item(min_n=20)).status == "assessed"


def test_two_unscored_days_do_not_stop_an_assessment_but_most_of_the_month_does():
    mixed = [placement(days=18), placement(2, position="X", scheme="", days=2)]
    facts = person(answers(*[60.0] * 5), placements=mixed)
    got = run(facts)
    assert (got.status, got.composite) == ("partial", D("50.00"))
    mixed[0]["days"], mixed[1]["days"] = 8, 12
    got = run(facts)
    assert (got.status, got.reason, got.composite) == ("not_assessed", "no_scheme", None)


def test_answers_earned_in_two_jobs_give_one_headline_and_each_job_its_own():
    places = [placement(1, days=10), placement(2, position="B", days=10)]
    facts = person(answers(*[80.0] * 10), answers(*[40.0] * 30, position="B"), placements=places)
    got = run(facts, {"LECT": GROUP, "B": FLAT})
    assert [r.raw for r in got.results] == [D(80), D(40)]
    assert (got.headline.n, got.headline.raw) == (40, 50.0)
    b = 10 * 0.2 / (1 + 9 * 0.2)
    fair = 60 + b * 20
    assert got.headline.fair == pytest.approx((10 * fair + 30 * 55) / 40)
    half = 10 * 1.959963984540054 * sqrt(16 * (1 - b)) / 40
    assert got.headline.high - got.headline.fair == pytest.approx(half)
    assert (got.headline.peer_group, got.headline.status) == ("all", "ok")


def test_answers_of_a_job_not_held_are_in_the_headline_and_in_no_placement():
    got = run(person(answers(*[80.0] * 10, position="B")))
    assert (got.headline.n, got.results[0].n, got.reason) == (10, 0, "no_data")


def test_opinions_enter_by_their_groups():
    spec = {
        "quantitative_weight": 70,
        "qualitative_weight": 30,
        "qualitative": {
            "groups": [
                {"group": "peer", "weight": 60},
                {"group": "superior", "weight": 40},
            ]
        },
    }
    place = placement(opinions={"peer": ["80", "90", "100"], "superior": ["70"]})
    got = run(person(answers(*[60.0] * 5), placements=[place]), **spec)
    assert (got.status, got.quantitative, got.qualitative) == ("assessed", D("50.00"), D("82.00"))
    assert got.composite == D("59.60")


def test_confirmed_events_take_points_and_open_gates():
    gates = [
        {"event": "lie", "cap": "composite", "value": D("59.99")},
        {"event": "leak", "cap": "grade", "value": "B"},
        {"event": "insult", "cap": "item", "value": 20, "indicator": "satisfaction"},
    ]
    facts = person(answers(*[80.0] * 5))

    def after(*events):
        rows = [{"event": name, "points": points} for name, points in events]
        return run({**facts, "events": rows}, gates=gates, deduction_cap=10)

    assert after(("late", "4"), ("late", "9")).composite == D("90.00")
    assert after(("lie", "0")).composite == D("59.99")
    assert (after(("leak", "0")).composite, after(("leak", "0")).grade) == (D("100.00"), "B")
    assert after(("insult", "0")).composite == D("20.00")


def test_mode_mix_moves_the_fair_score_and_never_the_raw_one():
    mixed = PeerGroup(**{**GROUP.as_json(), "modes": {"online": 0.5, "phone": 0.5}})
    facts = person(answers(*[60.0] * 5), answers(*[90.0] * 15, mode="phone"))
    plain, adjusted = run(facts), run(facts, {"LECT": mixed})
    assert plain.headline.raw == adjusted.headline.raw == 82.5
    b = 20 * 0.2 / (1 + 19 * 0.2)
    assert plain.headline.fair == pytest.approx(60 + b * 22.5)
    assert adjusted.headline.fair == pytest.approx(60 + b * 15)


def test_content_hash_covers_facts_and_results():
    got = run(person(answers(*[80.0] * 10)))
    shown = score_hash(got)
    assert score_hash(run(person(answers(*[80.0] * 10)))) == shown
    more = [got.results[0]._replace(n=11)]
    assert score_hash(got._replace(results=more)) != shown
    assert score_hash(got._replace(grade="B")) != shown
    assert score_hash(got._replace(facts={**got.facts, "months": 3})) != shown


def test_text_of_stored_numbers_is_that_of_computed_ones():
    got = run(person(answers(*[80.0] * 9)))
    stored = [
        None if x is None else D(f"{x:.10f}") if isinstance(x, D) else x for x in got.results[0]
    ]
    assert result_text(stored[4:]) == result_text(got.results[0][4:])


def test_evidence_hash_does_not_depend_on_the_order_of_people():
    cards = [("E1", "a"), ("E2", "b")]
    assert evidence_hash("2025", {}, cards) == evidence_hash("2025", {}, cards[::-1])
    assert evidence_hash("2025", {}, cards) != evidence_hash("2024", {}, cards)
    assert evidence_hash("2025", {"LECT": {"m": 1}}, cards) != evidence_hash("2025", {}, cards)
