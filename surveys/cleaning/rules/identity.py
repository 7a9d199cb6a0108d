"""Checks of who answered: devices, networks, contacts, comments, facts of the order."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from ipaddress import ip_address, ip_network

import numpy as np
from numpy.typing import NDArray

from surveys.cleaning.rules.batch import Batch, Bools, Finding, Links
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet


def same_device(batch: Batch, links: Links, rules: RuleSet) -> Finding:
    uses = links.device_uses
    tested = (uses > 0) & _in_channels(batch, rules, "same_device")
    return Finding.of(
        uses > rules.number("same_device", "more_than"),
        tested,
        lambda row: {"uses": int(uses[row])},
    )


def store_network(batch: Batch, links: Links, rules: RuleSet) -> Finding:
    tested = (links.network >= 0) & _in_channels(batch, rules, "store_network")
    return Finding.of(links.network == 1, tested, lambda row: {})


def staff_contact(links: Links) -> Finding:
    hit = np.array([match is not None for match in links.staff], dtype=bool)
    return Finding.of(hit, links.reachable, lambda row: {"match": links.staff[row]})


def same_text(links: Links) -> Finding:
    uses = links.text_uses
    return Finding.of(uses > 1, uses > 0, lambda row: {"responses": int(uses[row])})


def fact_mismatch(form: Form, batch: Batch, links: Links, rules: RuleSet) -> Finding:
    """Facts the customer stated that differ from the order; unknown or empty ones match nothing."""
    n = len(batch)
    different: dict[str, Bools] = {}
    compared = np.zeros(n, dtype=np.int64)
    for question in form.facts:
        if question.code not in links.expected or question.code not in batch.choices:
            continue
        stated, known = batch.choices[question.code], links.expected[question.code]
        both = np.array(
            [a is not None and b is not None for a, b in zip(stated, known, strict=True)],
            dtype=bool,
        )
        compared += both
        different[question.code] = both & (stated != known)
    wrong = sum(different.values(), np.zeros(n, dtype=np.int64))
    needed = rules.number("fact_mismatch", "facts")
    return Finding.of(
        wrong >= needed,
        compared >= needed,
        lambda row: {"facts": [code for code, hit in different.items() if hit[row]]},
    )


def _in_channels(batch: Batch, rules: RuleSet, check: str) -> Bools:
    return np.isin(batch.mode, rules.list(check, "channels"))


def device_uses(
    devices: NDArray[np.int64], submitted: NDArray[np.float64], hours: float
) -> NDArray[np.int64]:
    """Most answers of the row's device in any span of `hours` that holds the row.

    `devices` are codes, -1 for an unknown device, which matches nothing (0 uses).
    """
    uses = np.zeros(len(devices), dtype=np.int64)
    span = 3600 * hours
    uses[devices >= 0] = 1
    codes, counted = np.unique(devices[devices >= 0], return_counts=True)
    shared = np.flatnonzero(np.isin(devices, codes[counted > 1]))
    order = shared[np.lexsort((submitted[shared], devices[shared]))]
    for group in np.split(order, np.flatnonzero(np.diff(devices[order])) + 1):
        times = submitted[group]
        ends = np.searchsorted(times, times + span, side="right")
        counts = ends - np.arange(len(group))
        for at, (end, count) in enumerate(zip(ends, counts, strict=True)):
            inside = group[at:end]
            uses[inside] = np.maximum(uses[inside], count)
    return uses


def text_digest(text: str, least: int) -> str | None:
    """Digest of a comment that ignores width, case and spacing; None below `least` characters."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()
    if len(plain) < least:
        return None
    return blake2b(plain.encode(), digest_size=16).hexdigest()


def phone_key(phone: str) -> str | None:
    """The digits that tell two numbers apart, without a Chinese country code; None if too few."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    digits = re.sub(r"^(00)?86(?=1\d{10}$)", "", digits)
    return digits if len(digits) >= 7 else None


def email_key(email: str) -> str | None:
    plain = unicodedata.normalize("NFKC", email).strip().casefold()
    return plain if "@" in plain else None


def on_networks(addresses: Sequence[str], networks: Iterable[str]) -> NDArray[np.int64]:
    """1 inside one of the networks, 0 outside, -1 where no readable address or no network is
    known."""
    known = [ip_network(network) for network in networks]
    found = np.full(len(addresses), -1, dtype=np.int64)
    if not known:
        return found
    for row, text in enumerate(addresses):
        try:
            address = ip_address(text.strip())
        except ValueError:
            continue
        found[row] = int(any(address in network for network in known))
    return found
