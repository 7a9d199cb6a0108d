"""What surveys store about one customer: invitations, answers in words, devices, drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.exports import Column
from core.templatetags.ui import is_english
from customers.models import Customer
from customers.queries import Part
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    Invitation,
    Judgement,
    Response,
    ResponsePersonal,
    Survey,
)
from surveys.queries.facts import latest_verdicts
from surveys.rules.questionnaires import NA


def language_of(customer: Customer) -> str:
    """The language the customer last answered or was invited in; Chinese when neither is known."""
    said = (
        AnswerConsent.objects.filter(response__customer=customer)
        .order_by("-answered_on", "-response_id")
        .values_list("language", flat=True)
        .first()
    )
    asked = (
        Invitation.objects.filter(customer=customer)
        .order_by("-id")
        .values_list("language", flat=True)
        .first()
    )
    return "en" if (said or asked or "").startswith("en") else "zh-hans"


def to_erase(customer: Customer) -> dict[str, int]:
    """How many answers have personal data beside them, drafts, and invitations that wait."""
    answers = ResponsePersonal.objects.filter(response__customer=customer, erased_at=None)
    waiting = Invitation.objects.filter(customer=customer, used_at=None, revoked_at=None)
    return {
        "answers": answers.count(),
        "drafts": AnswerDraft.objects.filter(invitation__customer=customer).count(),
        "invitations": waiting.count(),
    }


def parts_of(customer: Customer) -> list[Part]:
    """Everything, in words of the active language; the same few queries for any number of rows."""
    responses = list(
        Response.objects.filter(customer=customer).order_by("answered_on", "id").defer("people")
    )
    invitations = list(Invitation.objects.filter(customer=customer).order_by("id"))
    drafts = list(AnswerDraft.objects.filter(invitation__customer=customer).order_by("id"))
    surveys = _surveys([*responses, *invitations])
    words = {pk: Words(survey.version.spec) for pk, survey in surveys.items()}
    names = {pk: _title(survey) for pk, survey in surveys.items()}
    personal = {
        row.response_id: row
        for row in ResponsePersonal.objects.filter(
            answered_on__in={row.answered_on for row in responses},
            response_id__in=[row.id for row in responses],
        )
    }
    return [
        _invitations(invitations, names),
        _answers(responses, names),
        _given(responses, words, personal),
        _left(responses, personal),
        _notices(responses),
        _drafts(drafts, invitations, words),
    ]


def _surveys(rows: Iterable[Response | Invitation]) -> dict[int, Survey]:
    wanted = {row.survey_id for row in rows}
    return Survey.objects.select_related("version__questionnaire").in_bulk(wanted)


def _title(survey: Survey) -> str:
    spec = survey.version.spec
    title = spec.get("name_en" if is_english() else "name_zh") or spec.get("name_zh") or ""
    return f"{title} ({survey.code})"


class Words:
    """The texts of a questionnaire in the active language."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.questions = {each["code"]: each for each in spec.get("questions", [])}

    def question(self, code: str) -> str:
        return _text(self.questions.get(code, {})) or code

    def answer(self, code: str, value: Any) -> str:
        """A stored answer in words: options by their texts, "not applicable" said out."""
        if value == NA:
            return _("not applicable")
        options = {each["code"]: each for each in self.questions.get(code, {}).get("options", [])}
        listed = value if isinstance(value, list) else [value]
        said = (_text(options.get(str(each), {})) or str(each) for each in listed)
        return ("; " if is_english() else "；").join(said)


def _text(thing: Mapping[str, Any]) -> str:
    first, other = ("text_en", "text_zh") if is_english() else ("text_zh", "text_en")
    return str(thing.get(first) or thing.get(other) or "")


def _invitations(rows: Sequence[Invitation], names: Mapping[int, str]) -> Part:
    return Part(
        "invitations",
        _("Invitations"),
        [
            Column("survey", _("survey"), width=30),
            Column("way", _("way"), width=24),
            Column("language", _("language")),
            Column("created_at", _("created at"), "datetime", 20),
            Column("sent_at", _("sent at"), "datetime", 20),
            Column("last_day", _("valid until"), "date", 12),
            Column("used_at", _("answered at"), "datetime", 20),
            Column("revoked_at", _("revoked at"), "datetime", 20),
        ],
        [
            (
                names[row.survey_id],
                row.get_channel_display(),
                row.language,
                row.created_at,
                row.sent_at,
                row.last_day,
                row.used_at,
                row.revoked_at,
            )
            for row in rows
        ],
    )


def _answers(rows: Sequence[Response], names: Mapping[int, str]) -> Part:
    """One line an answer. What cleaning found in it stays inside: it is about others too."""
    valid = latest_verdicts((row.answered_on, row.id) for row in rows)
    return Part(
        "answers",
        _("Answers sent"),
        [
            Column("response_no", _("response number"), width=20),
            Column("survey", _("survey"), width=30),
            Column("channel", _("channel")),
            Column("started_at", _("started at"), "datetime", 20),
            Column("submitted_at", _("submitted at"), "datetime", 20),
            Column("verdict", _("verdict")),
        ],
        [
            (
                row.response_no,
                names[row.survey_id],
                row.get_channel_display(),
                row.started_at,
                row.submitted_at,
                str(Judgement(valid[row.id].verdict).label) if row.id in valid else "",
            )
            for row in rows
        ],
    )


def _given(
    rows: Sequence[Response],
    words: Mapping[int, Words],
    personal: Mapping[int, ResponsePersonal],
) -> Part:
    lines = []
    for row in rows:
        known = words[row.survey_id]
        texts = personal[row.id].texts if row.id in personal else {}
        said = {**row.answers, **texts}
        order = [*(code for code in known.questions if code in said), *sorted(said)]
        lines += [
            (row.response_no, known.question(code), known.answer(code, said[code]))
            for code in dict.fromkeys(order)
        ]
    return Part(
        "answers_given",
        _("What was answered"),
        [
            Column("response_no", _("response number"), width=20),
            Column("question", _("question"), width=60),
            Column("answer", _("answer given"), width=60),
        ],
        lines,
    )


def _left(rows: Sequence[Response], personal: Mapping[int, ResponsePersonal]) -> Part:
    """What came along with the answers; an erased one says since when."""
    return Part(
        "devices",
        _("Devices and networks"),
        [
            Column("response_no", _("response number"), width=20),
            Column("device", _("device"), width=30),
            Column("network", _("network"), width=20),
            Column("phone", _("telephone"), width=20),
            Column("email", _("e-mail"), width=30),
            Column("erased_at", _("erased at"), "datetime", 20),
        ],
        [
            (row.response_no, own.device, own.network, own.phone, own.email, own.erased_at)
            for row in rows
            if (own := personal.get(row.id)) is not None
        ],
    )


def _notices(rows: Sequence[Response]) -> Part:
    numbers = {row.id: row.response_no for row in rows}
    found = AnswerConsent.objects.filter(
        answered_on__in={row.answered_on for row in rows}, response_id__in=list(numbers)
    ).order_by("answered_on", "response_id")
    return Part(
        "notices",
        _("Privacy notices"),
        [
            Column("response_no", _("response number"), width=20),
            Column("notice_version", _("version of the notice"), width=20),
            Column("contact", _("agreed to be contacted"), width=24),
            Column("language", _("language")),
        ],
        [
            (
                numbers[row.response_id],
                row.notice_version,
                _("yes") if row.contact else _("no"),
                row.language,
            )
            for row in found
        ],
    )


def _drafts(
    drafts: Sequence[AnswerDraft], invitations: Sequence[Invitation], words: Mapping[int, Words]
) -> Part:
    surveys = {row.pk: row.survey_id for row in invitations}
    return Part(
        "drafts",
        _("Typed and not sent"),
        [
            Column("updated_at", _("changed at"), "datetime", 20),
            Column("question", _("question"), width=60),
            Column("answer", _("answer given"), width=60),
        ],
        [
            (draft.updated_at, known.question(code), known.answer(code, value))
            for draft in drafts
            for known in [words[surveys[draft.invitation_id]]]
            for code, value in sorted(draft.answers.items())
            if value not in (None, "", [])
        ],
    )
