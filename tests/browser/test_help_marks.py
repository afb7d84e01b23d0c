"""Help marks in a real browser: by the keyboard, on a phone, to the documentation."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Finished, Watched

pytestmark = pytest.mark.browser


def test_a_mark_opens_by_the_keyboard_on_a_phone_and_leads_to_the_documentation(
    open_page: Callable[..., Watched], finished: Finished
) -> None:
    page = open_page(width=380).page
    page.goto(f"{finished.url}/components")
    expect(page.get_by_role("button", name="Help: Generations")).to_be_visible()
    page.goto(finished.link)
    gauge = page.locator("#reading-gauges").get_by_role("button", name="Help: H-norm")
    mark = page.get_by_role("button", name="Help: LAST SSE (FIDELITY)")
    told = page.locator(".help-text:popover-open")
    for button, text in ((gauge, "Stability: how far"), (mark, "Fidelity: how far")):
        button.focus()
        page.keyboard.press("Enter")
        expect(told).to_contain_text(text)
        assert button.evaluate("node => getComputedStyle(node).width") == "24px"
        box = told.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 380
        page.keyboard.press("Escape")
        expect(told).to_have_count(0)
        expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs/metrics.html#log_prime_sse-fidelity")
    expect(page.locator("#log_prime_sse-fidelity")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    page.goto(f"{finished.url}/docs/")
    page.get_by_role("link", name="Files", exact=True).click()
    page.wait_for_url("**/docs/reference/files.html")
    expect(page.locator("h1")).to_have_text("Files")
