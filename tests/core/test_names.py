"""Names in the order Chinese readers expect."""

import pytest

from core.names import sort_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("张三", "zhang1 san1 张三"),
        ("单田芳", "shan4 tian2 fang1 单田芳"),  # as a word it would be dan1
        ("令狐冲", "ling2 hu2 chong1 令狐冲"),
        ("Ann Li", "ann li Ann Li"),
        ("  李  四 ", "li3 si4 李 四"),
        ("", ""),
    ],
)
def test_the_key_is_the_reading_then_the_name(name: str, key: str) -> None:
    assert sort_key(name).split() == key.split()


def test_equal_readings_stay_together() -> None:
    names = ["周五", "李四", "王二", "张三", "章三", "陈一", "曾六"]
    ordered = ["陈一", "李四", "王二", "曾六", "张三", "章三", "周五"]
    assert sorted(names, key=sort_key) == ordered
