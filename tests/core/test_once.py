"""A question is asked once while a page is shown, and every time otherwise."""

from core.once import once, remembering


def test_outside_a_page_every_question_is_asked():
    asked = []
    for _turn in range(2):
        once("k", lambda: asked.append("asked"))
    assert asked == ["asked", "asked"]


def test_inside_a_page_it_is_asked_once_and_forgotten_afterwards():
    answers = iter((1, 2, 3))
    with remembering():
        assert [once("k", lambda: next(answers)), once("k", lambda: next(answers))] == [1, 1]
        assert once("other", lambda: next(answers)) == 2
    with remembering():
        assert once("k", lambda: next(answers)) == 3
