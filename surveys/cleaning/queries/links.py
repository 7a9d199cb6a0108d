"""What ties responses to each other and to registers: cases, devices, networks, staff, comments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection
from numpy.typing import NDArray

from organization.models import Employee
from surveys.cleaning.queries.forms import window_of
from surveys.cleaning.queries.kept import kept_of, with_kept
from surveys.cleaning.queries.rows import Rows, read_cases, with_texts
from surveys.cleaning.rules import identity
from surveys.cleaning.rules.batch import Links
from surveys.cleaning.rules.completeness import kept_instead, valid_by_itself
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet
from surveys.models import Survey

_DEVICES = """SELECT p.response_id, p.device, extract(epoch FROM r.submitted_at)::float8
    FROM surveys_responsepersonal p
    JOIN surveys_response r ON r.answered_on = p.answered_on AND r.id = p.response_id
    WHERE r.survey_id = %(survey)s AND r.channel = ANY(%(channels)s)
        AND p.device = ANY(%(devices)s)
        AND r.answered_on BETWEEN %(first)s AND %(last)s
        AND p.answered_on BETWEEN %(first)s AND %(last)s
    ORDER BY 1"""

# Devices of the days before and after.
_BESIDE = """SELECT DISTINCT device FROM surveys_responsepersonal
    WHERE device <> '' AND (answered_on >= %(first)s AND answered_on < %(own_first)s
        OR answered_on > %(own_last)s AND answered_on <= %(last)s)"""

# A coarse look at the ends of numbers and at plain addresses; the exact comparison follows.
_CONTACTS = """SELECT r.id, c.phone, c.email FROM surveys_response r
    JOIN customers_customercontact c ON c.customer_id = r.customer_id
    WHERE r.survey_id = %(survey)s AND r.answered_on BETWEEN %(first)s AND %(last)s
        AND (right(regexp_replace(normalize(c.phone, NFKC), '\\D', '', 'g'), 7) = ANY(%(tails)s)
            OR lower(trim(normalize(c.email, NFKC))) = ANY(%(emails)s))"""

_REACHABLE = """SELECT r.id FROM surveys_response r
    JOIN customers_customercontact c ON c.customer_id = r.customer_id
    WHERE r.survey_id = %(survey)s AND r.answered_on BETWEEN %(first)s AND %(last)s
        AND (c.phone <> '' OR c.email <> '')"""


def links_of(
    survey: Survey,
    form: Form,
    rules: RuleSet,
    rows: Rows,
    *,
    span: tuple[date, date],
    repeated: Iterable[int],
    texts: Mapping[str, int],
) -> Links:
    """The ties of the rows, which were answered within `span`. `repeated`: events with several
    answers; `texts`: digests of comments that several responses wrote."""
    n, nothing = len(rows), Links.none(len(rows))
    ids = rows.facts["id"].to_numpy(dtype=np.int64)
    phones, emails = _staff() if rules.uses("staff_contact") else (set(), set())
    staff, reachable = _staff_contacts(survey, rows, ids, span, phones, emails)
    uses = rules.uses
    live = Links(
        kept=_kept(survey, form, rules, rows, ids, repeated) if uses("duplicate") else nothing.kept,
        device_uses=_devices(survey, rules, rows, ids, span)
        if uses("same_device")
        else nothing.device_uses,
        network=_networks(rules, rows, ids) if uses("store_network") else nothing.network,
        staff=staff,
        reachable=reachable,
        text_uses=_texts(rules, rows, ids, texts) if uses("same_text") else np.zeros(n, np.int64),
    )
    return with_kept(live, ids, kept_of(survey.pk, *span))


def digests(rules: RuleSet, rows: Rows) -> list[str]:
    """The digests of all comments long enough to compare, each response's own ones once."""
    if not rules.uses("same_text"):
        return []
    return [each for _id, texts in with_texts(rows.personal) for each in _digests(rules, texts)]


def _digests(rules: RuleSet, texts: Mapping[str, str]) -> set[str]:
    least = int(rules.number("same_text", "min_length"))
    found = (identity.text_digest(text, least) for text in texts.values())
    return {each for each in found if each is not None}


def _kept(
    survey: Survey,
    form: Form,
    rules: RuleSet,
    rows: Rows,
    ids: NDArray[np.int64],
    repeated: Iterable[int],
) -> NDArray[np.object_]:
    own = np.intersect1d(rows.facts["event"].to_numpy(dtype=np.int64), list(repeated))
    kept: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    if not len(own):
        return kept
    all_answers = read_cases(survey, form, own.tolist())
    instead = kept_instead(
        all_answers.facts["event"].to_numpy(dtype=np.int64),
        all_answers.batch.submitted,
        all_answers.facts["response_no"].to_numpy(dtype=object),
        valid_by_itself(form, all_answers.batch, window_of(survey), rules),
    )
    _place(kept, ids, dict(zip(all_answers.facts["id"].tolist(), instead, strict=True)))
    return kept


def _devices(
    survey: Survey, rules: RuleSet, rows: Rows, ids: NDArray[np.int64], span: tuple[date, date]
) -> NDArray[np.int64]:
    """Most devices answer once; when they did so matters only of the others."""
    hours = rules.number("same_device", "hours")
    reach = timedelta(days=ceil(hours / 24) + 1)  # the span of hours may begin the month before
    values: dict[str, Any] = {
        "survey": survey.pk,
        "channels": list(rules.list("same_device", "channels")),
        "first": span[0] - reach,
        "last": span[1] + reach,
        "own_first": span[0],
        "own_last": span[1],
    }
    uses: NDArray[np.int64] = np.zeros(len(ids), dtype=np.int64)
    own = rows.personal.loc[rows.personal["device"] != "", ["id", "device"]]
    there = np.isin(ids, own["id"].to_numpy(dtype=np.int64))
    uses[there & np.isin(rows.batch.mode, values["channels"])] = 1
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, values)
        beside = [row[0] for row in cursor.fetchall()]
        several = own["device"].duplicated(keep=False) | own["device"].isin(beside)
        values["devices"] = own.loc[several, "device"].unique().tolist()
        found = []
        if values["devices"]:
            cursor.execute(_DEVICES, values)
            found = cursor.fetchall()
    if found:
        codes, _ = pd.factorize(np.array([device for _, device, _ in found], dtype=object))
        times = np.array([submitted for _, _, submitted in found], dtype=np.float64)
        counts = identity.device_uses(codes.astype(np.int64), times, hours)
        _place(uses, ids, dict(zip((row[0] for row in found), counts.tolist(), strict=True)))
    return uses


def _networks(rules: RuleSet, rows: Rows, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.full(len(ids), -1, dtype=np.int64)
    networks = rules.list("store_network", "networks")
    if not networks:
        return found
    known = identity.on_networks(rows.personal["network"].tolist(), networks)
    _place(found, ids, dict(zip(rows.personal["id"].tolist(), known.tolist(), strict=True)))
    return found


def _texts(
    rules: RuleSet, rows: Rows, ids: NDArray[np.int64], texts: Mapping[str, int]
) -> NDArray[np.int64]:
    uses = {
        response: max((texts.get(each, 1) for each in _digests(rules, written)), default=0)
        for response, written in with_texts(rows.personal)
    }
    found: NDArray[np.int64] = np.zeros(len(ids), dtype=np.int64)
    _place(found, ids, uses)
    return found


def _staff() -> tuple[set[str], set[str]]:
    """Keys of the phones and e-mail addresses of everybody who works or worked here."""
    contacts = list(Employee.objects.values_list("phone", "email"))
    phones = {identity.phone_key(phone) for phone, _ in contacts} - {None}
    emails = {identity.email_key(email) for _, email in contacts} - {None}
    return {key for key in phones if key}, {key for key in emails if key}


def _staff_contacts(
    survey: Survey,
    rows: Rows,
    ids: NDArray[np.int64],
    span: tuple[date, date],
    phones: set[str],
    emails: set[str],
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """(what matched, whether a contact is known) by the customer's contact and the one given."""
    staff: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    if not phones and not emails:
        return staff, np.zeros(len(rows), dtype=bool)
    values: dict[str, Any] = {
        "survey": survey.pk,
        "first": span[0],
        "last": span[1],
        "tails": [key[-7:] for key in phones],
        "emails": list(emails),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REACHABLE, values)
        reachable = {row[0] for row in cursor.fetchall()}
        cursor.execute(_CONTACTS, values)
        contacts: list[Sequence[Any]] = cursor.fetchall()
    own = rows.personal[["id", "phone", "email"]].fillna("")
    given = own[(own["phone"] != "") | (own["email"] != "")]
    contacts += given.to_numpy(dtype=object).tolist()
    reachable |= set(given["id"].tolist())
    matched: dict[int, str] = {}
    for response, phone, email in contacts:
        if identity.phone_key(phone) in phones:
            matched[response] = "phone"
        elif identity.email_key(email) in emails:
            matched.setdefault(response, "email")
    _place(staff, ids, matched)
    return staff, np.isin(ids, list(reachable))


def _place(target: NDArray[Any], ids: NDArray[np.int64], values: Mapping[int, Any]) -> None:
    """Write values by response id; ids of other months are left out."""
    if not values:
        return
    order = np.argsort(ids)
    keys = np.fromiter(values.keys(), dtype=np.int64, count=len(values))
    at = np.searchsorted(ids, keys, sorter=order)
    for place, key, value in zip(at.tolist(), keys.tolist(), values.values(), strict=True):
        if place < len(ids) and ids[order[place]] == key:
            target[order[place]] = value
