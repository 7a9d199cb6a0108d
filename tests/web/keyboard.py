"""A page without a mouse: what these tests press on it, with the tabulator and the keys alone."""

from __future__ import annotations

from playwright.sync_api import Page

REACH = 160  # presses of the tabulator; further away is as good as out of reach


def tab_to(page: Page, target: str) -> None:
    """Press the tabulator until an element of the selector has the focus."""
    for _press in range(REACH):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", target):
            return
    raise AssertionError(f"{target} cannot be reached by keyboard")


def tick(page: Page, target: str) -> None:
    """Reach a checkbox or a radio button and choose it."""
    tab_to(page, target)
    page.keyboard.press("Space")


def follow(page: Page, target: str) -> None:
    """Reach a link or a button, press Enter, and wait for the page it leads to."""
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, target: str, text: str) -> None:
    """Reach a field and type into it."""
    tab_to(page, target)
    page.keyboard.insert_text(text)


def attach(page: Page, target: str, name: str, content: bytes) -> None:
    """Reach a file field, open its chooser by keyboard and choose a file."""
    with page.expect_file_chooser() as chooser:  # before the way there: it is asked for in passing
        tab_to(page, target)
        page.keyboard.press("Space")
    chooser.value.set_files([{"name": name, "mimeType": "text/plain", "buffer": content}])
