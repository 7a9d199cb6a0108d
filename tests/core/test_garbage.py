"""The collector rests during large work, and is always woken."""

import gc

import pytest

from core.garbage import resting


def test_the_collector_rests_and_wakes_after_a_fault_too() -> None:
    @resting()
    def work(fails: bool) -> None:
        assert not gc.isenabled()
        with resting():
            assert not gc.isenabled()
        assert not gc.isenabled()
        if fails:
            raise ZeroDivisionError

    work(False)
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        work(True)
    assert gc.isenabled()


def test_one_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        with resting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
