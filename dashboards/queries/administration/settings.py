"""The configuration in force, each value with where it comes from, and the clients of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import SchemeVersion
from core.api import KEPT_DAYS
from core.models import ApiClient, WorkingHours
from core.templatetags.ui import day, listed, name
from incentives.models import Jurisdiction, PolicyVersion
from organization.models import Department, Role


@dataclass(frozen=True)
class Value:
    """One value: what it is, what it is now, where it is changed."""

    title: str
    value: str
    source: str
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A group of values and what they are about."""

    title: str
    about: str
    values: list[Value]


def retention() -> Part:
    """How long what is kept, for the page of customers' data."""
    return _retention()


def parts() -> list[Part]:
    """Everything an administrator may know about how this instance is set up."""
    return [_instance(), _login(), _mail(), _retention(), _rules(), _work()]


def _environment(variable: str) -> str:
    return _("environment, %(variable)s") % {"variable": variable}


def _on(value: object) -> str:
    return _("on") if value else _("off")


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _hours(seconds: int) -> str:
    hours = seconds // 3600
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def _link(url_name: str, *args: str) -> str:
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""  # a page of a later version


def _instance() -> Part:
    root = Department.objects.filter(parent=None, is_active=True).order_by("code").first()
    languages = listed(label for _code, label in settings.LANGUAGES)
    return Part(
        _("This instance"),
        _("What the site is called and how it is reached."),
        [
            Value(
                _("Company"),
                name(root),
                _("roster: the department above all"),
                _link("roster_import"),
            ),
            Value(_("Languages"), languages, _("program")),
            Value(_("Time zone"), settings.TIME_ZONE, _("program")),
            Value(
                _("Reached under"), ", ".join(settings.ALLOWED_HOSTS), _environment("ALLOWED_HOSTS")
            ),
            Value(_("Only over HTTPS"), _on(settings.SECURE_SSL_REDIRECT), _environment("HTTPS")),
            Value(
                _("Proxies believed"),
                str(settings.ALLAUTH_TRUSTED_PROXY_COUNT),
                _environment("TRUSTED_PROXY_COUNT"),
            ),
            Value(_("Demo data"), _on(settings.DEMO_MODE), _environment("DEMO_MODE")),
        ],
    )


def _login() -> Part:
    needed = ", ".join(str(Role(role).label) for role in settings.SECOND_FACTOR_ROLES)
    providers = ", ".join(settings.SSO_PROVIDERS)
    return Part(
        _("Login"),
        _("How people come in, and how long they stay in."),
        [
            Value(
                _("Second factor needed by"),
                needed or _("nobody (demo data)"),
                _("program; off with demo data"),
            ),
            Value(
                _("Session ends after"),
                _("%(hours)s without a click, or with the browser")
                % {"hours": _hours(settings.SESSION_COOKIE_AGE)},
                _environment("SESSION_HOURS"),
            ),
            Value(
                _("Failed logins allowed"),
                _("5 in 5 minutes for an account, 10 a minute from one address"),
                _("program"),
            ),
            Value(
                _("Link to set a password works for"),
                _days(settings.PASSWORD_RESET_TIMEOUT // 86400),
                _("program"),
            ),
            Value(_("Company login"), providers or _("none"), _environment("SSO_PROVIDERS")),
        ],
    )


def _mail() -> Part:
    backend = settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2]
    words = {"console": _("written to the log, not sent"), "smtp": _("mail server (SMTP)")}
    return Part(
        _("E-mail and files"),
        _("Notices go out once a minute; what failed is tried five times."),
        [
            Value(_("E-mail"), words.get(backend, backend), _environment("EMAIL_BACKEND")),
            Value(_("Sender"), settings.DEFAULT_FROM_EMAIL, _environment("DEFAULT_FROM_EMAIL")),
            Value(
                _("Largest form or API body"),
                f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB",
                _("program"),
            ),
            Value(_("Answers kept for retries of the API"), _days(KEPT_DAYS), _("program")),
        ],
    )


def kept(days: int) -> str:
    """How long something is kept; 0 days: without end."""
    return _days(days) if days else _("without end")


def _retention() -> Part:
    return Part(
        _("How long data are kept"),
        _("What is over is erased once a day; scores and pay never depend on it."),
        [
            Value(title, kept(days), _environment(variable))
            for title, days, variable in (
                (
                    _("Words, devices and networks of answers"),
                    settings.RETENTION_ANSWER_DAYS,
                    "RETENTION_ANSWER_DAYS",
                ),
                (
                    _("Contacts, since the last service"),
                    settings.RETENTION_CONTACT_DAYS,
                    "RETENTION_CONTACT_DAYS",
                ),
                (
                    _("Answers typed and not sent"),
                    settings.RETENTION_DRAFT_DAYS,
                    "RETENTION_DRAFT_DAYS",
                ),
                (
                    _("Links to questionnaires, after their end"),
                    settings.RETENTION_LINK_DAYS,
                    "RETENTION_LINK_DAYS",
                ),
                (
                    _("Steps of jobs that are done"),
                    settings.RETENTION_JOB_DAYS,
                    "RETENTION_JOB_DAYS",
                ),
            )
        ],
    )


def _rules() -> Part:
    active = PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE)
    policies = active.select_related("policy").order_by("policy__code", "-number")
    schemes = (
        SchemeVersion.objects.select_related("scheme")
        .order_by("scheme__code", "-number")
        .distinct("scheme__code")
    )
    values = [
        Value(
            _("Policy %(code)s") % {"code": version.policy.code},
            _("version %(version)s") % {"version": version.number},
            _("versioned rule, decided by the management group"),
            _link("policy", version.policy.code),
        )
        for version in policies.distinct("policy__code")
    ]
    values += [
        Value(
            _("Scheme %(code)s") % {"code": version.scheme.code},
            _("version %(version)s") % {"version": version.number},
            _("versioned rule, decided by the assessment group"),
            _link("scheme", version.scheme.code),
        )
        for version in schemes
    ]
    places = Jurisdiction.objects.count()
    values.append(
        Value(_("Legal parameters of pay"), str(places), _("versioned rule, imported by HR"))
    )
    values.append(
        Value(_("Groups smaller than this are hidden"), "5", _("program; protects people"))
    )
    return Part(
        _("Rules"),
        _("Deadlines, thresholds and amounts stand in versioned rules, not here."),
        values,
    )


def _work() -> Part:
    hours = WorkingHours.objects.order_by("-effective_from").first()
    segments = "; ".join("–".join(map(str, part)) for part in hours.segments) if hours else ""
    return Part(
        _("Working time"),
        _("Deadlines count working days of this calendar."),
        [
            Value(
                _("Working hours"),
                f"{segments} ({day(hours.effective_from)})" if hours else "–",
                _("database"),
                _link("calendar"),
            ),
        ],
    )


def clients() -> QuerySet[ApiClient]:
    """Systems that call the API, those in use first."""
    return ApiClient.objects.order_by("revoked_at", "name")


def periodic() -> list[tuple[str, str]]:
    """What the clock starts, and how often."""
    return [
        (name_, _every(float(str(entry["schedule"]))))
        for name_, entry in sorted(settings.CELERY_BEAT_SCHEDULE.items())
    ]


def _every(seconds: float) -> str:
    if seconds < 120:
        return _("every %(count)d seconds") % {"count": seconds}
    if seconds < 7200:
        return _("every %(count)d minutes") % {"count": seconds / 60}
    return _("every %(count)d hours") % {"count": seconds / 3600}


def as_context(**more: Any) -> dict[str, Any]:
    return {"parts": parts(), "clients": clients(), "periodic": periodic(), **more}
