"""Invented rows for the component partials on the style sheet: one story, October's appeal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from assessments.models.periods import PeriodStatus
from assessments.models.scorecards import AssessmentStatus, ResultStatus, ScorecardState
from core import parts
from core.forms import Form
from core.models.jobs import JobStatus
from core.permissions import Allowed
from incentives.models import (
    Appeal,
    Award,
    PayrollBatch,
    PerformancePay,
    PolicyVersion,
    Proposal,
    Recovery,
)
from surveys.models import Judgement, QuestionnaireVersion, Survey

_t = gettext_lazy
STATE_ENUMS: tuple[tuple[str, type[TextChoices]], ...] = (
    (gettext_noop("Questionnaire"), QuestionnaireVersion.Status),
    (gettext_noop("Survey"), Survey.Status),
    (gettext_noop("Answer"), Judgement),
    (gettext_noop("Period"), PeriodStatus),
    (gettext_noop("Scorecard"), ScorecardState),
    (gettext_noop("Assessment"), AssessmentStatus),
    (gettext_noop("Indicator result"), ResultStatus),
    (gettext_noop("Policy"), PolicyVersion.Status),
    (gettext_noop("Proposal"), Proposal.Status),
    (gettext_noop("Award"), Award.State),
    (gettext_noop("Performance pay"), PerformancePay.State),
    (gettext_noop("Appeal"), Appeal.State),
    (gettext_noop("Decision on an appeal"), Appeal.Outcome),
    (gettext_noop("Recovery of loss"), Recovery.State),
    (gettext_noop("Payroll batch"), PayrollBatch.State),
    (gettext_noop("Job"), JobStatus),
)


class Example(Form):
    """The form of the style sheet, sent with two mistakes."""

    reason = forms.CharField(
        label=_t("Reason of the appeal"), widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence = forms.CharField(label=_t("Attachment"))

    def clean_reason(self) -> str:
        raise forms.ValidationError(
            _("Say which indicator, which answer and why, in at least 20 characters.")
        )

    def clean_evidence(self) -> str:
        raise forms.ValidationError(
            _(".exe cannot be uploaded. Use JPG, PNG or PDF, each up to 10 MB.")
        )


def states() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every state of every object, in the order of its life: (object, [(value, label)])."""
    return [
        (_(title), [(str(value), str(label)) for value, label in enum.choices])
        for title, enum in STATE_ENUMS
    ]


def component_rows() -> dict[str, Any]:
    """The context of the partials."""
    columns = [
        parts.Witness(_("This one"), "R-1030-1821"),
        parts.Witness(_("Most alike"), _("R-1030-1824, 100% the same")),
        parts.Witness(_("Usually"), _("412 answers of this version"), reference=True),
    ]
    return {
        "states": states(),
        "form": Example({"reason": _("Unfair"), "evidence": "接车记录.exe"}),
        "facts": _facts(),
        "kpis": _kpis(),
        "curves": _curves(),
        "heat_columns": [_("Courtesy"), _("Explaining"), _("Waiting"), _("Price")],
        "heat_rows": _heat(),
        "steps": _steps(),
        "evidence_columns": columns,
        "evidence_rows": parts.with_columns(_traces(), columns),
        "changes": _changes(),
        "voices": _voices(),
        "deck_allowed": Allowed(),
        "links": _lineage(),
    }


def _facts() -> list[parts.Fact]:
    return [
        parts.Fact(_("Quantitative %(share)s") % {"share": "70%"}, "74.06"),
        parts.Fact(_("Qualitative %(share)s") % {"share": "30%"}, "84.71"),
        parts.Fact(_("Composite"), "77.26"),
        parts.Fact(_("Grade and coefficient"), "0.8", before="C"),
        parts.Fact(_("Performance pay"), "1,920.00", unit=_("CNY")),
    ]


def _kpis() -> list[parts.Fact]:
    return [
        parts.Fact(_("Satisfaction"), "82.4", unit="81.2–83.6", note=_("n 806, target 85")),
        parts.Fact("NPS", "+41", unit="+36 – +46", note=_("n 798, September +39")),
        parts.Fact(_("Response rate"), "38.6%", note=_("September 40.1%")),
    ]


def _curves() -> list[tuple[str, str, parts.Curve]]:
    return [
        (_("Courtesy phrases used"), "92.0%", parts.Curve(92.0, 85, 95, 81.2, 96.8)),
        (_("Answer time, minutes"), "48", parts.Curve(48, 120, 30, 36, 62)),
        (_("Nothing measured"), "–", parts.Curve(None, 70, 90)),
    ]


def _heat() -> list[parts.HeatRow]:
    cell = parts.HeatCell
    hidden = cell(None)
    return [
        parts.HeatRow(
            _("River Bend"),
            131,
            [
                cell(90.2, 3.1, 0.4, 5.8),
                cell(86.0, 3.4, 0.6, 6.2),
                cell(85.1, 7.2, 3.9, 10.5),
                cell(79.1, 1.5, -1.6, 4.6),
            ],
        ),
        parts.HeatRow(
            _("West Garden"),
            77,
            [
                cell(83.0, -4.1, -7.9, -0.3),
                cell(75.8, -6.8, -11, -2.6),
                cell(62.4, -15.5, -20, -11),
                cell(74.9, -2.7, -7.1, 1.7),
            ],
        ),
        parts.HeatRow(
            _("Airport (new)"),
            12,
            [cell(93.1, 6.0, -3.1, 15.1), cell(90.0, 7.4, -2.2, 17), hidden, hidden],
            dim=True,
        ),
    ]


def _steps() -> list[parts.Step]:
    return [
        parts.Step(_("Submitted"), _("12 Nov, day 2 of 5"), "done", who="林若溪"),
        parts.Step(_("Accepted"), _("13 Nov, in time and complete"), "done"),
        parts.Step(_("Investigated"), _("19 Nov, due 20 Nov"), "done"),
        parts.Step(_("Decision"), _("due Wed 25 Nov, 3 working days"), "now", who="戴明远"),
        parts.Step(_("Employee told"), _("same day")),
        parts.Step(_("Executed"), _("new scorecard, reversal entries")),
    ]


def _traces() -> list[parts.Trace]:
    return [
        parts.Trace(_("Sent"), [("10-30 18:21", False), ("10-30 18:24", False), ("–", False)]),
        parts.Trace(
            _("Time taken"),
            [(_("48 seconds"), True), (_("51 seconds"), True), (_("median 2 min 36 s"), False)],
        ),
        parts.Trace(
            _("Network"),
            [(_("the shop’s Wi-Fi"), True), (_("the shop’s Wi-Fi"), True), ("1.5%", False)],
        ),
    ]


def _changes() -> list[parts.Change]:
    return [
        parts.Change(_("Satisfaction, fair score"), "83.46", "84.63", "+1.17"),
        parts.Change(_("counted answers"), "42", "41", "−1", "dim"),
        parts.Change(_("Qualitative %(share)s") % {"share": "30%"}, "84.71", "84.71"),
        parts.Change(_("Composite"), "77.26", "80.24", "+2.98", "sum"),
        parts.Change(_("Performance pay, CNY"), "1,920.00", "2,400.00", "+480.00", "sum"),
    ]


def _voices() -> list[parts.Voice]:
    return [
        parts.Voice("方若谷、戴明远", _("either of them, whoever is first")),
        parts.Voice("薛知微", _("has not opened the evidence"), None),
        parts.Voice("沈嘉禾", _("direct superior of both candidates"), False),
        parts.Voice(
            "买买提江·阿不都热合曼、欧阳慕容云舒", _("long names break where they may"), False
        ),
    ]


def _lineage() -> list[parts.Link]:
    return [
        parts.Link(
            _("Payroll line"),
            "PB-2026-12 / 0121, +2,400.00",
            [_("October performance pay, corrected"), _("Line 0120 reverses line 0087")],
            url="#",
        ),
        parts.Link(_("Ledger"), "LE-48213", [_("Only added to, never changed")]),
        parts.Link(_("Scorecard"), _("v2: 80.24, grade B, coefficient 1.0")),
        parts.Link(
            _("One answer"),
            "R-1017-0411, 88.75",
            box=[
                (_("Question"), _("Answer"), _("Points"), _("Weight")),
                (_("Polite and patient"), "5", "100", "25"),
                (_("Explained work and price"), "4", "75", "20"),
            ],
        ),
    ]
