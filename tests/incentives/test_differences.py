"""The difference of two payroll months: every fen has its cause, and the causes add up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.differences import Month, Part, Pay, differences

D = Decimal


def pay(amount: str, base: str = "2000.00", k: str = "1.0", present: int = 20, **more: bool) -> Pay:
    return Pay(D(amount), D(base), D(k), D(present), D(20), **more)


def test_each_cause_has_its_share() -> None:
    before = Month(
        {
            1: pay("2000.00"),
            2: pay("2000.00"),
            3: pay("2000.00"),
            4: pay("1600.00", k="0.8", left_by_now=True),
            5: pay("2000.00"),
        },
        awards=D("800.00"),
    )
    now = Month(
        {
            1: pay("2400.00", k="1.2"),
            2: pay("1600.00", k="0.8"),
            3: pay("2375.00", base="2500.00", present=19),
            6: pay("1000.00", hired_here=True),
            7: pay("500.00"),
        },
        corrections=D("480.00"),
        recoveries=D("-310.00"),
    )
    assert differences(before, now) == [
        Part("coefficient", D("0.00"), up=1, down=1),
        Part("base", D("500.00"), up=1),
        Part("days", D("-125.00"), down=1),
        Part("joined", D("1000.00"), up=1),
        Part("left", D("-1600.00"), down=1),
        Part("started", D("500.00"), up=1),
        Part("stopped", D("-2000.00"), down=1),
        Part("corrections", D("480.00"), up=1),
        Part("awards", D("-800.00"), down=1),
        Part("recoveries", D("-310.00"), down=1),
    ]
    assert now.net - before.net == D("-2355.00")


def test_a_share_of_a_pool_is_not_taken_apart() -> None:
    before = Month({1: pay("1000.00", shared=True)})
    now = Month({1: pay("1300.00", k="1.2", shared=True)})
    assert differences(before, now) == [Part("pool", D("300.00"), up=1)]


def test_equal_months_have_no_causes() -> None:
    month = Month({1: pay("2000.00")}, awards=D("5.00"))
    assert differences(month, month) == []


money = st.decimals("-99999.99", "99999.99", places=2)
paid = st.builds(
    Pay,
    amount=st.decimals("0", "99999.99", places=2),
    base=st.decimals("0", "99999.99", places=2),
    coefficient=st.decimals("0", "2", places=4),
    present=st.decimals("0", "23", places=2),
    working=st.decimals("0", "23", places=2),
    shared=st.booleans(),
    hired_here=st.booleans(),
    left_by_now=st.booleans(),
)
month = st.builds(
    Month,
    pay=st.dictionaries(st.integers(1, 6), paid, max_size=6),
    corrections=money,
    awards=money,
    recoveries=money,
    others=money,
)


@given(month, month)
def test_the_parts_add_up_exactly(before: Month, now: Month) -> None:
    parts = differences(before, now)
    assert sum((part.amount for part in parts), D(0)) == now.net - before.net
    assert len({part.cause for part in parts}) == len(parts)
