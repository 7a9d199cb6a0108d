"""Charts are put together once and filled: every slot, in every combination of layers."""

import json
import re
from itertools import product

import pytest
from django.utils.translation import override

from core.charts import Point, Row, dotplot, quantdots, trend
from core.charts.skeleton import filled, slot
from core.templatetags.ui import chart_rows

ROWS = [Row("南京路店", 80.25, 78.0, 82.5, 120, True), Row("B", 70.0, 66.0, 74.0, 90),
        Row("C", 60.0, 50.0, 70.0, 12), Row("D", None, None, None, 3)]  # fmt: skip
POINTS = [Point("1", 80.0, 78.0, 82.0, 50), Point("2", 81.0, 70.0, 92.0, 8),
          Point("3", None, None, None, 2)]  # fmt: skip


def _made() -> list[dict]:
    found = []
    for count, reference in product(range(len(ROWS) + 1), (None, 75.0)):
        chart = dotplot(ROWS[:count], summary="", reference=reference, reference_label="all")
        found.append(chart.spec)
    for count, target, reference, unit in product(
        range(len(POINTS) + 1), (None, 85.0), ((), (70.0, None, None)), ("", "%")
    ):
        found += [
            trend(POINTS[:count], summary="", target=target, reference=reference, unit=unit,
                  reference_label=label).spec
            for label in ("", "peers")
        ]  # fmt: skip
    for bands, mean in product(({}, {0: 1, 90: 1}, {0: 5}, {70: 3, 80: 4}), (None, 77.7)):
        found.append(quantdots(bands, width=10, mean=mean, summary="").spec)
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_slot_of_every_chart_is_filled(language: str, settings) -> None:
    settings.CHECK_CHARTS = True  # what is no Vega-Lite fails
    with override(language):
        specs = _made()
    assert len(specs) == 82
    for spec in specs:
        assert not re.search("[\\ue000]|ue000", json.dumps(spec, ensure_ascii=False))
        named = set(re.findall(r'"data": \{"name": "(\w+)"\}', json.dumps(spec)))
        assert named <= set(spec["datasets"])


def test_one_chart_says_nothing_of_the_one_before() -> None:
    first = trend(POINTS[:1], summary="", target=90.0, target_label="first", unit="a").spec
    text = json.dumps(first)
    second = trend(POINTS[1:2], summary="", target=60.0, target_label="second", unit="b").spec
    assert json.dumps(first) == text
    assert "first" not in json.dumps(second)
    assert second["datasets"]["target"] == [{"label": "2", "target": 60.0}]
    assert [row["label"] for row in second["datasets"]["rows"]] == ["2"]


def test_words_of_a_chart_are_those_of_the_reader() -> None:
    with override("en"):
        assert '"95 % interval"' not in json.dumps(trend(POINTS, summary="").spec)
        assert '"title": "Value"' in json.dumps(trend(POINTS, summary="").spec)
    with override("zh-hans"):
        assert '"title": "Value"' not in json.dumps(trend(POINTS, summary="").spec)


def test_a_slot_without_a_value_is_an_error_and_a_value_is_never_a_slot() -> None:
    with pytest.raises(KeyError):
        filled({"title": slot("title")}, {}, height=1)
    made = filled({"title": slot("title")}, {"title": slot("other")}, height=1)
    assert made["title"] == slot("other")


def test_the_table_says_each_number_and_escapes_what_it_is_given() -> None:
    chart = dotplot([ROWS[0], Row("<b>&", None, None, None, 3)], summary="")
    assert chart_rows(chart) == (
        '<tr><th scope="row">南京路店</th><td class="num">80.2</td>'
        '<td class="num">78.0–82.5</td><td class="num">120</td></tr>\n'
        '<tr><th scope="row">&lt;b&gt;&amp;</th><td class="num">–</td>'
        '<td class="num">–</td><td class="num">3</td></tr>'
    )
    assert chart_rows(dotplot([], summary="")) == ""
