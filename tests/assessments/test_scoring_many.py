"""People scored together get to the byte what each gets alone: shared figures, texts, chunks."""

import json
from dataclasses import replace
from decimal import Decimal as D
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from assessments.rules import engine
from assessments.rules.canonical import dumps, text_digest
from assessments.rules.composite import item_cap, quantitative
from assessments.rules.content import (
    card_of,
    card_text,
    placements_text,
    result_text,
    score_hash,
    score_text,
)
from assessments.rules.engine import Result, Scorer, score
from assessments.rules.facts_text import PlacementTexts, figures_text, person_text
from assessments.rules.scheme import Gate
from assessments.rules.specs import parse_scheme
from assessments.rules.values import SCORED, measured_value
from assessments.services.job import chunk_of, facts_in
from tests.assessments.test_curves import INDICATORS
from tests.assessments.test_engine import FLAT, GROUP
from tests.assessments.test_specs import LECT, item

FIGURES = ("courtesy_rate", "response_time", "error_rate", "emergency")
UNITS = {**dict.fromkeys(INDICATORS, "percent"), "response_time": "business_minutes"}
CURVES = (
    {"type": "linear", "floor": D("33.3"), "target": D("97.1"), "cap": 120},
    {"type": "piecewise", "points": [[0, 100], [7, 61], [D("31.5"), 3]]},
    {"type": "bands", "bands": [[0, 100], [D("2.5"), 70], [50, 0]]},
    {"type": "deduction", "start": 100, "per": D("7.3")},
)
SPEC = parse_scheme(
    {
        **LECT,
        "min_assessed_weight": 50,
        "items": [{**LECT["items"][0], "weight": 20, "value": "fair", "min_n": 5}]
        + [
            item(code, 20, curve=curve, min_n=number)
            for number, (code, curve) in enumerate(zip(FIGURES, CURVES, strict=True), start=1)
        ],
    },
    INDICATORS,
)
SPEC = replace(SPEC, gates=(Gate("leak", "item", "20", "courtesy_rate"),))
SCHEMES = {"one": SPEC, "two": replace(SPEC, items=SPEC.items[::-1])}
GROUPS = {"LECT": GROUP, "B": FLAT}

numbers = st.one_of(
    st.integers(0, 60).map(str),
    st.decimals(0, 10**12 - 1, places=6).map(lambda x: f"{x.normalize():f}"),
    st.sampled_from(("100", "100.0", "0", "0.000001")),  # equal values, other texts
)
measured = st.dictionaries(st.sampled_from(FIGURES), st.lists(numbers, min_size=2, max_size=2))
codes = st.sampled_from(("S1", "S2", '门"店\\', "S\t4"))
positions = st.sampled_from(("LECT", "B", "C"))


@st.composite
def sums(draw):
    points = draw(st.lists(st.integers(0, 100), max_size=8))
    micro = [p * 10**6 for p in points]
    place = (draw(codes), draw(positions), draw(st.sampled_from(("online", "phone"))))
    return [*place, len(micro), sum(micro), sum(x * x for x in micro)]


@st.composite
def people(draw):
    placements = st.fixed_dictionaries(
        {
            "department": codes,
            "position": positions,
            "first": st.just("2025-11-01"),
            "last": st.just("2025-11-30"),
            "days": st.integers(0, 22),
            "scheme": st.sampled_from(("one", "two", "")),
            "measured": measured,
        }
    )
    person = {
        "employee": draw(st.text('E7员"\\\\\t\x7f', min_size=1, max_size=4)),
        "months": 1,
        "working_days": "20",
        "present_days": draw(st.sampled_from(("20", "9.5"))),
        "placements": draw(st.lists(placements, min_size=1, max_size=3)),
        "responses": draw(st.lists(sums(), max_size=4)),
    }
    if draw(st.booleans()):
        person["events"] = [{"event": "leak", "points": "3.5"}]
    return person


def alone(facts, row):
    """A result from the rules of figures, curves, gates, without the engine."""
    placement = facts["placements"][row.placement_no]
    one = next(i for i in SCHEMES[row.scheme].items if i.indicator == row.indicator)
    value = measured_value(one, UNITS[one.indicator], placement["measured"].get(one.indicator))
    points = one.curve.points(value.used) if value.status in SCORED else None
    cap = item_cap(SPEC.gates, [e["event"] for e in facts.get("events", [])], one.indicator)
    if points is not None and cap is not None:
        points = min(points, cap)
    about = (row.placement_no, one.indicator, placement["scheme"], placement["position"])
    figures = (value.numerator, value.denominator, value.n, value.raw, None, None, None)
    told = text_digest(f"{one.indicator}|{value.numerator}|{value.denominator}")
    return Result(*about, one.weight, *figures, value.used, points, value.status, told)


def stored(placement):
    """What is kept of a placement."""
    shares = ("quantitative", "qualitative", "composite")
    values = {name: getattr(placement, name) for name in shares}
    return {
        **{key: value for key, value in placement.facts.items() if key != "measured"},
        "status": placement.status,
        "reason": placement.reason,
        **{name: None if x is None else f"{x:.10f}" for name, x in values.items()},
    }


def exactly(rows):
    """Decimals by their digits: 1.0 and 1 are not the same."""
    return [tuple(map(repr, row)) for row in rows]


@given(st.lists(people(), min_size=1, max_size=6), st.integers(0, 30))
def test_what_people_share_changes_no_result(everybody, most):
    """`most` results kept: from none at all to more than there are."""
    before, engine.MOST_KEPT = engine.MOST_KEPT, most
    try:
        together = Scorer(SCHEMES, GROUPS, UNITS)
        found = [together.score(facts) for facts in everybody * 2]
    finally:
        engine.MOST_KEPT = before
    for facts, got in zip(everybody * 2, found, strict=True):
        single = score(facts, SCHEMES, GROUPS, UNITS)
        assert exactly(got.results) == exactly(single.results)
        assert score_hash(got) == score_hash(single)
        own = [row for row in got.results if row.indicator != "satisfaction"]
        assert exactly(own) == exactly(alone(facts, row) for row in own)
        for number, place in enumerate(got.placements):
            rows = [(r.weight, r.points) for r in got.results if r.placement_no == number]
            least = SPEC.min_assessed_weight
            expected = quantitative(rows, least) if place.facts["scheme"] else None
            assert repr(place.quantitative) == repr(expected)
        assert score_text(got) == card_text(card_of(got))
        assert placements_text(got.placements) == dumps([stored(p) for p in got.placements])


def test_a_figure_that_two_people_have_is_worked_out_once():
    place = {
        "department": "S1", "position": "LECT", "first": "2025-11-01", "last": "2025-11-30",
        "days": 20, "scheme": "one", "measured": {"courtesy_rate": ["47", "53"]},
    }  # fmt: skip
    facts = {
        "employee": "E1", "months": 1, "working_days": "20", "present_days": "20",
        "placements": [place], "responses": [],
    }  # fmt: skip
    together = Scorer(SCHEMES, GROUPS, UNITS)
    first, second = together.score(facts), together.score({**facts, "employee": "E2"})
    assert all(a is b for a, b in zip(first.results, second.results, strict=True))
    moved = {**facts, "placements": [{**place, "position": "B"}]}
    other = together.score(moved).results
    assert [row.position for row in other] == ["B"] * 5
    assert [result_text(row[4:]) for row in other] == [result_text(r[4:]) for r in first.results]


@given(people())
def test_facts_put_together_from_parts_are_their_canonical_text(facts):
    facts.pop("events", None)
    texts, placed = PlacementTexts(), []
    for placement in facts["placements"]:
        before, behind = texts.around({**placement, "measured": {}})
        placed.append(before + figures_text(placement["measured"]) + behind)
    text = person_text(
        facts["employee"],
        facts["months"],
        working_days=facts["working_days"],
        present_days=facts["present_days"],
        placements=",".join(placed),
        responses=facts["responses"],
    )
    assert text == dumps(facts)
    assert json.loads(text) == facts


@given(st.lists(people(), max_size=5))
def test_a_chunk_gives_back_the_texts_it_was_made_of(everybody):
    texts = [dumps(facts) for facts in everybody]
    chunk = chunk_of(SimpleNamespace(pk=7), [text.encode() for text in texts])
    assert json.loads(json.dumps(chunk))["run"] == 7
    assert facts_in(chunk) == texts
    assert facts_in({"run": 7, "facts": everybody}) == texts  # as it was before there were texts
