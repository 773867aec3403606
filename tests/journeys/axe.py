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
OPTIONS = {"resultTypes": ["violations"]}


def findings_in_both_schemes(page: Page) -> list[str]:
    """Look at a page in light and in dark, without opening it twice."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in findings(page)]
    return found


def findings(page: Page) -> list[str]:
    """Return one line for each thing that axe finds wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate(RUN, OPTIONS)
    return [f"{page.url}: {json.dumps(one, ensure_ascii=False)}" for one in found]
