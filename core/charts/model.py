"""A chart: its specification, the table with the same numbers, and its static picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
from altair.utils import schemapi
from django.conf import settings

from core.charts.theme import DARK, THEME

schemapi.disable_debug_mode()  # no check of every part while it is made; the whole is checked below

# Debian's and Alpine's places of a font with Chinese; without one Chinese labels stay boxes.
_FONT_FOLDERS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto", "/usr/share/fonts")
NARROW = 330  # points: a static picture for a phone or half a page
WIDE = 560


@dataclass(frozen=True)
class Column:
    """A column of the table beside a chart; numbers stand right."""

    title: str
    number: bool = True


@dataclass(frozen=True)
class Chart:
    """`spec` is a Vega-Lite object of width "container"; `columns` and `rows` hold the same
    numbers as texts; `summary` says in a sentence what the picture shows."""

    spec: dict[str, Any]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    summary: str
    dark: dict[str, Any] = field(default_factory=lambda: DARK)

    def svg(self, width: int = WIDE) -> str:
        """The chart as a static SVG document of this width in points."""
        import vl_convert

        _register_fonts()
        spec = {**self.spec, "width": width}
        return vl_convert.vegalite_to_svg(spec, vl_version="6.4")

    def png(self, width: int = WIDE, scale: float = 2) -> bytes:
        """The chart as a PNG picture, `scale` pixels a point."""
        import vl_convert

        _register_fonts()
        spec = {**self.spec, "width": width}
        return vl_convert.vegalite_to_png(spec, vl_version="6.4", scale=scale)


def finished(chart: alt.TopLevelMixin | dict[str, Any], **config: Any) -> dict[str, Any]:
    """The specification of a chart (or the one given) with the theme; `config` goes over it.

    It is checked against the schema of Vega-Lite in development and in tests: the check takes
    longer than everything else a page with charts does."""
    if isinstance(chart, dict):
        spec = dict(chart)
        if settings.CHECK_CHARTS:
            alt.LayerChart.from_dict(spec, validate=True)
    else:
        spec = chart.to_dict(validate=settings.CHECK_CHARTS)
    spec["config"] = {**THEME, **config}
    return spec


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    import vl_convert

    for folder in _FONT_FOLDERS:
        if Path(folder).is_dir():
            vl_convert.register_font_directory(folder)
            return
