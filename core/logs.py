"""What logs say and what they must not: each line names the request or job it belongs to, and holds
no link to a questionnaire, no token, no telephone number and no e-mail address.

A line is text for people or, with LOG_FORMAT=json, an object for machines.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter

NOBODY = "-"
_NUMBER = "hengping.request_number"
_request: ContextVar[str] = ContextVar("request", default=NOBODY)
_job: ContextVar[str] = ContextVar("job", default=NOBODY)

_GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)
# The link to a questionnaire is a key: whoever reads the log could answer.
_SECRETS = (
    (re.compile(r"(/s/)[\w-]{20,}"), r"\1…"),
    (re.compile(r"(?i)\b(bearer\s+|authorization\W+)[\w.~+/=-]{8,}"), r"\1…"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
    # Mobile numbers, also as +86 138-1234-5678, and landlines with their area code.
    (re.compile(r"(?<!\d)(?:(?:\+|00)86[- ]?)?1[3-9]\d(?:\d{8}|[- ]\d{4}[- ]\d{4})(?!\d)"), "1…"),
    (re.compile(r"(?<![\d-])\(?0\d{2,3}(?:\)\s?|[- ])\d{7,8}(?!\d)"), "0…"),
)
# Monitors ask every few seconds; what they are told is no news.
_QUIET = frozenset({"healthz", "readyz", "metrics"})

logger = logging.getLogger("hengping.request")
Handler = Callable[[HttpRequest], HttpResponse]


def redacted(text: str) -> str:
    """The text without what must not stand in a log."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def request_number() -> str:
    """The number of the request that is answered just now, "-" outside of one."""
    return _request.get()


@contextmanager
def working_on(job_id: int) -> Iterator[None]:
    """Lines written inside name the job."""
    token = _job.set(str(job_id))
    try:
        yield
    finally:
        _job.reset(token)


class Numbered:
    """Gives every request a number, the proxy's where it sends a sane X-Request-ID, tells it in the
    answer, and writes one line: method, URL name, status, time; never the address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        request.META[_NUMBER] = number
        token, began = _request.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = number
            self._tell(request, response, 1000 * (time.perf_counter() - began))
        finally:
            _request.reset(token)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, took: float) -> None:
        match = request.resolver_match
        route = (match.view_name if match else "") or "none"
        if route not in _QUIET:
            logger.info("%s %s %d %.0f ms", request.method, route, response.status_code, took)


class Context(logging.Filter):
    """Every record knows its request and job. Django tells of a refusal when the answer is on its
    way already; such a record brings its request along."""

    def filter(self, record: logging.LogRecord) -> bool:
        meta = getattr(getattr(record, "request", None), "META", {})
        record.request_number = meta.get(_NUMBER) or _request.get()
        record.job = _job.get()
        return True


class Line(logging.Formatter):
    """One line of text; the traceback of an error follows it."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime} {levelname} {name} [{request_number} {job}]: {message}", style="{"
        )

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class Json(JsonFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{request_number}{job}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger",
                           "request_number": "request"},
            json_ensure_ascii=False,
        )  # fmt: skip

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
