"""Small questionnaires and batches for tests of the cleaning checks."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np

from surveys.cleaning.rules import ruleset
from surveys.cleaning.rules.batch import Batch, Links
from surveys.cleaning.rules.completeness import Window
from surveys.cleaning.rules.form import Form
from surveys.rules.questionnaires import Question

CONTENT = Path(ruleset.__file__).parents[2] / "content" / "cleaning"
RULES = ruleset.parse(json.loads((CONTENT / "default.json").read_text(encoding="utf-8")))
DAY = 86_400.0
WINDOW = Window(0.0, 30 * DAY)


def question(code, kind="rating", dimension="d1", **more):
    scale = {"rating": (1, 5), "nps": (0, 10)}.get(kind)
    values = {
        "weight": Decimal(1),
        "scale": scale,
        "required": kind != "text",
        "reverse": False,
        "attention": False,
        "instructed": None,
        "accountable": None,
        "text_zh": "问",
        "text_en": "ask",
        "options": (),
        "allow_na": False,
        "construct": "driver" if dimension and kind == "rating" else None,
        "fact": None,
        "max_length": None,
    }
    own = dimension if kind == "rating" else None
    return Question(code=code, type=kind, dimension=own, **(values | more))


def form(*questions, stage=None):
    return Form(questions, stage)


def batch(form_, rows, *, choices=None, **facts):
    """Rows of numeric answers (None = empty, "na" = not applicable) in the order of the form."""
    n = len(rows)
    numeric = [q.code for q in form_.numeric]
    values = np.array(
        [[np.nan if x in (None, "na") else x for x in row] for row in rows], dtype=np.float64
    ).reshape(n, len(numeric))
    choices = {code: np.array(codes, dtype=object) for code, codes in (choices or {}).items()}
    answered = np.zeros((n, len(form_.questions)), dtype=bool)
    for i, q in enumerate(form_.questions):
        if q.code in numeric:
            at = numeric.index(q.code)
            answered[:, i] = [row[at] is not None for row in rows]
        elif q.code in choices:
            answered[:, i] = [code is not None for code in choices[q.code]]
    return Batch(
        values=values,
        answered=answered,
        choices=choices,
        seconds=np.array(facts.get("seconds", [300.0] * n), dtype=np.float64),
        submitted=np.array(facts.get("submitted", [DAY] * n), dtype=np.float64),
        mode=np.array(facts.get("mode", ["online"] * n), dtype=str),
        preview=np.array(facts.get("preview", [False] * n), dtype=bool),
        stage=np.array(facts.get("stage", [""] * n), dtype=str),
    )


def links(n, **facts):
    none = Links.none(n)
    return Links(
        kept=np.array(facts.get("kept", none.kept), dtype=object),
        device_uses=np.array(facts.get("device_uses", none.device_uses), dtype=np.int64),
        network=np.array(facts.get("network", none.network), dtype=np.int64),
        staff=np.array(facts.get("staff", none.staff), dtype=object),
        reachable=np.array(facts.get("reachable", [True] * n), dtype=bool),
        text_uses=np.array(facts.get("text_uses", none.text_uses), dtype=np.int64),
        expected={
            code: np.array(codes, dtype=object) for code, codes in facts.get("expected", {}).items()
        },
    )


def hits(finding):
    return [int(level) for level in finding.level]


def was_tested(finding):
    return [bool(flag) for flag in finding.tested]
