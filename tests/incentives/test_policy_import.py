"""import_policy keeps checked content as a draft and refuses the rest with every fault."""

import copy
import json
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command

from core.errors import InvalidInput
from core.permissions import Denied
from incentives.imports.json_file import read_json
from incentives.models import PolicyVersion
from incentives.services.policies import import_policy
from incentives.services.policy_checks import BadPolicy, check
from tests.incentives import released

READY = released.ready_policy()


def changed(path, value):
    spec = copy.deepcopy(READY)
    node = spec
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return spec


@pytest.mark.django_db
def test_the_ready_policy_imports_unchanged_and_twice_is_once(capsys):
    path = str(released.CONTENT / "policy.json")
    call_command("import_policy", path)
    call_command("import_policy", path)
    (version,) = PolicyVersion.objects.all()
    assert version.spec == READY
    assert (version.number, version.status) == (1, "draft")
    out = capsys.readouterr().out
    assert "POLICY-2026 v1: imported as a draft, effective from 2026-01-01" in out
    assert "POLICY-2026 v1: unchanged (draft)" in out


@pytest.mark.django_db
def test_other_content_is_the_next_version(director):
    first, _new = import_policy(READY, actor=director)
    second, new = import_policy(changed(["version"], "1.1"), actor=director)
    assert (first.number, second.number, new) == (1, 2, True)
    again, new = import_policy(READY, actor=director)
    assert (again, new) == (first, False)


@pytest.mark.django_db
def test_whoever_has_no_role_imports_nothing(outsider):
    with pytest.raises(Denied):
        import_policy(READY, actor=outsider)
    assert not PolicyVersion.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_keeps_nothing(capsys):
    call_command("import_policy", str(released.CONTENT / "policy.json"), "--dry-run")
    assert not PolicyVersion.objects.exists()
    assert "nothing kept" in capsys.readouterr().out


STAR = ["awards", 0]
FAULTS = {
    "an unknown key": (["bonus"], 1, "bonus"),
    "an unknown key inside": ([*STAR, "selection", "quota"], 1, "quota"),
    "a number where text is asked": (["pools", 0, "budget"], 6400, "6400"),
    "a date that is none": (["effective_from"], "2026-02-30", "2026-02-30 is not a date"),
    "a missing pool": ([*STAR, "pool"], "POOL-NONE", "there is no pool POOL-NONE"),
    "a pool of another rhythm": ([*STAR, "pool"], "POOL-TEAM", "the pool is by quarter"),
    "an unknown exclusion": (
        [*STAR, "eligibility", "exclusions"],
        ["bad_mood"],
        "unknown exclusion bad_mood",
    ),
    "a penalty level off the ladder": (
        [*STAR, "eligibility", "exclusions"],
        ["penalty_in_effect_level_9_or_above"],
        "unknown exclusion",
    ),
    "an unknown hold": ([*STAR, "eligibility", "hold_if"], ["mood"], "unknown reason to hold"),
    "an unknown metric": ([*STAR, "eligibility", "metric"], "charm", "no indicator charm"),
    "another order": ([*STAR, "selection", "order"], ["n"], "ordered by fair_low, n"),
    "no place at all": ([*STAR, "selection", "minimum_winners"], 0, "at least one winner"),
    "a share over 100": ([*STAR, "selection", "share_percent"], "100.01", "at most 100"),
    "a fallback as short as the award": ([*STAR, "period"], "quarter", "must be longer"),
    "an unknown event": (["clauses", 0, "events"], ["yawned"], "there is no event yawned"),
    "a level off the ladder": (
        ["penalty_ladder"],
        READY["penalty_ladder"][:5],
        "there is no level 6",
    ),
    "a milder repeat": (["clauses", 2, "repeat", "next_level"], 1, "lower than the first"),
    "a gap in the ladder": (["penalty_ladder", 1, "level"], 3, "must run 1, 2, 3"),
    "an unknown award": (["career", 0, "condition", "award"], "MEDAL", "no award MEDAL"),
    "a wrong example": (["performance_pay", "examples", 0, "pays"], "2400.01", "pays 2400.00"),
    "an unavailable mode": (["performance_pay", "modes_available"], ["banded2"], "not available"),
    "an activation without simulation": (
        ["activation", "required"],
        [key for key in READY["activation"]["required"] if key != "simulation"],
        "simulation cannot be left out",
    ),
    "a repeated code": (["events", 1, "code"], READY["events"][0]["code"], "stands twice"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name):
    path, value, words = FAULTS[name]
    with pytest.raises(BadPolicy) as found:
        check(changed(path, value))
    assert words in str(found.value)


def test_every_fault_is_listed():
    spec = changed([*STAR, "pool"], "POOL-NONE")
    spec["clauses"][0]["events"] = ["yawned"]
    with pytest.raises(BadPolicy) as found:
        check(spec)
    assert [where for where, _what in found.value.faults] == [
        "awards/SATISFACTION_STAR/pool",
        "clauses/P01",
    ]


def test_numbers_of_a_file_are_decimals(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"x": 0.1, "n": 3}', encoding="utf-8-sig")
    assert read_json(path) == {"x": D("0.1"), "n": 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "The key a stands twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": ', "not valid JSON"),
        ("[" * 100000, "nested too deeply"),
        ('{"a": "\\u0000"}', "holds a NUL character"),
        ('{"a": "\\ud800"}', "holds half a character"),
    ],
)
def test_a_file_that_is_no_strict_json_is_refused(tmp_path, text, words):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=words):
        read_json(path)


@pytest.mark.django_db
def test_a_bad_file_changes_nothing_and_the_command_says_why(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(changed(["bonus"], 1)))
    with pytest.raises(CommandError, match="bonus"):
        call_command("import_policy", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_policy", str(tmp_path / "none.json"))
    assert not PolicyVersion.objects.exists()
