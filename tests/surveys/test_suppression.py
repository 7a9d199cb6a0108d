"""No small group can be read from shown sums, nor worked out by subtraction."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from surveys.rules.suppression import MINIMUM, hidden_groups, hidden_in_tree

SIZES = st.dictionaries(
    st.sampled_from("abcdefg"), st.integers(min_value=0, max_value=12), max_size=7
)


def test_a_group_under_the_minimum_takes_the_smallest_other_one_with_it() -> None:
    assert hidden_groups({"a": 40, "b": 12, "c": 3}) == {"b", "c"}


def test_two_small_groups_that_reach_the_minimum_together_hide_each_other() -> None:
    assert hidden_groups({"a": 40, "b": 3, "c": 2}) == {"b", "c"}
    assert hidden_groups({"a": 40, "b": 2, "c": 2}) == {"a", "b", "c"}


def test_groups_without_answers_hide_nothing_and_nobody() -> None:
    assert hidden_groups({"a": 40, "b": 0}) == frozenset()
    assert hidden_groups({"a": 40, "b": 7, "c": 4, "d": 0}) == {"b", "c"}


def test_a_group_hidden_for_another_reason_counts_as_hidden() -> None:
    assert hidden_groups({"a": 40, "b": 20, "c": 9}, forced={"b"}) == {"b"}


@given(SIZES)
def test_no_difference_of_total_and_groups_is_a_small_group(sizes: dict[str, int]) -> None:
    hidden = hidden_groups(sizes)
    total = sum(sizes.values())
    shown = sorted(set(sizes) - hidden)
    if total < MINIMUM:
        return  # then the total is not shown either
    assert all(sizes[key] == 0 or sizes[key] >= MINIMUM for key in shown)
    for count in range(len(shown) + 1):
        for taken in combinations(shown, count):
            rest = total - sum(sizes[key] for key in taken)
            assert rest == 0 or rest >= MINIMUM


def test_a_department_hidden_for_another_reason_is_hidden_in_its_tree() -> None:
    children = {0: [1, 2, 3], 1: [4]}
    sizes = {0: 0, 1: 10, 2: 20, 3: 60, 4: 30}
    assert hidden_in_tree(sizes, children, 0) == (frozenset(), frozenset())
    assert hidden_in_tree(sizes, children, 0, forced=({1}, ())) == ({1, 4}, {1, 4})
    assert hidden_in_tree(sizes, children, 0, forced=((), {1})) == (frozenset(), {1})
    # Its three answers of this measure are not enough to hide behind: the next one goes too.
    assert hidden_in_tree(sizes | {2: 3}, children, 0, forced=({2}, ()))[0] == {1, 2, 4}


def test_a_tree_without_enough_answers_is_hidden_whole_whatever_is_beside_it() -> None:
    children = {0: [1, 2], 1: [3]}
    whole = frozenset({0, 1, 2, 3})
    assert hidden_in_tree({9: 50}, children, 0) == (whole, whole)
    assert hidden_in_tree({3: 2, 2: 2, 9: 50}, children, 0) == (whole, whole)
    assert hidden_in_tree({3: 9}, children, 0, minimum=10) == (whole, whole)
    assert hidden_in_tree({3: 9, 9: 50}, children, 0, minimum=9) == (frozenset(), frozenset())


TREES = st.integers(min_value=2, max_value=9).flatmap(
    lambda count: st.tuples(
        st.tuples(*(st.integers(0, node - 1) for node in range(1, count))),
        st.lists(st.integers(0, 12), min_size=count, max_size=count),
    )
)


@given(TREES)
def test_no_sum_of_a_tree_gives_a_small_department_away(
    tree: tuple[tuple[int, ...], list[int]],
) -> None:
    parents, own = tree
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(parents, start=1):
        children.setdefault(parent, []).append(node)

    def inside(node: int) -> list[int]:
        return [node, *(one for child in children.get(node, ()) for one in inside(child))]

    hidden, hidden_own = hidden_in_tree(dict(enumerate(own)), children, 0)
    count = len(own)
    # What is public: which departments have answers, the shown totals, the shown own figures.
    known = [np.eye(count)[node] for node in range(count) if not own[node]]
    for node in range(count):
        if node not in hidden:
            known.append(np.array([float(one in inside(node)) for one in range(count)]))
        if node not in hidden_own:
            known.append(np.eye(count)[node])
    matrix = np.array(known) if known else np.zeros((1, count))
    rank = np.linalg.matrix_rank(matrix)
    for size in range(1, min(count, 5) + 1):
        for group in combinations(range(count), size):
            n = sum(own[node] for node in group)
            if not 0 < n < MINIMUM:
                continue
            wanted = np.array([float(node in group) for node in range(count)])
            assert np.linalg.matrix_rank(np.vstack([matrix, wanted])) > rank, (group, n)


@given(TREES, st.sampled_from((0, MINIMUM)))
def test_the_short_way_through_a_tree_without_small_groups_hides_what_the_long_one_hides(
    tree: tuple[tuple[int, ...], list[int]], more: int
) -> None:
    parents, own = tree
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(parents, start=1):
        children.setdefault(parent, []).append(node)
    sizes = {node: n and n + more for node, n in enumerate(own)}
    nowhere = len(own)  # forced, but no node of the tree: the long way
    long = hidden_in_tree(sizes, children, 0, forced=({nowhere}, ()))
    assert hidden_in_tree(sizes, children, 0) == long
    if sum(sizes.values()) and more:
        assert long == (frozenset(), frozenset())


def test_everything_below_a_hidden_department_is_hidden() -> None:
    # shop 1 (40) goes with shop 2 (3); its teams would be added up again
    hidden, own = hidden_in_tree({0: 0, 1: 10, 2: 3, 3: 60, 4: 30}, {0: [1, 2, 3], 1: [4]}, 0)
    assert hidden == {1, 2, 4}
    assert own == {1, 2, 4}


def test_the_own_answers_of_a_department_are_a_part_like_the_others() -> None:
    hidden, own = hidden_in_tree({0: 3, 1: 40, 2: 20}, {0: [1, 2]}, 0)
    assert (hidden, own) == ({2}, {0, 2})
