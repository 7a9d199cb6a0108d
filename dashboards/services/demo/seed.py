"""Make the demo company through the same services as a real one: files in, decisions by named
people, nothing written past them. Made twice it changes nothing.

The chain from end to end: roster, surveys, a year of service and answers, figures, schemes, months
assessed, decided and paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from assessments import services as assessments
from assessments.models import IndicatorVersion, Period, SchemeVersion
from core.api import load_json
from core.models import User
from core.tables import Table
from core.workdays import Calendar
from customers.services import import_events
from dashboards.services.demo import company, figures, results, visits
from dashboards.services.demo.accounts import ACCOUNTS, PASSWORD, Account
from dashboards.services.demo.appeals import Appeals, appellants
from dashboards.services.demo.invitations import seed_invitations
from dashboards.services.demo.moments import Moments
from dashboards.services.demo.parameters import Month, months_before, parameters
from dashboards.services.demo.pay import just_below, wage_guard
from dashboards.services.demo.policy import PAID_MONTHS, in_force
from dashboards.services.demo.stories import Stories
from incentives.rules.jurisdiction import WageRule
from incentives.services.policies import import_jurisdictions
from organization.models import Employee, Role
from organization.services import create_user, import_attendance, import_roster
from surveys import services as surveys
from surveys.cleaning.services import clean_survey
from surveys.models import Judgement, Response, Survey, Verdict

Say = Callable[[str], None]
SURVEY_DAYS = 365  # surveys stay open so long after the day of seeding
CLEANED = ("SALES-DELIVERY", "SALES-VISIT")  # the surveys of the job that is cheated with
SUSPICIOUS = frozenset({"same_device", "staff_contact"})
REVIEW_REASON = "演示：已核对工单和通话记录，答卷可信，计入统计。"
MANIPULATED = "演示：同一设备集中作答或使用员工手机号，不计入统计。"


class DemoSeed:
    """One seeding. `today` decides which months are shown; `say` reports progress."""

    def __init__(self, *, today: date, operator: User, now: Any, say: Say) -> None:
        self.today, self.operator, self.now, self.say = today, operator, now, say
        self.months = months_before(today)
        self.moments = Moments(now, Calendar.load())
        self.stories = Stories(tuple(self.months), self.moments.calendar)
        self.specs: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        self._company()
        self._surveys()
        self._service()
        self._figures()
        self._results()
        self.say(f"{seed_invitations(self.moments)} customers invited")

    # -- who ------------------------------------------------------------------------------------

    def _company(self) -> None:
        self.say("120 people, their accounts and wage rules")
        hired, left, moved = self.stories.hired, self.stories.left, self.stories.transferred_on
        if not Employee.objects.exists():
            elsewhere = {
                person.number: self.stories.department(person, date.min)
                for person in company.people()
            }
            import_roster(company.roster(hired, left, elsewhere), actor=self.operator)
        import_roster(company.roster(hired, left, {}), actor=self.operator, effective=moved)
        known = set(User.objects.values_list("username", flat=True))
        shown = {account.employee_no for account in ACCOUNTS}
        others = [Account(who, (Role.EMPLOYEE,), "") for who in sorted(appellants() - shown)]
        new = [account for account in (*ACCOUNTS, *others) if account.username not in known]
        for account in new:
            create_user(
                account.username,
                roles=account.roles,
                employee_no=account.employee_no,
                actor=self.operator,
            )
        # One hash for all: hashing is slow on purpose, and this password is no secret.
        names = [account.username for account in new]
        User.objects.filter(username__in=names).update(password=make_password(PASSWORD))
        rules = [
            WageRule(
                city=one["city_zh"],
                effective_from=company.FOUNDED,
                monthly_minimum_wage=Decimal(one["minimum_wage"]),
                social_insurance_on_top=False,
                fine_rule=one["fine_rule"],
                fine_cap_percent=None,
                source_note="demo_only",
            )
            for one in parameters()["demo_jurisdictions"]
        ]
        import_jurisdictions(rules, actor=self.operator)

    # -- what customers were asked and said -----------------------------------------------------

    def _surveys(self) -> None:
        self.say("ready questionnaires, published and in the field")
        surveys.import_ready_questionnaires(actor=self.operator)
        last = date.fromordinal(self.today.toordinal() + SURVEY_DAYS)
        for path in _content("surveys", "questionnaires"):
            spec = load_json(path.read_bytes())
            self.specs[spec["code"]] = spec
            if not Survey.objects.filter(code=spec["code"]).exists():
                surveys.open_survey(
                    spec["code"],
                    questionnaire=spec["code"],
                    first=self.months[0].first,
                    last=last,
                    actor=self.operator,
                )

    def _service(self) -> None:
        """Service events and answers, kind by kind over all months up to yesterday."""
        months = [*self.months, self.months[-1].shifted(1)]
        for kind in visits.KINDS:
            spec = self.specs[kind.questionnaire]
            made = [visits.make(kind, month, spec, self.today, self.stories) for month in months]
            events = [row for one in made for row in one.events]
            import_events([Table("events", visits.EVENT_COLUMNS, events)], actor=self.operator)
            answers = [
                row
                for one, month in zip(made, months, strict=True)
                for row in visits.with_comments(one.responses, one.questions, month)
            ]
            self._answers(kind.questionnaire, made[0].questions, answers, len(events))
            if kind.questionnaire in CLEANED:
                survey = Survey.objects.get(code=kind.questionnaire)
                clean_survey(survey, actor=self.operator, now=self.now)
        waves = [month for month in self.months if month.first.month in (6, 12)]
        spec = self.specs["RELATIONSHIP"]
        made = [visits.relationship(month, spec) for month in waves]
        rows = [row for one in made for row in one.responses]
        self._answers("RELATIONSHIP", made[0].questions, rows, 0)

    def _answers(
        self, code: str, questions: tuple[str, ...], rows: list[visits.Row], events: int
    ) -> None:
        header = (*visits.RESPONSE_COLUMNS, *(f"q_{question}" for question in questions))
        report = surveys.import_responses(
            [Table("answers", header, rows)], code, actor=self.operator
        )
        self.say(f"{code}: {events} service events, {report.new + report.unchanged} answers")

    # -- what else is measured ------------------------------------------------------------------

    def _figures(self) -> None:
        self.say("attendance and the figures of the other indicators")
        self.schemes = schemes = self._schemes()
        self.units = units = dict(
            IndicatorVersion.objects.values_list("indicator__code", "spec__unit")
        )
        import_attendance(
            [
                figures.attendance(month, self.moments.calendar, self.stories)
                for month in self.months
            ],
            actor=self.operator,
        )
        for month in self.months:
            if not _is_locked(month):
                table = figures.measurements(month, schemes, units, self.stories)
                assessments.import_measurements([table], actor=self.operator)

    def _schemes(self) -> list[dict[str, Any]]:
        """The ready schemes, in force from the first month that is shown."""
        start = self.months[0].first.isoformat()
        schemes = []
        for path in _content("assessments", "schemes"):
            spec = load_json(path.read_bytes()) | {"effective_from": start}
            schemes.append(spec)
            if not SchemeVersion.objects.filter(scheme__code=spec["code"]).exists():
                assessments.import_scheme(spec, actor=self.operator)
        return schemes

    # -- results --------------------------------------------------------------------------------

    def _results(self) -> None:
        """Months before M0 are closed, the later ones paid; M0 is released and ready to be paid."""
        unpaid, paid = self.months[:-PAID_MONTHS], self.months[-PAID_MONTHS:-1]
        for month in unpaid:
            self._assess(month)
        in_force(
            self.months,
            operator=self.operator,
            activator=results.account(results.RELEASER),
            moments=self.moments,
        )
        for month in paid:
            self._assess(month)
            results.decide(month, self.moments, operator=self.operator)
            results.validate(month, self.moments)
            results.pay(month, self.moments, finished=month is not paid[-1])
        self.say(f"{len(self.months) - 1} months closed, {len(paid)} of them paid")
        self._last_month()

    def _assess(self, month: Month) -> None:
        if results.state(month) != Period.Status.CLOSED:
            self._decide_reviews(month)
            if self.stories.offset(month) == -1:
                self._just_below(month)
            results.score(month, self.moments, operator=self.operator)
            results.release(month, self.moments)
            results.close(month, self.moments)

    def _just_below(self, month: Month) -> None:
        scheme = next(one for one in self.schemes if "delivery_specialist" in one["position_codes"])
        just_below(month, scheme, self.units, self.moments, operator=self.operator)

    def _last_month(self) -> None:
        """M0: its people may still appeal, its payroll waits for who approves it."""
        month = self.months[-1]
        if results.state(month) in (None, Period.Status.COLLECTING, Period.Status.DATA_LOCKED):
            self._decide_reviews(month)
            results.score(month, self.moments, operator=self.operator)
        results.release(month, self.moments, last=True)
        appeals = Appeals(self.months, self.moments)
        appeals.file()
        results.decide(month, self.moments, operator=self.operator, last=True)
        appeals.go_on()
        wage_guard(month, self.moments)
        results.validate(month, self.moments, last=True)
        self.say(f"{month.key} released, its payroll ready for approval")

    def _decide_reviews(self, month: Month) -> None:
        """What cleaning sent to review is decided by a named person who is not concerned: what
        came in numbers from one device does not count."""
        actor, waiting = results.account(results.REVIEWER), _waiting(month)
        for judgement, reason in (
            (Judgement.EXCLUDED, MANIPULATED),
            (Judgement.COUNTED, REVIEW_REASON),
        ):
            out = judgement == Judgement.EXCLUDED
            ids = [pk for pk, checks in waiting if out == (not SUSPICIOUS.isdisjoint(checks))]
            rows = Response.objects.filter(
                answered_on__gte=month.first, answered_on__lte=month.last, id__in=ids
            ).select_related("survey")
            for survey, group in groupby(rows.order_by("survey", "id"), lambda row: row.survey):
                surveys.record_verdicts(
                    survey, list(group), judgement, reason=reason, actor=actor, source="demo"
                )


def _is_locked(month: Month) -> bool:
    return Period.objects.filter(key=month.key, cutoff_at__isnull=False).exists()


def _waiting(month: Month) -> list[tuple[int, list[str]]]:
    """Ids and checks of the answers of the month whose latest verdict is `review`."""
    latest = (
        Verdict.objects.filter(answered_on__gte=month.first, answered_on__lte=month.last)
        .order_by("response_id", "-seq")
        .distinct("response_id")
        .values_list("response_id", "verdict", "checks")
    )
    return [(pk, checks) for pk, verdict, checks in latest if verdict == Judgement.REVIEW]


def _content(app: str, folder: str) -> list[Path]:
    return sorted((settings.BASE_DIR / app / "content" / folder).glob("*.json"))
