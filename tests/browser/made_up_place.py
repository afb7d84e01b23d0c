"""A hub over the home that is made up, and how tests look at its pages."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.made_up import MadeUp
from tests.hub_process import HubProcess

# What of a chart's words lies over other words or is cut; which tables are wider than their box.
CHARTS = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
  const own = plot.getBoundingClientRect();
  const words = '.legend, [class^=g-x] text, [class^=g-y] text, .annotation-text';
  const boxes = [...plot.querySelectorAll(words)].filter(e => e.textContent.trim())
    .map(e => ({name: e.textContent.trim(), ...e.getBoundingClientRect().toJSON()}));
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const ticks = [...plot.querySelectorAll('[class$=tick] text')]
    .map(e => ({name: `tick ${e.textContent}`, ...e.getBoundingClientRect().toJSON()}));
  const onTicks = boxes.flatMap(a => ticks.filter(b => meet(a, b))
    .map(b => `${a.name} on ${b.name}`));
  const areas = [...plot.querySelectorAll('.nsewdrag')].map(e => e.getBoundingClientRect());
  const onPlots = [...plot.querySelectorAll('[class^=g-x] text, [class^=g-y] text')]
    .filter(e => areas.some(area => meet(area, e.getBoundingClientRect())))
    .map(e => `${e.textContent} on a plot`);
  const over = boxes.flatMap((a, n) => boxes.slice(n + 1).filter(b => meet(a, b))
    .map(b => `${a.name} over ${b.name}`));
  const cut = boxes.filter(b => b.left < own.left - 1 || b.right > own.right + 1
      || b.top < own.top - 1 || b.bottom > own.bottom + 1).map(b => `${b.name} is cut`);
  return [...over, ...onTicks, ...onPlots, ...cut];
})"""
WIDER = """() => [...document.querySelectorAll('.table-wrap, .wide')]
  .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.innerText.slice(0, 60))"""


class Place:
    """A hub over a home that is made up, and what is in it."""

    def __init__(self, hub: HubProcess, home: Path, hunts: MadeUp) -> None:
        self.hub, self.home, self.hunts = hub, home, hunts
        self.url, self.link = hub.url, hub.link


def drawn(page: Page, name: str) -> Any:
    """Scroll to a chart of the hunt page and wait until it shows what there is now."""
    card = page.locator(f"[data-figure={name}]")
    card.scroll_into_view_if_needed()
    expect(card).not_to_have_attribute("aria-busy", "true", timeout=30_000)
    return card


def show(page: Page, place: Place, hunt: str) -> None:
    """Open the hunt page at one of its hunts."""
    page.goto(place.link)
    expect(page.locator("#hunts-table tbody tr")).to_have_count(5)
    page.select_option("#hunt-choice", hunt)
