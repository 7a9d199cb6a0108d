"""Rows of a table that is read once."""

from core.tables import Table


def test_taken_rows_are_let_go() -> None:
    table = Table("t", ("a",), [("1",), ("2",), ("3",)])
    taken = table.taken()
    assert next(taken) == ("1",)
    assert len(table.rows) == 2
    assert [*taken] == [("2",), ("3",)]
    assert table.rows == []
