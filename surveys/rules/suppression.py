"""Which figures of groups stay hidden, so that no small group can be read or worked out.

A group under the minimum is hidden. Where its total and all the other groups are shown, it could be
worked out by subtraction: then the smallest of the shown ones is hidden too, and the next, until
what a subtraction gives is a group of the minimum size. How many answers there are is always shown.

A longer period adds up the months in which a group is shown: so it tells nothing the months do not.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

MINIMUM = 5  # nowhere fewer; a questionnaire may ask for more

Key = TypeVar("Key", bound=Hashable)
_OWN = ("own", None)


def hidden_groups(
    sizes: Mapping[Key, int],
    *,
    forced: Collection[Key] = (),
    minimum: int = MINIMUM,
) -> frozenset[Key]:
    """The groups to hide beside their shown total: those under the minimum, the `forced` ones, and
    the smallest others until the hidden ones hold `minimum` answers together, or none at all.

    Groups without answers hold nothing to hide and are no help in hiding others.
    """
    hidden = {key for key, n in sizes.items() if n and (n < minimum or key in forced)}
    pool = sum(sizes[key] for key in hidden)
    others = sorted(
        (key for key, n in sizes.items() if n and key not in hidden),
        key=lambda key: (sizes[key], str(key)),
    )
    for key in others:
        if not 0 < pool < minimum:
            break
        hidden.add(key)
        pool += sizes[key]
    return frozenset(hidden)


def hidden_in_tree(
    sizes: Mapping[Key, int],
    children: Mapping[Key, Iterable[Key]],
    root: Key,
    *,
    forced: tuple[Collection[Key], Collection[Key]] = ((), ()),
    minimum: int = MINIMUM,
) -> tuple[frozenset[Key], frozenset[Key]]:
    """(nodes whose total is hidden, nodes whose own answers are hidden) of a tree in which every
    node has a page of its own. `sizes`: a node's own answers, without those of its children.
    `forced`: nodes to hide, and nodes whose own answers to hide, for another reason.

    Everything below a hidden node is hidden: shown parts of it would be subtracted as well.
    """
    # Nothing small and nothing forced, as nearly always: then nothing is hidden.
    quiet = not any(forced) and not any(0 < n < minimum for n in sizes.values())
    if quiet and _holds(sizes, children, root, minimum):
        return frozenset(), frozenset()
    totals: dict[Key, int] = {}

    def add_up(node: Key) -> int:
        total = sizes.get(node, 0)
        for child in children.get(node, ()):
            total += add_up(child)
        totals[node] = total
        return total

    if add_up(root) < minimum:
        return frozenset(totals), frozenset(totals)
    hidden: set[Key] = set()
    own: set[Key] = set()
    forced_nodes, forced_own = forced

    def visit(node: Key, under_hidden: bool) -> None:
        if under_hidden:
            hidden.add(node)
            own.add(node)
        parts: dict[object, int] = {child: totals[child] for child in children.get(node, ())}
        parts[_OWN] = sizes.get(node, 0)
        away_already: set[object] = {key for key in parts if key in forced_nodes}
        if node in forced_own:
            away_already.add(_OWN)
        out = hidden_groups(parts, forced=away_already, minimum=minimum)
        if _OWN in out:
            own.add(node)
        for child in children.get(node, ()):
            away = under_hidden or child in out
            if away:
                hidden.add(child)
            visit(child, away)

    visit(root, root in forced_nodes)
    return frozenset(hidden), frozenset(own)


def _holds(
    sizes: Mapping[Key, int], children: Mapping[Key, Iterable[Key]], root: Key, minimum: int
) -> bool:
    """Whether the tree has so many answers: known long before all of it is added up."""
    total, left = 0, [root]
    while left:
        node = left.pop()
        total += sizes.get(node, 0)
        if total >= minimum:
            return True
        left.extend(children.get(node, ()))
    return False
