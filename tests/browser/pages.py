"""What is asked of every page: accessible, nothing that sticks out, the right direction."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST = {"width": 320, "height": 700}

STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  const doc = document.scrollingElement;
  if (doc.scrollWidth <= wide + 1) return [];
  const clipped = (e) => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
    if (getComputedStyle(p).overflowX !== "visible") return true; } return false; };
  return [`page is ${doc.scrollWidth} wide in ${wide}`].concat([...document.body.querySelectorAll("*")]
    .filter((e) => { const b = e.getBoundingClientRect();
      return b.width > 0 && (b.right > wide + 1 || b.left < -1) && !clipped(e); })
    .slice(0, 4).map((e) => `${e.tagName}.${e.className}: ${(e.textContent || "").trim().slice(0, 40)}`));
}"""


@cache
def axe_script() -> str:
    """The checker's source; it runs in the page, from this machine."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page: WCAG 2.2 AA and good practice, or only the named rules."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => null)")  # a page that is still moving is nobody's page
    page.evaluate(axe_script())
    run_only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    options = {"runOnly": run_only, "resultTypes": ["violations"], "preload": False}
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({json.dumps(options)}).then((r) => r.violations)")
    return [f"{v['id']}: {v['help']}: {node['target']} {node['html'][:160]}" for v in found for node in v["nodes"][:4]]


def sticks_out(page: Page) -> list[str]:
    """What makes the page scroll sideways at its present width."""
    found: list[str] = page.evaluate(STICKS_OUT)
    return found
