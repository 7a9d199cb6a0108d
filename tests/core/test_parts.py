"""What the component partials show: places on the curve, tones of the heat table, badges."""

import pytest

from core.badges import STATES, UNKNOWN, look
from core.icons import icon
from core.parts import Curve, HeatCell, Trace, Witness, with_columns
from core.templatetags.ui import state
from dashboards.queries.styleguide_parts import STATE_ENUMS


def test_the_curve_goes_from_floor_to_target_good_to_the_right():
    assert Curve(92.0, 85, 95, 81.2, 96.8).point == (66.7, 13.0)
    assert Curve(48, 120, 30, 36, 62).point == (72.1, 11.0), "low is good: mirrored"
    assert Curve(92.0, 85, 95, 81.2, 96.8).bar == (8.8, 92.4)
    assert Curve(200, 0, 100).point == (110.0, 7.0), "beyond the target it stays at the edge"
    assert Curve(None, 0, 100).point is None
    assert Curve(5, 0, 100).bar is None
    assert Curve(5, 5, 5).point == (82.8, 7.0)


@pytest.mark.parametrize(
    ("cell", "tone"),
    [
        (HeatCell(None), "qx"),
        (HeatCell(80.0), "q0"),
        (HeatCell(80.0, 4.0, -0.1, 8.1), "q0"),
        (HeatCell(80.0, 4.9, 0.1, 9.0), "q2"),
        (HeatCell(80.0, 5.0, 0.1, 9.0), "q3"),
        (HeatCell(80.0, -4.0, -8.0, -0.1), "q-2"),
        (HeatCell(80.0, -9.0, -12.0, -6.0), "q-3"),
    ],
)
def test_colour_only_where_the_interval_excludes_zero(cell, tone):
    assert cell.tone == tone


def test_evidence_stands_under_its_columns():
    columns = [Witness("this"), Witness("usual", reference=True)]
    (row,) = with_columns([Trace("time", [("48 s", True), ("2 min", False)])], columns)
    assert row["cells"] == [(columns[0], "48 s", True), (columns[1], "2 min", False)]
    with pytest.raises(ValueError, match="zip"):
        with_columns([Trace("time", [("48 s", True)])], columns)


@pytest.mark.parametrize("tone_icon", sorted(set(STATES.values())))
def test_every_badge_has_a_tone_and_an_icon_that_exists(tone_icon):
    tone, glyph = tone_icon
    assert tone in {"", "a", "g", "w", "r"}
    assert icon(glyph)


def test_unknown_states_are_grey_and_labels_escaped():
    assert look("never heard of") == UNKNOWN
    assert "&lt;b&gt;" in state("done", "<b>")


def test_every_state_of_the_style_sheet_has_values():
    assert all(enum.values for _title, enum in STATE_ENUMS)
