"""/s/<token>/: the questionnaire page by page, and what a link says when it is used, over or wrong.

GET and HEAD record nothing, whoever sends them: link scanners and previews open links too. A POST
keeps the page that was typed, then goes where the pressed button says.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from core.errors import Busy, Conflict, InvalidTransition
from core.templatetags.ui import day, name
from surveys.collection.queries.links import (
    Opened,
    State,
    asked_contact,
    draft_of,
    form_for,
    is_answered,
)
from surveys.collection.rules.form import NOTICE_VERSION, Form, Page
from surveys.collection.rules.typed import CONSENT, faults, typed
from surveys.collection.services import Answer, drop_draft, response_no_of, save_draft, submit
from surveys.collection.views import public
from surveys.collection.views.public import page as render_page
from surveys.collection.views.shown import about_page, untouched
from surveys.models import AnswerDraft

logger = logging.getLogger("hengping.surveys")
_done = TimestampSigner(salt="surveys.answered")
_DONE_SECONDS = 24 * 3600


@dataclass
class Visit:
    """One browser at one link: what was typed so far, `mine` on the page that was sent, and since
    when."""

    request: HttpRequest
    token: str
    found: Opened
    form: Form
    key: str
    answers: dict[str, Any]
    at: int
    started_at: datetime
    mine: dict[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        return self.form.pages[self.at]

    @property
    def url(self) -> str:
        return reverse("answer", args=[self.token])

    def go(self, page: int, *, check: bool = False) -> HttpResponse:
        """To a page, by GET."""
        target = f"{self.url}?p={page + 1}" + ("&check=1" if check else "")
        return redirect(target, permanent=False)


@require_http_methods(["GET", "HEAD", "POST"])
@public.with_link
def answer(request: HttpRequest, token: str, found: Opened) -> HttpResponse:
    """The page of a link in whatever state it is."""
    if found.state is State.ANSWERED:
        return _answered(request, token, found)
    if request.GET.get("done") and found.many and _was_sent(request.GET["done"], found):
        return _thanks(request, token, found)
    if found.state is not State.READY:
        status = 200 if found.state is State.EARLY else 410
        context = {"why": found.state.value, "found": found, "token": token,
                   "company": found.company}  # fmt: skip
        return render_page(request, "public/gone.html", context, status=status)
    form = form_for(found)
    return (
        _post(request, token, found, form)
        if request.method == "POST"
        else _get(request, token, found, form)
    )


# --- showing -------------------------------------------------------------------------------------


def _get(request: HttpRequest, token: str, found: Opened, form: Form) -> HttpResponse:
    now = timezone.now()
    key = public.cookie(request, public.DRAFT_COOKIE) if found.many else ""
    draft = found.draft
    if found.many and draft is None:
        key = public.new_key()
    at = _number(request.GET.get("p")) if "p" in request.GET else (draft.page if draft else 0)
    visit = Visit(
        request,
        token,
        found,
        form,
        key,
        dict(draft.answers) if draft else {},
        max(0, min(at, len(form.pages) - 1)),
        draft.started_at if draft else now,
    )
    wrong = faults(visit.page.items, visit.answers) if request.GET.get("check") else {}
    return _show(visit, wrong)


_UNSTORED = {"busy": (503, 10), "often": (429, 600)}  # why -> status, seconds to wait


def _show(visit: Visit, wrong: dict[str, str], *, unstored: str = "") -> HttpResponse:
    request = visit.request
    touched = wrong or unstored or any(visit.answers.get(c) for c in (*visit.page.codes, CONSENT))
    context = {
        **_around(visit),
        **(about_page(visit.form, visit.page, visit.answers, wrong) if touched else {}),
        "unstored": unstored,
    }
    if not touched:
        return HttpResponse(untouched(context, request))
    status, seconds = _UNSTORED.get(unstored, (422 if wrong else 200, 0))
    result = render_page(request, "public/answer.html", context, status=status)
    if seconds:
        result["Retry-After"] = str(seconds)
    return result


def _around(visit: Visit) -> dict[str, Any]:
    """What stands around the questions of a page; texts are finished."""
    invitation = visit.found.invitation
    event, department = invitation.event, invitation.department
    return {
        "company": visit.found.company,
        "complaint_url": public.complaint_url(),
        "form": visit.form,
        "page": visit.page,
        "stamp": public.stamp(visit.key, visit.started_at),
        "about": "event" if event else "department" if department else "",
        "place": name(event.department if event else department),
        "day": day(event.occurred_at) if event else "",
        "token": visit.token,
    }


# --- taking --------------------------------------------------------------------------------------


def _post(request: HttpRequest, token: str, found: Opened, form: Form) -> HttpResponse:
    braked = not public.within_limits(request, found, anonymous=form.anonymous)
    now = timezone.now()
    stamped, opened_at = public.read_stamp(request.POST.get("stamp", "")[:300], now)
    key = ""
    if found.many:
        key = public.cookie(request, public.DRAFT_COOKIE) or stamped or public.new_key()
        if not braked and is_answered(found.survey, response_no_of(found.invitation, key)):
            return _to_thanks(found, reverse("answer", args=[token]))
    at = max(0, min(_number(request.POST.get("page")), len(form.pages) - 1))
    visit = Visit(request, token, found, form, key, {}, at, opened_at)
    mine = visit.mine = _typed(visit.page, request.POST)
    if braked:  # nothing is read or stored for it, and nothing typed is lost
        visit.answers = mine
        return _show(visit, {}, unstored="often")
    step = _step(request.POST)
    here = faults(visit.page.items, mine)
    go_on = step == "next" and not here
    onward = {"back": max(0, at - 1), "next": at + 1 if go_on else at}.get(step, at)
    _take(visit, _draft(visit))
    if onward == len(form.pages) and not _unfinished(visit):
        result = _submit(visit, now)  # what is sent now needs no draft
    else:
        _keep(visit, min(onward, len(form.pages) - 1), now)
        result = _onward(visit, step, here, onward)
    _cookies(visit, result)
    return result


def _draft(visit: Visit) -> AnswerDraft | None:
    """What was typed before in this browser, which may have lost its cookie since."""
    found = visit.found
    if not found.many or visit.key == public.cookie(visit.request, public.DRAFT_COOKIE):
        return found.draft
    return draft_of(found.invitation, visit.key)


def _take(visit: Visit, draft: AnswerDraft | None) -> None:
    """What was typed on this page counts beside what is kept of the others."""
    visit.answers = {**(draft.answers if draft else {}), **visit.mine}
    visit.started_at = draft.started_at if draft else visit.started_at


def _keep(visit: Visit, page: int, now: datetime) -> None:
    visit.answers, visit.started_at = save_draft(
        visit.found.invitation,
        visit.key,
        visit.mine,
        page=page,
        started_at=visit.started_at,
        now=now,
    )


def _unfinished(visit: Visit) -> Page | None:
    """The first of the other pages on which something is to be changed."""
    others = (page for page in visit.form.pages if page.number != visit.at)
    return next((page for page in others if faults(page.items, visit.answers)), None)


def _onward(visit: Visit, step: str, here: dict[str, str], onward: int) -> HttpResponse:
    """Where the pressed button leads; what was typed is kept."""
    if step in public.LANGUAGES:
        result = visit.go(visit.at)
        public.remember(result, settings.LANGUAGE_COOKIE_NAME, step, public.YEAR)
        return result
    if step == "back":
        return visit.go(onward)
    if here:
        return _show(visit, here)
    if onward < len(visit.form.pages):
        return visit.go(onward)
    unfinished = _unfinished(visit)
    return visit.go(unfinished.number if unfinished else visit.at, check=True)


def _submit(visit: Visit, now: datetime) -> HttpResponse:
    request, found = visit.request, visit.found
    sent = Answer(
        key=visit.key,
        answers=visit.answers,
        started_at=min(visit.started_at, now),
        device=public.cookie(request, public.DEVICE_COOKIE) or _device(visit),
        network=public.address(request),
        language=translation.get_language() or "",
    )
    try:
        submit(found, visit.form, sent, now=now)
    except Busy:  # nothing is stored; what was typed is kept as a draft
        _keep(visit, visit.at, now)
        return _show(visit, {}, unstored="busy")
    except (OperationalError, InterfaceError):  # the database is away: the page itself keeps it
        logger.exception("An answer could not be stored.")
        return _show(visit, {}, unstored="busy")
    except Conflict:  # the same answer sent twice
        if not is_answered(found.survey, response_no_of(found.invitation, visit.key)):
            raise  # never thank for what is not stored
        drop_draft(found.invitation, visit.key)
    except InvalidTransition:
        return redirect(visit.url)
    except Exception:
        _keep(visit, visit.at, now)
        raise
    return _to_thanks(found, visit.url)


def _to_thanks(found: Opened, url: str) -> HttpResponse:
    """Where a stored answer is confirmed; on a poster the next answer begins anew."""
    if not found.many:
        return redirect(url)
    result = redirect(f"{url}?done={_done.sign(str(found.invitation.pk))}")
    result.delete_cookie(public.DRAFT_COOKIE, path=url)
    return result


def _cookies(visit: Visit, result: HttpResponse) -> None:
    """The device for two days, as the check on many answers from one device needs it; for a poster
    the key of this answer, until it is sent. An anonymous answer leaves no device."""
    if not visit.form.anonymous:
        known = public.cookie(visit.request, public.DEVICE_COOKIE)
        public.remember(
            result, public.DEVICE_COOKIE, known or _device(visit), public.DEVICE_SECONDS
        )
    if visit.found.many and public.DRAFT_COOKIE not in result.cookies:
        seconds = None if visit.form.anonymous else public.DRAFT_SECONDS
        public.remember(result, public.DRAFT_COOKIE, visit.key, seconds, path=visit.url)


def _device(visit: Visit) -> str:
    """A random number for this browser, one a request."""
    if not hasattr(visit.request, "new_device"):
        visit.request.new_device = public.new_key()  # type: ignore[attr-defined]
    return str(visit.request.new_device)  # type: ignore[attr-defined]


def _typed(page: Page, data: QueryDict) -> dict[str, Any]:
    mine: dict[str, Any] = {item.code: typed(item, data.getlist(item.field)) for item in page.items}
    if any(item.asks_contact for item in page.items):
        mine[CONSENT] = NOTICE_VERSION if data.get(CONSENT) else None
    return mine


def _step(data: QueryDict) -> str:
    """next, back, or the code of a language."""
    language = data.get("language", "")
    if language in public.LANGUAGES:
        return language
    return "back" if data.get("go") == "back" else "next"


def _number(text: str | None) -> int:
    """A page from 0, as it stands in addresses from 1."""
    return int(text) - 1 if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


# --- afterwards ----------------------------------------------------------------------------------


def _was_sent(mark: str, found: Opened) -> bool:
    try:
        return _done.unsign(mark, max_age=_DONE_SECONDS) == str(found.invitation.pk)
    except BadSignature:
        return False


def _thanks(request: HttpRequest, token: str, found: Opened) -> HttpResponse:
    context = {
        "company": found.company,
        "found": found,
        "token": token,
        "form": form_for(found),
        "fresh": True,
    }
    return render_page(request, "public/answered.html", context)


def _answered(request: HttpRequest, token: str, found: Opened) -> HttpResponse:
    """A used link still helps. Within minutes of the answer it says thank you."""
    at = found.answered_at
    context = {
        "company": found.company,
        "found": found,
        "token": token,
        "form": form_for(found),
        "at": at,
        "contact": asked_contact(found),
        "fresh": at is not None and (timezone.now() - at).total_seconds() < 300,
    }
    return render_page(request, "public/answered.html", context)
