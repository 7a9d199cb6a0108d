"""A scheme file is taken whole or refused with every fault named."""

import copy
from decimal import Decimal as D

import pytest

from assessments.rules.canonical import digest
from assessments.rules.faults import SpecError
from assessments.rules.specs import parse_scheme
from tests.assessments.test_curves import INDICATORS, SCHEMES, load

LECT = {
    "code": "LECT-2025",
    "effective_from": "2025-01-01",
    "position_codes": ["LECT"],
    "quantitative_weight": 100,
    "qualitative_weight": 0,
    "min_assessed_weight": 60,
    "items": [
        {
            "indicator": "satisfaction",
            "weight": 100,
            "value": "raw",
            "curve": {"type": "linear", "floor": 40, "target": 80, "cap": 120},
            "min_n": 5,
        }
    ],
    "grades": [
        {"grade": "A", "from": 90, "coefficient": D("1.2")},
        {"grade": "B", "from": 0, "coefficient": D("1.0")},
    ],
}
LINEAR = {"type": "linear", "floor": 1, "target": 2}


def item(indicator="courtesy_rate", weight=100, value="raw", curve=None, **more):
    return {
        "indicator": indicator,
        "weight": weight,
        "value": value,
        "curve": curve or LINEAR,
        **more,
    }


def changed(**changes):
    spec = copy.deepcopy(LECT)
    spec.update(changes)
    return {key: value for key, value in spec.items() if value is not ...}


def faults(spec):
    with pytest.raises(SpecError) as caught:
        parse_scheme(spec, INDICATORS)
    return [str(fault) for fault in caught.value.faults]


def test_minimal_scheme_with_its_defaults():
    scheme = parse_scheme(LECT, INDICATORS)
    assert scheme.applies_to == "employee"
    assert scheme.min_working_days_present == D(10)
    assert scheme.items[0].min_n == 5
    assert parse_scheme(changed(min_assessed_weight=...), INDICATORS).min_assessed_weight == D(60)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_ready_schemes_are_taken_unchanged(path):
    scheme = parse_scheme(load(path), INDICATORS)
    assert scheme.applies_to == ("department" if path.stem == "dept-2026" else "employee")
    assert len(scheme.gates) == 3


@pytest.mark.parametrize(("value", "min_n"), [("fair", 5), ("raw", 30)])
def test_minimum_sample_defaults_by_value(value, min_n):
    scheme = parse_scheme(changed(items=[item("satisfaction", value=value)]), INDICATORS)
    assert scheme.items[0].min_n == min_n


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"colour": 1}, 'scheme: unknown key "colour"'),
        ({"grades": ...}, 'scheme: key "grades" is missing'),
        ({"quantitative_weight": 60}, "qualitative_weight: both weights together must be 100"),
        ({"items": [item(weight=99)]}, "items: weights together must be 100, not 99"),
        ({"items": [item(weight=50), item(weight=50)]}, 'items: "courtesy_rate" stands twice'),
        ({"items": [item("charm")]}, 'items[0].indicator: "charm" is not one of: '),
        ({"items": [item(speed=1)]}, 'items[0]: unknown key "speed"'),
        ({"items": [item(value="fair")]}, "items[0].value: only satisfaction has a fair value"),
        (
            {"items": [item(curve={"type": "linear", "floor": 3, "target": 3})]},
            "items[0].curve: floor and target must differ",
        ),
        (
            {"items": [item(curve={"type": "bands", "bands": [[10, 50], [5, 20]]})]},
            "items[0].curve.bands: values must ascend",
        ),
        (
            {"items": [item(curve={"type": "bands", "bands": [[10, 50], [20, 80]]})]},
            "items[0].curve.bands: the first band must begin at 0 or null",
        ),
        (
            {"items": [item(curve={"type": "piecewise", "points": [[1, 2], [1, 3]]})]},
            "items[0].curve.points: values must ascend",
        ),
        ({"items": [item(curve={"type": "magic"})]}, "items[0].curve.type: must be one of"),
        (
            {"items": [item(curve={**LINEAR, "slope": 1})]},
            'items[0].curve: unknown key "slope"',
        ),
        ({"items": [item(min_n=0)]}, "items[0].min_n: must be at least 1"),
        ({"items": [item(weight=True)]}, "items[0].weight: must be a number"),
        ({"items": [item(weight=D("NaN"))]}, "items[0].weight: must be a number"),
        ({"effective_from": "2025-02-30"}, "effective_from: must be a day such as"),
        ({"position_codes": []}, "position_codes: a scheme for employees names"),
        ({"position_codes": ["A", "A"]}, "position_codes: a code stands twice"),
        ({"applies_to": "department"}, "position_codes: a scheme for departments names no"),
        ({"applies_to": "team"}, 'applies_to: "team" is not one of: department, employee'),
        ({"grades": [{"grade": "A", "from": 50, "coefficient": 1}]}, "grades: the lowest grade"),
        (
            {
                "grades": [
                    {"grade": "A", "from": 0, "coefficient": 1},
                    {"grade": "B", "from": 0, "coefficient": 1},
                ]
            },
            "grades: must descend",
        ),
        (
            {"gates": [{"event": "x", "cap": "grade", "value": "Z"}]},
            'gates[0].value: "Z" is not one of: A, B',
        ),
        (
            {"qualitative": {"groups": [{"group": "peer", "weight": 90}]}},
            "qualitative.groups: weights together must be 100",
        ),
        ({"deduction_cap": -1}, "deduction_cap: must be at least 0"),
    ],
)
def test_a_fault_is_named_with_its_place(changes, fault):
    assert any(text.startswith(fault) for text in faults(changed(**changes)))


def test_all_faults_are_reported_together():
    found = faults(changed(items=[item("charm", min_n=0)], effective_from="soon"))
    assert len(found) == 3


def test_content_that_is_no_object_is_a_fault():
    assert faults([]) == [
        "scheme: must be an object",
    ]


def test_numbers_kept_as_text_mean_the_same():
    stored = changed(quantitative_weight="100", qualitative_weight="0")
    assert parse_scheme(stored, INDICATORS) == parse_scheme(LECT, INDICATORS)


def test_equal_content_has_one_digest():
    assert digest({"a": D("1.0"), "b": [1]}) == digest({"b": [1], "a": D("1.00")})
