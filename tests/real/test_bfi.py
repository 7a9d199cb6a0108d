"""Cleaning indices and alpha on real answers (bfi) equal R careless, psych and binom."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import stats
from surveys.cleaning.rules import indices
from surveys.cleaning.rules.baseline import Moments

SHARED = Path(__file__).parents[2].parent / "shared"
DATA = SHARED / "data"
SCALES = ["A", "C", "E", "N", "O"]
ITEMS = [f"{scale}{i}" for scale in SCALES for i in range(1, 6)]
REVERSE = [item in {"A1", "C4", "C5", "E1", "E2", "O2", "O5"} for item in ITEMS]


@cache
def answers() -> pd.DataFrame:
    return pd.read_csv(DATA / "bfi" / "bfi.csv")[ITEMS]


@cache
def careless() -> pd.DataFrame:
    return pd.read_csv(DATA / "reference" / "careless_bfi_complete.csv")


def complete_rows() -> np.ndarray:
    rows = pd.read_csv(DATA / "reference" / "careless_bfi_complete_rows.csv")["bfi_row"]
    return answers().to_numpy(dtype=np.float64)[rows.to_numpy() - 1]


def turned(values: np.ndarray) -> np.ndarray:
    return stats.reverse_scored(values, REVERSE, [(1, 6)] * len(ITEMS))


def test_longest_run_equals_longstring():
    np.testing.assert_array_equal(indices.longest_run(complete_rows()), careless()["longstr"])


def test_variability_equals_irv():
    np.testing.assert_allclose(
        indices.variability(complete_rows()), careless()["irv"], rtol=0, atol=1e-6
    )


def test_even_odd_equals_evenodd_with_the_sign_turned():
    five_each = [range(start, start + 5) for start in range(0, 25, 5)]
    found = indices.even_odd(turned(complete_rows()), five_each)
    expected = -careless()["evenodd"].to_numpy(dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6, equal_nan=True)


def test_mahalanobis_equals_mahad():
    values = complete_rows()
    moments = Moments.of(values)
    found = indices.mahalanobis(values, moments.centre, moments.inverse)
    np.testing.assert_allclose(found, careless()["mahad_dsq"], rtol=0, atol=1e-6)
    # R flags at the 99 % point of chi-square with 25 degrees
    flags = found > moments.limit(99.0)
    np.testing.assert_array_equal(flags, careless()["mahad_flag99"].to_numpy(dtype=bool))


@pytest.mark.parametrize(
    ("scale", "letter"),
    [
        ("agree", "A"),
        ("conscientious", "C"),
        ("extraversion", "E"),
        ("neuroticism", "N"),
        ("openness", "O"),
    ],
)
def test_alpha_equals_psych(scale, letter):
    table = pd.read_csv(DATA / "reference" / "cronbach_alpha.csv")
    row = table[(table["scale"] == scale) & (table["mode"] == "complete")].iloc[0]
    own = [i for i, item in enumerate(ITEMS) if item.startswith(letter)]
    values = turned(complete_rows())
    assert len(values) == row["n"]
    assert stats.cronbach_alpha(values[:, own]) == pytest.approx(row["raw_alpha"], abs=1e-6)


def test_wilson_equals_binom():
    table = pd.read_csv(DATA / "reference" / "wilson.csv")
    assert len(table) == 23
    for row in table.itertuples():
        interval = stats.wilson(int(row.x), int(row.n))
        assert interval.low == pytest.approx(row.wilson_lo, abs=1e-9)
        assert interval.high == pytest.approx(row.wilson_hi, abs=1e-9)
