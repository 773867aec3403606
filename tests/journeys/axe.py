"""What axe finds on a page, at any impact."""

import json
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN = """
async options => {
    // A colour on its way from one scheme to the other is neither's.
    document.getAnimations().forEach(one => one.finish())
    return (await axe.run(options)).violations.flatMap(
        rule => rule.nodes.map(node => [rule.id, rule.impact, node.target, node.failureSummary])
    )
}
"""
# axe counts it among its experiments: what is read on a control is part of its name (WCAG 2.5.3).
VISIBLE_NAMES = {"label-content-name-mismatch": {"enabled": True}}
OPTIONS = {"resultTypes": ["violations"], "rules": VISIBLE_NAMES}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that judge colours: a scheme changes nothing else, as a test of the stylesheet says."""


def findings_in_both_schemes(page: Page) -> list[str]:
    """Look at a page in light, and at its colours in dark, without opening it twice."""
    page.emulate_media(color_scheme="dark")
    found = [f"dark: {one}" for one in findings(page, **COLOURS)]
    page.emulate_media(color_scheme="light")
    return found + [f"light: {one}" for one in findings(page)]


def findings(page: Page, **options: object) -> list[str]:
    """Return one line for each thing that axe finds wrong with a page that has come whole."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate(RUN, OPTIONS | options)
    return [f"{page.url}: {json.dumps(one, ensure_ascii=False)}" for one in found]
