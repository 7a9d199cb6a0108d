"""Each check: what it finds, what it leaves alone, when it has too little to work on."""

import numpy as np

from surveys.cleaning.rules import carefulness, completeness, identity
from surveys.cleaning.rules.baseline import Baseline, Moments
from surveys.cleaning.rules.batch import EXCLUDING, MARKED
from surveys.cleaning.rules.catalogue import CATALOGUE
from tests.surveys.cleaning_data import (
    DAY,
    RULES,
    WINDOW,
    batch,
    form,
    hits,
    links,
    question,
    was_tested,
)

TEN = form(*(question(f"q{i}", dimension=f"d{(i - 1) // 5}") for i in range(1, 11)))
WITH_REVERSE = form(*(question(f"q{i}", reverse=i == 3) for i in range(1, 9)))


# --- the answer as a whole ---------------------------------------------------------------------


def test_partial_under_four_fifths_of_the_required_items():
    rows = [[4] * 8 + [None] * 2, [4] * 5 + [4, 4, None, None, None]]
    assert hits(completeness.partial(TEN, batch(TEN, rows), RULES)) == [0, MARKED]


def test_partial_when_one_dimension_is_under_half():
    weighty = form(
        *(question(f"a{i}", dimension="a") for i in range(18)),
        *(question(f"b{i}", dimension="b") for i in range(2)),
        question("c", dimension="c"),
    )
    rows = [[4] * 19 + [None, 4], [4] * 18 + [None, None, 4], [4] * 20 + ["na"]]
    finding = completeness.partial(weighty, batch(weighty, rows), RULES)
    assert hits(finding) == [0, MARKED, 0]
    assert finding.evidence(1) == {"answered": 19, "required": 21, "dimensions": ["b"]}


def test_partial_asks_nothing_of_optional_items():
    optional = form(question("a"), question("b", required=False), question("t", "text"))
    assert hits(completeness.partial(optional, batch(optional, [[4, None]]), RULES)) == [0]
    nothing = form(question("a", required=False))
    assert was_tested(completeness.partial(nothing, batch(nothing, [[None]]), RULES)) == [False]


def test_out_of_window_counts_both_ends_in_and_gives_offline_entry_72_hours():
    end = WINDOW.end
    times = [-1, 0, end - 1, end, end + 3 * DAY - 1, end + 3 * DAY, end]
    modes = ["online"] * 4 + ["on_site"] * 2 + ["phone"]
    rows = batch(TEN, [[4] * 10] * 7, submitted=times, mode=modes)
    finding = completeness.out_of_window(rows, WINDOW, RULES)
    assert hits(finding) == [1, 0, 0, 1, 0, 1, 1]
    assert [finding.evidence(row)["when"] for row in (0, 3)] == ["before", "after"]


def test_preview_and_another_stage_of_service_are_excluded():
    after_sales = form(question("q"), stage="after_sale")
    rows = batch(
        after_sales, [[4]] * 3, preview=[True, False, False], stage=["after_sale", "sale", ""]
    )
    assert hits(completeness.preview(rows)) == [1, 0, 0]
    finding = completeness.not_eligible(after_sales, rows)
    assert (hits(finding), was_tested(finding)) == ([0, 1, 0], [True, True, False])


def test_not_eligible_is_not_testable_without_a_stage():
    finding = completeness.not_eligible(TEN, batch(TEN, [[4] * 10], stage=["sale"]))
    assert (hits(finding), was_tested(finding)) == ([0], [False])


def kept(cases, times, valid):
    numbers = np.array([f"R{i}" for i in range(len(cases))], dtype=object)
    return list(
        completeness.kept_instead(
            np.array(cases), np.array(times, dtype=float), numbers, np.array(valid)
        )
    )


def test_the_first_complete_answer_of_a_case_is_kept():
    assert kept([7, 7, 7], [30, 10, 20], [True, True, True]) == ["R1", None, "R1"]


def test_a_partial_first_answer_leaves_room_for_the_complete_second():
    assert kept([7, 7, 7], [1, 2, 3], [False, True, True]) == [None, None, "R1"]


def test_without_a_complete_answer_the_first_stands_for_the_case():
    assert kept([7, 7], [1, 2], [False, False]) == [None, "R0"]


def test_answers_without_an_event_are_their_own_cases():
    assert kept([-1, -1, 3], [1, 2, 3], [True] * 3) == [None] * 3


# --- how the items were answered ---------------------------------------------------------------

ATTENTIVE = form(
    question("q1"),
    question("a1", dimension=None, attention=True, instructed=2),
    question("a2", "single", None, attention=True, instructed="blue", options=("blue", "red")),
)


def test_one_missed_instruction_marks_and_two_exclude():
    rows = batch(
        ATTENTIVE,
        [[4, 2], [4, 5], [4, 5], [4, None], [4, 5]],
        choices={"a2": ["blue", "blue", "red", None, "red"]},
        mode=["online"] * 4 + ["phone"],
    )
    finding = carefulness.attention(ATTENTIVE, rows, RULES)
    assert hits(finding) == [0, MARKED, EXCLUDING, 0, 0]
    assert was_tested(finding) == [True, True, True, False, False]
    assert finding.evidence(2) == {"failed": ["a1", "a2"]}


def test_too_fast_by_seconds_per_answered_closed_item():
    rows = [[4] * 10] * 5 + [[4] * 5 + [None] * 5]
    seconds = [20, 19.9, 10, 9.9, np.nan, 10]
    finding = carefulness.too_fast(TEN, batch(TEN, rows, seconds=seconds), Baseline(), RULES)
    assert hits(finding) == [0, MARKED, MARKED, EXCLUDING, 0, 0]
    assert was_tested(finding) == [True, True, True, True, False, True]
    assert finding.evidence(3) == {"seconds": 9.9, "limit": 20.0}


def test_too_fast_by_half_the_median_of_the_channel_from_thirty_answers():
    rows = batch(TEN, [[4] * 10] * 4, seconds=[59, 60, 29, 59], mode=["online"] * 3 + ["phone"])
    baseline = Baseline(medians={"online": (30, 120.0), "phone": (29, 120.0)})
    assert hits(carefulness.too_fast(TEN, rows, baseline, RULES)) == [MARKED, 0, EXCLUDING, 0]


def test_straight_line_needs_a_long_run_over_a_reverse_keyed_item():
    rows = [
        [5] * 8,
        [5, 5, 5, 5, 5, 5, 4, 4],
        [5, 5, 1, 5, 5, 5, 5, 5],
        [5, 5, 5, 5, 5, None, 5, 5],
        [1, 2, 3, 3, 3, 3, 3, 3],
    ]
    finding = carefulness.straight_line(WITH_REVERSE, batch(WITH_REVERSE, rows), RULES)
    assert hits(finding) == [1, 1, 0, 0, 1]
    assert finding.evidence(1) == {"run": 6}
    assert was_tested(finding) == [True] * 5


def test_straight_line_needs_half_of_a_long_block():
    block = form(*(question(f"q{i}", reverse=i == 0) for i in range(14)))
    rows = [[5] * 6 + [4, 5] * 4, [5] * 7 + [4, 5] * 3 + [4]]
    assert hits(carefulness.straight_line(block, batch(block, rows), RULES)) == [0, 1]


def test_straight_line_is_not_testable_without_reverse_keyed_items_or_in_a_short_block():
    assert was_tested(carefulness.straight_line(TEN, batch(TEN, [[5] * 10]), RULES)) == [False]
    short = form(*(question(f"q{i}", reverse=i == 0) for i in range(5)))
    assert was_tested(carefulness.straight_line(short, batch(short, [[5] * 5]), RULES)) == [False]


def test_blocks_are_parted_by_other_questions_and_scales():
    parted = form(
        question("a"), question("b"), question("n", "nps"), question("c"),
        question("d", scale=(1, 7)), question("t", "text"), question("e", scale=(1, 7)),
    )  # fmt: skip
    assert parted.blocks == ((0, 1), (3,), (4, 5))


def test_irv_finds_rows_without_any_variation_over_reverse_keyed_items():
    rows = [[4] * 8, [4] * 7 + [5], [4, 4, None, 4, 4, 4, 4, 4], [None, None, 4] + [None] * 5]
    finding = carefulness.irv(WITH_REVERSE, batch(WITH_REVERSE, rows), RULES)
    assert hits(finding) == [1, 0, 0, 0]
    assert was_tested(finding) == [True, True, False, False]


HALVES = form(*(question(f"{d}{i}", dimension=d) for d in "abc" for i in range(4)))


def test_even_odd_finds_halves_that_disagree():
    rows = [
        [1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5],
        [1, 5, 1, 5, 3, 3, 3, 3, 5, 1, 5, 1],
        [3] * 12,
        [1, 1, 1, None, 3, 3, 3, 3, 5, 5, 5, 5],
    ]
    finding = carefulness.even_odd(HALVES, batch(HALVES, rows), RULES)
    assert hits(finding) == [0, 1, 0, 0]
    assert was_tested(finding) == [True, True, False, False]
    assert finding.evidence(1) == {"consistency": -1.0}


def test_even_odd_needs_three_dimensions_of_four_items():
    assert was_tested(carefulness.even_odd(TEN, batch(TEN, [[1, 2] * 5]), RULES)) == [False]


def test_even_odd_scores_reverse_keyed_items_round():
    turned = form(
        *(question(f"{d}{i}", dimension=d, reverse=i == 1) for d in "abc" for i in range(4))
    )
    rows = [[1, 5, 1, 1, 3, 3, 3, 3, 5, 1, 5, 5]]
    finding = carefulness.even_odd(turned, batch(turned, rows), RULES)
    assert (hits(finding), was_tested(finding)) == ([0], [True])


def test_mahalanobis_supports_only_and_needs_enough_complete_rows():
    rng = np.random.default_rng(7)
    usual = np.clip(np.rint(rng.normal(4, 0.6, (400, 1)) + rng.normal(0, 0.4, (400, 8))), 1, 5)
    odd = np.array([[1, 5, 1, 5, 1, 5, 1, 5]])
    rows = batch(WITH_REVERSE, np.vstack([usual, odd]).tolist())
    baseline = Baseline.of(WITH_REVERSE, [(rows, ())])
    finding = carefulness.mahalanobis(WITH_REVERSE, rows, baseline, RULES)
    assert finding.level[-1] == MARKED
    assert CATALOGUE["mahalanobis"].kind == "support"
    few = Baseline(moments=Moments.of(usual[:39]))
    assert not carefulness.mahalanobis(WITH_REVERSE, rows, few, RULES).tested.any()


def test_mahalanobis_is_not_testable_when_an_item_never_varies():
    rows = batch(TEN, [[5] * 9 + [i % 5 + 1] for i in range(100)])
    baseline = Baseline.of(TEN, [(rows, ())])
    assert not carefulness.mahalanobis(TEN, rows, baseline, RULES).tested.any()


SERVICE = form(
    question("a"),
    question("b", reverse=True),
    question("c", dimension="d2"),
    question("all", dimension=None, construct="overall"),
    question("nps", "nps"),
)


def test_contradiction_between_recommendation_and_all_drivers():
    rows = [[1, 5, 2, 2, 9], [1, 5, 2, 2, 6], [1, 5, 3, 2, 9], [1, 1, 2, 2, 9], [1, 5, 2, 2, None]]
    finding = carefulness.contradiction(SERVICE, batch(SERVICE, rows), RULES)
    assert hits(finding) == [1, 0, 0, 0, 0]
    assert finding.evidence(0) == {"nps": 9.0, "best_driver": 2.0}


def test_contradiction_between_overall_and_the_mean_of_the_items():
    rows = [[5, 1, 5, 2, 5], [5, 1, 5, 3, 5], [1, 5, 1, 4, 5], [None, None, None, 1, 9]]
    finding = carefulness.contradiction(SERVICE, batch(SERVICE, rows), RULES)
    assert hits(finding) == [1, 0, 1, 0]
    assert was_tested(finding) == [True, True, True, False]
    assert finding.evidence(0) == {"overall": 2.0, "mean": 5.0}


def test_contradiction_is_not_testable_without_nps_and_overall():
    assert was_tested(carefulness.contradiction(TEN, batch(TEN, [[1] * 10]), RULES)) == [False]


# --- who answered --------------------------------------------------------------------------------


def test_one_device_may_answer_twice_in_24_hours():
    hour = 3600.0
    devices = np.array([1, 1, 1, 2, 2, -1, -1, -1, 3, 3, 3])
    times = np.array([0, 5, 24, 0, 1, 0, 0, 0, 0, 1, 25]) * hour
    uses = identity.device_uses(devices, times, 24)
    assert uses.tolist() == [3, 3, 3, 2, 2, 0, 0, 0, 2, 2, 2]
    rows = batch(TEN, [[4] * 10] * 11, mode=["online"] * 2 + ["on_site"] + ["online"] * 8)
    finding = identity.same_device(rows, links(11, device_uses=uses), RULES)
    assert hits(finding) == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert was_tested(finding)[5] is False


def test_store_network_sends_online_answers_to_review():
    addresses = ["203.0.113.9", "198.51.100.1", "", "not an address", "2001:db8::1"]
    found = identity.on_networks(addresses, ["203.0.113.0/24", "2001:db8::/32"])
    assert found.tolist() == [1, 0, -1, -1, 1]
    rows = batch(TEN, [[4] * 10] * 5, mode=["online"] * 4 + ["phone"])
    assert hits(identity.store_network(rows, links(5, network=found), RULES)) == [1, 0, 0, 0, 0]
    assert identity.on_networks(addresses, []).tolist() == [-1] * 5


def test_contacts_match_whatever_way_they_are_written():
    assert identity.phone_key("+86 138-0000-0001") == identity.phone_key("13800000001")
    assert identity.phone_key("0086 13800000001") == "13800000001"
    assert identity.phone_key("") is None
    assert identity.phone_key("110") is None
    assert identity.email_key(" Li@Example.COM ") == "li@example.com"
    assert identity.email_key("") is None


def test_staff_contact_is_named_but_not_repeated_in_the_evidence():
    finding = identity.staff_contact(links(2, staff=["phone", None], reachable=[True, False]))
    assert (hits(finding), was_tested(finding)) == ([1, 0], [True, False])
    assert finding.evidence(0) == {"match": "phone"}


def test_same_text_ignores_short_comments_and_looks_through_spacing():
    assert identity.text_digest("很好", 10) is None
    assert identity.text_digest("", 10) is None
    one = identity.text_digest("服务非常好，  下次还来这里。", 10)
    assert one == identity.text_digest(" 服务非常好, 下次还来这里。", 10)
    assert one != identity.text_digest("服务非常好, 下次不来这里。", 10)
    finding = identity.same_text(links(3, text_uses=[0, 1, 2]))
    assert (hits(finding), was_tested(finding)) == ([0, 0, 1], [False, True, True])


FACTS = form(
    question("f1", "single", None, fact="vehicle.body_type", options=("suv", "sedan")),
    question("f2", "single", None, fact="order.delivered_on", options=("m6", "m12")),
)


def test_two_wrong_facts_are_needed_and_empty_ones_match_nothing():
    rows = batch(
        FACTS,
        [[]] * 4,
        choices={"f1": ["suv", "suv", "suv", None], "f2": ["m6", "m6", "m6", "m6"]},
    )
    known = {"f1": ["sedan", "sedan", "sedan", "sedan"], "f2": ["m12", "m6", None, "m12"]}
    finding = identity.fact_mismatch(FACTS, rows, links(4, expected=known), RULES)
    assert hits(finding) == [1, 0, 0, 0]
    assert was_tested(finding) == [True, True, False, False]
    assert finding.evidence(0) == {"facts": ["f1", "f2"]}
