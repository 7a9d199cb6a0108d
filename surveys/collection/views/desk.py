"""/surveys/<code>/invitations/: whom to invite, what became of invitations, links shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.exports import write_csv
from core.models import User
from core.pages import paged
from core.permissions import require
from surveys.collection import services
from surveys.collection.forms import InviteForm, PosterForm
from surveys.collection.permissions import may_draw, may_invite
from surveys.collection.queries import plan as plans
from surveys.collection.queries.invitations import (
    STATES,
    counts,
    listed,
    visible_invitations,
)
from surveys.collection.queries.links import company, form_of
from surveys.collection.services.inviting import Issued
from surveys.collection.services.qr import svg
from surveys.models import Invitation, Survey
from surveys.queries.facts import questionnaire_of


def _survey(request: HttpRequest, code: str) -> tuple[Survey, User]:
    """The survey, for somebody who may invite; others: Denied."""
    surveys = Survey.objects.select_related("version__questionnaire")
    survey = get_object_or_404(surveys, code=code)
    user: User = request.user  # type: ignore[assignment]
    require(may_invite(user))
    return survey, user


@require_safe
def invitations(request: HttpRequest, code: str) -> HttpResponse:
    """Who would be invited (looking records nothing), and the list."""
    survey, user = _survey(request, code)
    return render(request, "surveys/invitations.html", _context(request, survey, user))


def _context(request: HttpRequest, survey: Survey, user: User, data: Any = None) -> dict[str, Any]:
    now = timezone.now()
    today = timezone.localdate(now)
    asked = request.GET if data is None else data
    questionnaire = questionnaire_of(survey)
    form = InviteForm(survey, today, asked)
    context: dict[str, Any] = {
        "survey": survey,
        "questionnaire": questionnaire,
        "anonymous": questionnaire.anonymous,
        "is_open": survey.status == Survey.Status.OPEN and today <= survey.closes_on,
        "form": form,
        "poster": PosterForm(questionnaire.anonymous, user),
        "counts": counts(survey, user, now),
        "states": STATES,
        "channels": Invitation.Channel.choices,
        "chosen": {key: request.GET.get(key, "") for key in ("state", "way", "word")},
    }
    if "first" in asked and form.is_valid() and not questionnaire.anonymous:
        context |= _plan(survey, user, form, today)
    chosen = context["chosen"]
    rows = listed(
        survey, user, now, state=chosen["state"], channel=chosen["way"], word=chosen["word"][:80]
    )
    context["page"] = paged(request, rows)
    return context


def _plan(survey: Survey, user: User, form: InviteForm, today: Any) -> dict[str, Any]:
    events = plans.candidates(survey, form.cleaned_data["first"], form.cleaned_data["last"], user)
    too_many = len(events) > plans.MOST_EVENTS
    events = events[: plans.MOST_EVENTS]
    planned = plans.plan(survey, events, form.cleaned_data["channel"], today)
    reasons = [(plans.LeftOut(reason).label, n) for reason, n in planned.left_out.items()]
    return {
        "planned": planned,
        "reasons": reasons,
        "shown": [row for row in planned.rows if row.reason is None][:8],
        "left_rows": [row for row in planned.rows if row.reason is not None][:8],
        "too_many": too_many,
        "may_draw": may_draw(user, events),
    }


@require_POST
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Invite; links that somebody hands over are shown on the page that answers, and only there."""
    survey, user = _survey(request, code)
    now = timezone.now()
    form = InviteForm(survey, timezone.localdate(now), request.POST)
    if not form.is_valid():
        context = _context(request, survey, user, request.POST)
        return render(request, "surveys/invitations.html", context, status=422)
    given = form.cleaned_data
    events = plans.candidates(survey, given["first"], given["last"], user)
    done = services.invite(
        survey,
        events,
        actor=user,
        now=now,
        channel=given["channel"],
        language=given["language"],
        valid_days=given["valid_days"],
    )
    left = ngettext("%(n)d was left out.", "%(n)d were left out.", len(done.left_out)) % {
        "n": len(done.left_out)
    }
    if done.issued:
        return _once(request, survey, done.issued, given["channel"], left)
    if done.mails:
        made = ngettext(
            "%(n)d invitation goes out by e-mail within minutes.",
            "%(n)d invitations go out by e-mail within minutes.",
            done.mails,
        ) % {"n": done.mails}
        messages.success(request, f"{made} {left}")
    else:
        messages.warning(request, _("Nobody could be invited.") + " " + left)
    return redirect("invitations", code=survey.code)


@require_POST
def remind(request: HttpRequest, code: str) -> HttpResponse:
    """Remind those who have not answered, at most twice each."""
    survey, user = _survey(request, code)
    n = services.remind(survey, actor=user, now=timezone.now())
    words = ngettext(
        "%(n)d reminder goes out within minutes.", "%(n)d reminders go out within minutes.", n
    )
    messages.success(request, words % {"n": n})
    return redirect("invitations", code=survey.code)


@require_POST
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A printable poster with a link for many answers."""
    survey, user = _survey(request, code)
    form = PosterForm(questionnaire_of(survey).anonymous, user, request.POST)
    if not form.is_valid():
        context = _context(request, survey, user) | {"poster": form}
        return render(request, "surveys/invitations.html", context, status=422)
    issued = services.open_poster(
        survey,
        actor=user,
        now=timezone.now(),
        department=form.cleaned_data.get("department"),
        language=form.cleaned_data["language"],
    )
    return _once(request, survey, [issued], Invitation.Channel.QR)


@require_POST
def reissue(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A new link instead of the old ones, shown once."""
    survey, user = _survey(request, code)
    invitation = get_object_or_404(visible_invitations(user), survey=survey, pk=pk)
    issued = services.reissue(invitation, actor=user, now=timezone.now())
    return _once(request, survey, [issued], invitation.channel)


@require_POST
def revoke(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The invitation's links stop working."""
    survey, user = _survey(request, code)
    invitation = get_object_or_404(visible_invitations(user), survey=survey, pk=pk)
    services.revoke(invitation, actor=user, now=timezone.now())
    messages.success(request, _("The invitation no longer works."))
    return redirect("invitations", code=survey.code)


def _once(
    request: HttpRequest, survey: Survey, issued: list[Issued], channel: str, left: str = ""
) -> HttpResponse:
    """The links, this once: as a file, as codes to print, or as a list to copy."""
    links = [
        (each.invitation, request.build_absolute_uri(reverse("answer", args=[each.token])))
        for each in issued
    ]
    if request.POST.get("as") == "csv":
        return _file(survey, links)
    if channel == Invitation.Channel.QR:
        # Codes are printed in the language of the customers, whatever the staff page is in.
        cards = []
        for invitation, link in links:
            with translation.override(invitation.language):
                form = form_of(survey, personal=invitation.event is not None)
                cards.append((invitation, svg(link), form, invitation.language[:2]))
        context = {"survey": survey, "cards": cards, "company": company(), "left": left}
        answer = render(request, "surveys/invitation_codes.html", context)
    else:
        context = {"survey": survey, "links": links, "left": left}
        answer = render(request, "surveys/invitation_links.html", context)
    answer["Cache-Control"] = "no-store, private"
    return answer


def _file(survey: Survey, links: list[tuple[Invitation, str]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="invitations-{survey.pk}.csv"'
    answer["Cache-Control"] = "no-store, private"
    rows = (
        (
            invitation.event.event_no if invitation.event else "",
            invitation.event.customer.customer_no if invitation.event else "",
            link,
            invitation.last_day,
        )
        for invitation, link in links
    )
    write_csv(answer, ("event_no", "customer_no", "link", "valid_until"), rows)  # type: ignore[arg-type]
    return answer
