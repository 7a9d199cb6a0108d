"""Figures that come as files: what each kind is called, who may bring it in, who takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.permissions import may_import_measurements
from assessments.services import import_measurements
from assessments.services.measurements import MEASUREMENT_COLUMNS
from core.errors import InvalidInput
from core.models import User
from core.permissions import Allowed, Denied, require
from core.tables import Table
from customers.permissions import may_record_events
from customers.services import import_events
from customers.services.events import EVENT_COLUMNS
from incentives.permissions import may_import_policy, may_run_payroll
from incentives.services.files import (
    WAGE_COMPONENT_COLUMNS,
    WAGE_RULE_COLUMNS,
    import_wage_components,
    import_wage_rules,
)
from surveys.permissions import may_run_surveys
from surveys.services import answer_columns, import_responses

_t = gettext_lazy
SHOWN = 60  # lines of what a file holds


@dataclass(frozen=True)
class Taken:
    """What a file changed, or would change: counts with their names; whether there is anything;
    what the reader has to know besides."""

    counts: list[tuple[str, int]]
    changes: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """One kind of file. `take(tables, actor, dry_run, survey code)` takes all or nothing and
    raises BadRows; a dry run changes nothing. `told_by`: the columns that say what the rows are
    about. `most`: rows that a page takes in the time a reader waits."""

    code: str
    label: object
    about: object
    may: Callable[[User], Allowed | Denied]
    take: Callable[[Sequence[Table], User, bool, str], Taken]
    columns: tuple[str, ...]
    told_by: tuple[str, ...]
    most: int = 50_000
    command: str = ""
    of_survey: bool = False

    def check_size(self, files: Sequence[Table]) -> None:
        """Raises InvalidInput when a page would take too long."""
        if sum(len(table.rows) for table in files) > self.most:
            raise InvalidInput(
                _("A page takes up to %(most)s rows; more are taken by the command %(command)s.")
                % {"most": f"{self.most:,}", "command": self.command}
            )

    def headed(self, survey: str) -> tuple[str, ...]:
        """The columns of an empty table; those of answers are the survey's own."""
        return answer_columns(survey) if self.of_survey else self.columns


def told(kind: Kind, files: Sequence[Table]) -> list[tuple[tuple[str, ...], int]]:
    """What the rows are about, by the text of the file: most rows first."""
    found: Counter[tuple[str, ...]] = Counter()
    for table in files:
        places = [table.header.index(name) for name in kind.told_by if name in table.header]
        found.update(tuple(row[at] or "" for at in places) for row in table.rows if any(row))
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))[:SHOWN]


def _events(files: Sequence[Table], actor: User, dry_run: bool, _survey: str) -> Taken:
    report = import_events(files, actor=actor, dry_run=dry_run)
    notes = []
    if report.kept:
        notes.append(
            _(
                "These events name other people or another department than stored; what is stored"
                " stays: %(numbers)s."
            )
            % {"numbers": ", ".join(report.kept[:20])}
        )
    counts = [
        (_("New events"), len(report.created)),
        (_("Known already"), report.unchanged),
        (_("New customers"), report.customers_created),
        (_("Customers with new contact fields"), report.contacts_updated),
    ]
    return Taken(counts, bool(report.created or report.contacts_updated), notes)


def _responses(files: Sequence[Table], actor: User, dry_run: bool, survey: str) -> Taken:
    require(may_run_surveys(actor))
    report = import_responses(files, survey, actor=actor, dry_run=dry_run)
    counts = [(_("New answers"), report.new), (_("Unchanged"), report.unchanged)]
    if not dry_run:
        counts += [
            (_("Counted"), report.counted),
            (_("In review"), report.review),
            (_("Excluded"), report.excluded),
        ]
    notes = []
    if report.late:
        notes.append(
            _("%(n)s answers arrived after the cut-off of their period and enter no locked period.")
            % {"n": f"{len(report.late):,}"}
        )
    return Taken(counts, bool(report.new), notes)


def _measurements(files: Sequence[Table], actor: User, dry_run: bool, _survey: str) -> Taken:
    report = import_measurements(files, actor=actor, dry_run=dry_run)
    return _versions(report.created, report.corrected, report.unchanged)


def _wage_components(files: Sequence[Table], actor: User, dry_run: bool, _survey: str) -> Taken:
    report = import_wage_components(files, actor=actor, dry_run=dry_run)
    return _versions(report.created, report.corrected, report.unchanged)


def _wage_rules(files: Sequence[Table], actor: User, dry_run: bool, _survey: str) -> Taken:
    report = import_wage_rules(files, actor=actor, dry_run=dry_run)
    return _versions(report.created, report.corrected, report.unchanged)


def _versions(created: int, corrected: int, unchanged: int) -> Taken:
    counts = [(_("New rows"), created), (_("Corrected"), corrected), (_("Unchanged"), unchanged)]
    return Taken(counts, bool(created or corrected))


def chosen(code: str) -> Kind | None:
    """The kind of this code."""
    return next((kind for kind in KINDS if kind.code == code), None)


def open_to(user: User) -> list[Kind]:
    """What an account may bring in."""
    return [kind for kind in KINDS if kind.may(user)]


def may_bring_in(user: User) -> Allowed | Denied:
    """Whether there is anything an account may bring in."""
    if open_to(user):
        return Allowed()
    return Denied(_("Your role brings in no files."))


def take(kind: Kind, files: Sequence[Table], actor: User, dry_run: bool, survey: str) -> Taken:
    """Take a file's tables, all or nothing; a table without the columns needed: BadRows."""
    kind.check_size(files)
    return kind.take(files, actor, dry_run, survey)


KINDS = (
    Kind(
        "events",
        _t("service events"),
        _t("Who served which customer, where and when; surveys are sent and answers attributed by"
           " them. The same event again takes new contact fields and keeps its people."),
        may_record_events,
        _events,
        EVENT_COLUMNS,
        ("stage", "channel"),
        command="import_events",
    ),
    Kind(
        "responses",
        _t("answers of a survey"),
        _t("By telephone, on site or from another system; each is checked and cleaned like one from"
           " a link. Not applicable is the word na."),
        may_run_surveys,
        _responses,
        (),
        ("channel",),
        most=10_000,
        command="import_responses",
        of_survey=True,
    ),
    Kind(
        "measurements",
        _t("figures of indicators"),
        _t("Numerator and denominator by indicator, person and period: inspections, call centre,"
           " evaluations. A locked period takes none."),
        may_import_measurements,
        _measurements,
        MEASUREMENT_COLUMNS,
        ("indicator_code", "period"),
        command="import_measurements",
    ),
    Kind(
        "wage-parts",
        _t("parts of the wage"),
        _t("What a month's wage holds besides base wage and performance pay; only the wage guard"
           " reads it. Amounts in CNY."),
        may_run_payroll,
        _wage_components,
        WAGE_COMPONENT_COLUMNS,
        ("month", "component"),
        command="import_wage_components",
    ),
    Kind(
        "wage-rules",
        _t("minimum wages and fines"),
        _t("By place and day. Fines are no, counsel or capped:P; an empty minimum wage is not known"
           " yet, and nothing is recovered there."),
        may_import_policy,
        _wage_rules,
        WAGE_RULE_COLUMNS,
        ("city", "effective_from"),
        command="import_jurisdictions",
    ),
)  # fmt: skip
