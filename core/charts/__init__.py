"""Charts as Vega-Lite specifications: interactive in the page, static SVG in print, one theme."""

from core.charts.bars import bars
from core.charts.dotplot import Row, dotplot
from core.charts.model import Chart, Column
from core.charts.quantdots import quantdots
from core.charts.strip import strip
from core.charts.theme import CATEGORY
from core.charts.trend import Point, trend
from core.charts.waterfall import Step, waterfall

__all__ = [
    "CATEGORY",
    "Chart",
    "Column",
    "Point",
    "Row",
    "Step",
    "bars",
    "dotplot",
    "quantdots",
    "strip",
    "trend",
    "waterfall",
]
