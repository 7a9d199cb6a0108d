"""Printed pages: HTML and a style sheet of the repository become a PDF by WeasyPrint."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError


class PrintingMissing(DomainError):
    """The libraries that lay out a PDF are not installed on this machine."""

    status = 503
    code = "printing_missing"


@lru_cache(maxsize=1)
def is_available() -> bool:
    """Whether PDFs can be made: WeasyPrint needs the system's Pango libraries."""
    try:
        import weasyprint  # noqa: F401
    except OSError:  # raised by cffi when a shared library is missing
        return False
    return True


def pdf(html: str, *, sheet: str = "css/pack.css") -> bytes:
    """The page as a PDF. `sheet` lies under static/. Raises PrintingMissing, saying what to
    install, where Pango is missing."""
    if not is_available():
        raise PrintingMissing(
            _(
                "PDFs need the Pango libraries on the server: install the packages libpango-1.0-0"
                " and libpangoft2-1.0-0 (and fonts-noto-cjk for Chinese), then start again."
            )
        )
    import weasyprint

    style = weasyprint.CSS(filename=str(settings.BASE_DIR / "static" / sheet))
    document = weasyprint.HTML(string=html, url_fetcher=_nothing_from_outside)
    made: bytes = document.write_pdf(stylesheets=[style])
    return made


def _nothing_from_outside(url: str) -> dict[str, object]:
    """A printed page holds everything itself: no file or address is ever opened for it."""
    raise ValueError(f"A printed page may not load {url}.")
