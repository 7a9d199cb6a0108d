"""One look for all charts: ink on paper, one indigo; values of the style sheet (/styleguide/)."""

from __future__ import annotations

from typing import Any

INK, INK_2, LABEL = "#18222E", "#445163", "#5E6B7C"
SUBJECT, OTHERS, FEW, LOW = "#1F4E8C", "#5E6B7C", "#A9B4C0", "#C8641B"
CATEGORY = ["#1F4E8C", "#C8641B", "#1B8A7A", "#8A4B7D", "#A07A00", "#7F8D9D"]
FONT = (
    "HP Latin, Inter Variable, PingFang SC, Microsoft YaHei UI, Noto Sans CJK SC, "
    "Noto Sans SC, sans-serif"
)

THEME: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "padding": {"left": 2, "top": 4, "right": 6, "bottom": 2},
    "view": {"stroke": None, "continuousWidth": 560, "continuousHeight": 240},
    "axis": {
        "domain": False,
        "ticks": False,
        "labelColor": LABEL,
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleColor": LABEL,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "#E8EDF2",
        "gridWidth": 1,
    },
    "axisX": {"grid": False, "titleAnchor": "start", "titlePadding": 8},
    "axisY": {
        "grid": True,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleY": -8,
        "titleX": 0,
    },
    "axisQuantitative": {"tickCount": 5, "labelOverlap": True},
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "labelColor": INK_2,
        "labelFontSize": 12,
        "symbolSize": 70,
        "offset": 6,
    },
    "title": {
        "anchor": "start",
        "fontSize": 14,
        "fontWeight": 600,
        "color": INK,
        "subtitleColor": LABEL,
        "subtitleFontSize": 12,
        "offset": 10,
    },
    "range": {
        "category": CATEGORY,
        "diverging": ["#C8641B", "#F3C9A8", "#EDF1F5", "#A3C1E4", "#1F4E8C"],
        "heatmap": ["#F3F6F9", "#A3C1E4", "#1F4E8C"],
    },
    "point": {"filled": True, "size": 70, "color": SUBJECT, "opacity": 1},
    "line": {"strokeWidth": 2, "color": SUBJECT},
    "rule": {"color": "#7F8D9D", "strokeWidth": 2},
    "area": {"color": SUBJECT, "opacity": 0.14},
    "text": {"color": INK_2, "fontSize": 12},
    # Marks name their colour by a style, so that the dark theme can replace it in one place.
    "style": {
        "subject": {"color": SUBJECT, "fill": SUBJECT, "stroke": SUBJECT},
        "subject-hollow": {
            "color": "#FFFFFF",
            "fill": "#FFFFFF",
            "stroke": SUBJECT,
            "strokeWidth": 2,
            "opacity": 1,
        },
        "subject-line": {"color": SUBJECT, "stroke": SUBJECT, "strokeWidth": 2},
        "subject-band": {"color": SUBJECT, "fill": SUBJECT, "opacity": 0.14},
        "subject-text": {"color": SUBJECT, "fill": SUBJECT, "fontSize": 12, "fontWeight": 600},
        "other": {"color": OTHERS, "fill": OTHERS, "stroke": OTHERS},
        "other-line": {"color": "#B9C2CC", "stroke": "#B9C2CC", "strokeWidth": 4},
        "few": {"color": "#FFFFFF", "fill": "#FFFFFF", "stroke": FEW, "strokeWidth": 2},
        "few-line": {"color": "#DCE2E8", "stroke": "#DCE2E8", "strokeWidth": 4},
        "interval": {"color": SUBJECT, "stroke": SUBJECT, "strokeWidth": 4, "opacity": 0.4},
        "low": {"color": LOW, "fill": LOW, "stroke": LOW},
        "reference": {"color": LABEL, "stroke": LABEL, "strokeWidth": 1, "strokeDash": [3, 3]},
        "note": {"color": LABEL, "fill": LABEL, "fontSize": 12},
        "value": {"color": INK, "fill": INK, "fontSize": 12, "fontWeight": 600},
        "name": {"color": INK, "fill": INK, "fontSize": 12},
    },
}

DARK: dict[str, Any] = {
    "axis": {"labelColor": "#94A2B4", "titleColor": "#94A2B4", "gridColor": "#2B3746"},
    "line": {"color": "#8DB6F2"},
    "point": {"color": "#8DB6F2"},
    "area": {"color": "#8DB6F2", "opacity": 0.2},
    "text": {"color": "#B8C3D0"},
    "title": {"color": "#E8EDF3"},
    "legend": {"labelColor": "#B8C3D0"},
    "range": {"category": ["#8DB6F2", *CATEGORY[1:]]},
    "style": {
        "subject": {"color": "#8DB6F2", "fill": "#8DB6F2", "stroke": "#8DB6F2"},
        "subject-hollow": {"color": "#18212C", "fill": "#18212C", "stroke": "#8DB6F2"},
        "subject-line": {"color": "#8DB6F2", "stroke": "#8DB6F2"},
        "subject-band": {"color": "#8DB6F2", "fill": "#8DB6F2", "opacity": 0.2},
        "subject-text": {"color": "#8DB6F2", "fill": "#8DB6F2"},
        "other": {"color": "#94A2B4", "fill": "#94A2B4", "stroke": "#94A2B4"},
        "other-line": {"color": "#435266", "stroke": "#435266"},
        "few": {"color": "#18212C", "fill": "#18212C", "stroke": "#6B7B8F"},
        "few-line": {"color": "#2B3746", "stroke": "#2B3746"},
        "interval": {"color": "#8DB6F2", "stroke": "#8DB6F2"},
        "low": {"color": "#E59A5E", "fill": "#E59A5E", "stroke": "#E59A5E"},
        "reference": {"color": "#94A2B4", "stroke": "#94A2B4"},
        "note": {"color": "#94A2B4", "fill": "#94A2B4"},
        "value": {"color": "#E8EDF3", "fill": "#E8EDF3"},
        "name": {"color": "#E8EDF3", "fill": "#E8EDF3"},
    },
}
