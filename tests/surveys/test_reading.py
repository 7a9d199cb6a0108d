"""Questionnaires: every fault is named, the ready ones are read as they are."""

import json
from decimal import Decimal

import pytest

from surveys.rules.reading import BadQuestionnaire, parse
from surveys.services.questionnaires import READY, content_hash, read_spec
from tests.surveys.conftest import SPEC, spec_of


def faults(spec):
    with pytest.raises(BadQuestionnaire) as caught:
        parse(spec)
    return {(f.where, f.message % f.values) for f in caught.value.faults}


def with_question(index, **changes):
    spec = spec_of()
    spec["questions"][index].update(changes)
    return spec


def test_a_questionnaire_is_read_with_its_defaults():
    read = parse(spec_of())
    assert [d.weight for d in read.dimensions] == [60, 40]
    clear, pushed, fixed, nps, why, words = read.questions
    assert (clear.weight, clear.scale, clear.reverse) == (1, (1, 5), False)
    assert clear.accountable == frozenset({"advisor"})
    assert (pushed.reverse, fixed.allow_na, nps.scale) == (True, True, (0, 10))
    assert nps.accountable is None
    assert (why.options, words.max_length) == (("price", "place"), 20)
    assert [q.code for q in read.questions if q.scored] == ["clear", "pushed", "fixed"]


def test_somebody_answers_for_an_item_unless_the_list_is_empty():
    for given, position, expected in (
        (None, "advisor", True),
        (None, None, True),
        ([], "advisor", False),
        (["advisor"], "advisor", True),
        (["advisor"], "technician", False),
        (["advisor"], None, False),
    ):
        question = parse(with_question(0, accountable=given)).questions[0]
        assert question.counts_for(position) is expected


@pytest.mark.parametrize(
    ("spec", "where", "message"),
    [
        ([], "questionnaire", "must be an object"),
        ({}, "questions", "must be a list with at least one entry"),
        (spec_of(colour="red"), "questionnaire", "unknown key colour"),
        (spec_of(dimensions=[]), "dimensions", "must be a list with at least one entry"),
        (spec_of(name_zh="", name_en=""), "name_zh", "must be a text"),
        (spec_of(code="a b"), "code", "must be 1 to 64 letters, digits, points, dashes or "
         "underscores"),
        (spec_of(min_group=0), "min_group", "must be a whole number above 0"),
        (with_question(0, scale=[5, 1]), "questions[1].scale",
         "must be two whole numbers, the lower one first"),
        (with_question(0, scale=[1, True]), "questions[1].scale",
         "must be two whole numbers, the lower one first"),
        (with_question(0, colour=1), "questions[1]", "unknown key colour"),
        (with_question(0, type="slider"), "questions[1].type",
         "must be one of rating, nps, single, multiple, text"),
        (with_question(0, dimension="x"), "questions[1].dimension",
         "is not a dimension of the questionnaire"),
        (with_question(0, weight=0), "questions[1].weight", "must be a number above 0"),
        (with_question(0, weight="1"), "questions[1].weight", "must be a number above 0"),
        (with_question(0, weight=Decimal("0.0000001")), "questions[1].weight",
         "must be below 1000000 and have at most 6 decimal places"),
        (with_question(0, required="yes"), "questions[1].required", "must be true or false"),
        (with_question(0, accountable="advisor"), "questions[1].accountable",
         "must be a list of position codes"),
        (with_question(1, code="clear"), "questions", "the code clear stands twice"),
        (with_question(2, dimension="advice"), "dimensions",
         "the dimension repair has no rating item"),
        (with_question(3, scale=[1, 10]), "questions[4].scale", "must be [0, 10] for nps"),
        (with_question(3, dimension="advice"), "questions[4].dimension",
         "only a rating can be in a dimension"),
        (with_question(4, options=[]), "questions[5].options",
         "must be a list with at least one entry"),
        (with_question(5, scale=[1, 5]), "questions[6].scale", "only a rating or nps has a scale"),
        (with_question(0, scale_labels_zh=["a"]), "questions[1].scale_labels_zh",
         "does not fit the scale"),
        (with_question(0, construct="x"), "questions[1].construct",
         "must be one of driver, overall, nps, ces, repurchase, fact, comment, contact_request"),
        (with_question(0, attention=9), "questions[1].attention",
         "must be true, false or an answer of the item"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(spec, where, message):
    assert (where, message) in faults(spec)


def test_every_fault_is_listed_at_once():
    spec = with_question(0, scale=[5, 1], weight=-1)
    spec["questions"][5]["max_length"] = "long"
    spec["dimensions"][1]["weight"] = None
    assert {where for where, _ in faults(spec)} == {
        "questions[1].scale",
        "questions[1].weight",
        "questions[6].max_length",
        "dimensions[2].weight",
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"attention": False}, (False, None)),
        ({"attention": 2}, (True, 2)),
        ({"attention": True, "text_zh": "请选2。", "text_en": "Please choose 2."}, (True, 2)),
        ({"attention": True, "text_zh": "请选2或3", "text_en": "2 or 3"}, (True, None)),
        ({"attention": True}, (True, None)),
    ],
)
def test_an_attention_item_knows_the_answer_it_asks_for(changes, expected):
    spec = spec_of()
    spec["questions"].append(
        {"code": "look", "type": "rating", "scale": [1, 5], "text_zh": "请看", "text_en": "Look"}
        | changes
    )
    question = parse(spec).questions[-1]
    assert (question.attention, question.instructed) == expected


def test_the_ready_questionnaires_are_read_without_a_fault():
    codes = {parse(read_spec(path)).code for path in READY.glob("*.json")}
    assert codes == {
        "SALES-DELIVERY",
        "SALES-VISIT",
        "AFTER-SALES",
        "COMPLAINT-HANDLING",
        "RELATIONSHIP",
        "EMPLOYEE-SYSTEM",
    }


def test_the_order_of_keys_and_the_writing_of_numbers_are_not_content():
    spec = spec_of()
    shuffled = dict(reversed(spec.items()))
    shuffled["dimensions"] = [
        d | {"weight": Decimal(f"{d['weight']}.00")} for d in spec["dimensions"]
    ]
    assert content_hash(shuffled) == content_hash(spec)
    assert content_hash(spec_of(name_en="Other")) != content_hash(spec)
    assert json.dumps(SPEC)  # the base stays plain JSON
