"""Rule sets are read strictly: every fault is named, nothing unknown is let through."""

import copy
import json

import pytest

from core.errors import InvalidInput
from surveys.cleaning import services
from surveys.cleaning.rules import ruleset
from surveys.cleaning.rules.catalogue import CATALOGUE
from tests.surveys.cleaning_data import CONTENT, RULES
from tests.surveys.cleaning_world import NOW

SPEC = json.loads((CONTENT / "default.json").read_text(encoding="utf-8"))


def changed(check, **values):
    spec = copy.deepcopy(SPEC)
    spec["checks"].setdefault(check, {}).update(values)
    return spec


def faults(spec):
    with pytest.raises(ruleset.BadRuleSet) as caught:
        ruleset.parse(spec)
    return [fault.where for fault in caught.value.faults]


def test_the_products_own_rules_use_every_check_with_the_documented_thresholds():
    assert set(RULES.numbers) == set(CATALOGUE)
    assert RULES.review_from_families == 2
    assert RULES.number("partial", "required_share") == 80
    assert RULES.number("out_of_window", "grace_hours") == 72
    assert RULES.number("too_fast", "seconds_per_item") == 2
    assert RULES.number("even_odd", "below") == 0.30
    assert RULES.list("attention", "not_channels") == ("phone",)


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        (SPEC | {"surprise": 1}, ["rule set"]),
        (SPEC | {"code": ""}, ["code"]),
        (SPEC | {"checks": []}, ["checks"]),
        (SPEC | {"review_from_families": 1}, ["review_from_families"]),
        (changed("no_such_check"), ["checks"]),
        (changed("partial", dimension_share=101), ["checks.partial.dimension_share"]),
        (changed("partial", required_share=True), ["checks.partial.required_share"]),
        (changed("too_fast", typo=1), ["checks.too_fast"]),
        (changed("irv", on="yes"), ["checks.irv.on"]),
        (changed("same_device", channels="online"), ["checks.same_device.channels"]),
        (changed("store_network", networks=["10.0.0.1/8"]), ["checks.store_network.networks"]),
        ([], ["rule set", "code", "checks"]),
    ],
)
def test_every_fault_is_named(spec, where):
    assert faults(spec) == where


def test_a_missing_threshold_is_a_fault_and_a_check_can_be_switched_off():
    spec = copy.deepcopy(SPEC)
    del spec["checks"]["irv"]["at_most"]
    assert faults(spec) == ["checks.irv.at_most"]
    assert not ruleset.parse(changed("irv", on=False)).uses("irv")


@pytest.mark.django_db
def test_a_bad_rule_set_is_refused_in_words_and_a_good_one_stored_once(hr_admin):
    with pytest.raises(InvalidInput, match="dimension_share: must be a number from 0 to 100"):
        services.import_rule_set(changed("partial", dimension_share=101), actor=hr_admin, now=NOW)
    one = services.import_rule_set(SPEC, actor=hr_admin, now=NOW)
    assert services.import_rule_set(SPEC, actor=None, now=NOW) == one
    assert (one.version, one.approved_by, one.approved_at) == (1, hr_admin, NOW)
