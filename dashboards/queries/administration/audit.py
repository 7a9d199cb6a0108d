"""The audit trail as people read it: filters, pages by key, and where each object has its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.audit_check import KIND
from core.models import AuditEntry, AuditSeal, Job
from core.pages import Stretch, stretch_of
from dashboards.queries.administration.verbs import (
    CHANNELS,
    FIELDS,
    LOOKED,
    OBJECTS,
    TELL_PAY,
    reads,
)
from organization.models import Role

M = TypeVar("M", bound=Model)
SIZE = 50
# Numbers of the database say nothing to people.
HIDDEN = frozenset({"employee_id", "supersedes", "of", "simulation", "decided_by", "seq"})
_FINGERPRINT = re.compile(r"[0-9a-f]{40,}")

# Object type -> URL name, and the field of the object (or of what it belongs to) in the address.
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "core.user": ("user", ("username",)),
    "customers.customer": ("customer_data", ("pk",)),
    "core.job": ("job", ("pk",)),
    "assessments.period": ("period", ("key",)),
    "assessments.scorecard": ("score", ("employee__employee_no", "period__key")),
    "assessments.scheme": ("scheme", ("code",)),
    "assessments.schemeversion": ("scheme", ("scheme__code",)),
    "incentives.appeal": ("appeal", ("appeal_no",)),
    "incentives.payrollbatch": ("payroll_batch", ("batch_no",)),
    "incentives.proposal": ("proposal", ("period__key",)),
    "incentives.policy": ("policy", ("code",)),
    "incentives.policyversion": ("policy", ("policy__code",)),
    "organization.department": ("department", ("code",)),
    "organization.employee": ("employee_file", ("employee_no",)),
    "surveys.survey": ("survey", ("code",)),
    "surveys.questionnaireversion": ("questionnaire", ("questionnaire__code", "number")),
}


@dataclass(frozen=True)
class Filter:
    """What of the trail is shown. `words` is found in account names, verbs and object numbers."""

    actor: str = ""
    verb: str = ""
    object_type: str = ""
    object_id: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None
    looked: bool = False

    def rows(self) -> QuerySet[AuditEntry]:
        """The entries, the newest first; each condition stands on an index."""
        rows = AuditEntry.objects.order_by("-id")
        if self.actor == "-":
            rows = rows.filter(actor=None)
        elif self.actor:
            rows = rows.filter(Q(actor__username=self.actor) | Q(actor__employee__name=self.actor))
        if self.verb.endswith("."):
            rows = rows.filter(verb__gte=self.verb, verb__lt=self.verb[:-1] + "/")
        elif self.verb:
            rows = rows.filter(verb=self.verb)
        if self.looked:
            rows = rows.filter(verb__in=LOOKED)
        if self.object_type:
            rows = rows.filter(object_type=self.object_type)
        if self.object_id:
            rows = rows.filter(object_id=self.object_id)
        if self.channel:
            rows = rows.filter(channel=self.channel)
        return of_days(rows, self.since, self.until)

    def as_data(self) -> dict[str, Any]:
        """The conditions that are set, for the audit row of an export."""
        return {name: value for name, value in vars(self).items() if value}


def of_days(rows: QuerySet[M], since: date | None, until: date | None) -> QuerySet[M]:
    """The rows whose `at` lies in the days, both inclusive; None: no limit."""
    if since:
        rows = rows.filter(at__gte=_midnight(since))
    if until and until < date.max:
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Entry:
    """One entry ready to be read."""

    row: AuditEntry
    what: str
    object_name: str
    url: str
    facts: Sequence[tuple[str, str]]
    sealed: bool
    channel: str


def stretch(
    wanted: Filter, *, before: int | None = None, after: int | None = None
) -> Stretch[Entry]:
    """SIZE entries older than `before`, or the SIZE entries that follow `after`."""
    rows = wanted.rows().select_related("actor__employee")
    page = stretch_of(rows, SIZE, before=before, after=after)
    return Stretch(readable(page.entries), page.newer, page.older)


def tells_pay(rows: Iterable[AuditEntry]) -> bool:
    """Whether an entry among them holds an amount of somebody's pay."""
    return any(row.verb in TELL_PAY for row in rows)


def readable(rows: Sequence[AuditEntry]) -> list[Entry]:
    """The rows with words, links and whether they are sealed; one query per kind of object."""
    places = _places(rows)
    sealed = set(
        AuditSeal.objects.filter(entry__in=[row.pk for row in rows]).values_list(
            "entry_id", flat=True
        )
    )
    return [
        Entry(
            row=row,
            what=reads(row.verb),
            object_name=_object_name(row, places.get(_key(row))),
            url=places[_key(row)].url if _key(row) in places else "",
            facts=facts(row.data),
            sealed=row.pk in sealed,
            channel=str(CHANNELS.get(row.channel, row.channel)),
        )
        for row in rows
    ]


def facts(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Details as name and value, nested ones flattened once; long fingerprints shortened."""
    found = []
    for key, value in data.items():
        if isinstance(value, dict):
            found += [(f"{_field(key)} {inner}", _plain(one)) for inner, one in value.items()]
        elif value not in (None, "") and key not in HIDDEN:
            plain = str(Role(value).label) if key == "role" and value in Role.values else value
            found.append((_field(key), _plain(plain)))
    return found


def _field(key: str) -> str:
    return str(FIELDS.get(key, key.replace("_", " ")))


def _plain(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(one, int) for one in value):
        return str(len(value))  # rows of the database: how many
    if isinstance(value, list):
        return ", ".join(map(str, value[:20])) + (" …" if len(value) > 20 else "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    return f"{text[:8]}…" if _FINGERPRINT.fullmatch(text) else text


@dataclass(frozen=True)
class Place:
    """Where an object has its page, and what people call it there."""

    url: str
    name: str


def _key(row: AuditEntry) -> tuple[str, str]:
    return row.object_type, row.object_id


def _object_name(row: AuditEntry, place: Place | None) -> str:
    if not row.object_type:
        return ""
    return f"{_type_name(row.object_type)} {place.name if place else row.object_id}"


def _places(rows: Iterable[AuditEntry]) -> dict[tuple[str, str], Place]:
    """One query per kind of object that has a page."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        if row.object_type in PAGES and row.object_id.isdecimal():
            ids.setdefault(row.object_type, set()).add(row.object_id)
    found = {}
    for object_type, keys in ids.items():
        url_name, fields = PAGES[object_type]
        try:
            reverse(url_name, args=["1"] * len(fields))
        except NoReverseMatch:
            continue  # a page of a later version
        objects = apps.get_model(object_type)._default_manager.filter(pk__in=keys)
        for pk, *parts in objects.values_list("pk", *fields):
            name = " ".join(map(str, parts))
            found[object_type, str(pk)] = Place(reverse(url_name, args=parts), name)
    return found


def known_verbs() -> list[tuple[str, str]]:
    """Every verb that occurs, with its words: one jump in the index per verb, however many rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE v AS (SELECT min(verb) AS verb FROM core_auditentry UNION ALL "
            "SELECT (SELECT min(verb) FROM core_auditentry e WHERE e.verb > v.verb) "
            "FROM v WHERE v.verb IS NOT NULL) SELECT verb FROM v WHERE verb IS NOT NULL"
        )
        verbs = [verb for (verb,) in cursor.fetchall()]
    return sorted(((verb, reads(verb)) for verb in verbs), key=lambda pair: pair[1])


def known_types() -> list[tuple[str, str]]:
    """Every kind of object that occurs, with its name; jumps in the index likewise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE v AS (SELECT min(object_type) AS t FROM core_auditentry UNION ALL "
            "SELECT (SELECT min(object_type) FROM core_auditentry e WHERE e.object_type > v.t) "
            "FROM v WHERE v.t IS NOT NULL) SELECT t FROM v WHERE t IS NOT NULL AND t <> ''"
        )
        types = [name for (name,) in cursor.fetchall()]
    return [(name, _type_name(name)) for name in types]


def _type_name(name: str) -> str:
    if name in OBJECTS:
        return str(OBJECTS[name])
    try:
        return str(apps.get_model(name)._meta.verbose_name)
    except LookupError:
        return name


def chain() -> dict[str, Any]:
    """How far the chain reaches, what is not sealed yet, and the last check."""
    seq, hash_ = audit.head()
    last = AuditSeal.objects.filter(seq=seq).select_related("entry").first()
    newest = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    sealed_to = last.entry_id if last else 0
    return {
        "links": seq,
        "head": hash_ if seq else "",
        "sealed_at": last.entry.at if last else None,
        "open": AuditEntry.objects.filter(id__gt=sealed_to).count() if newest > sealed_to else 0,
        "check": Job.objects.filter(kind=KIND).select_related("actor").order_by("-id").first(),
        "heads_outside": len(audit.read_heads()),
    }


EXPORT_COLUMNS = ("id", "at", "actor", "channel", "verb", "object_type", "object_id", "data")


def exported_tells_pay(wanted: Filter, limit: int) -> bool:
    """As tells_pay, of what export_rows gives."""
    newest = wanted.rows().values_list("id", flat=True)[:limit]
    return AuditEntry.objects.filter(id__in=newest, verb__in=TELL_PAY).exists()


def export_rows(wanted: Filter, limit: int) -> Iterator[Sequence[Any]]:
    """The entries as cells, the oldest first, at most `limit` of the newest."""
    import json

    newest = wanted.rows().values_list("id", flat=True)[:limit]
    rows = AuditEntry.objects.filter(id__in=newest).select_related("actor").order_by("id")
    for row in rows.iterator(chunk_size=2000):
        yield (
            row.pk,
            row.at,
            row.actor.username if row.actor else "",
            row.channel,
            row.verb,
            row.object_type,
            row.object_id,
            json.dumps(row.data, ensure_ascii=False, sort_keys=True),
        )
