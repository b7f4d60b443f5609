"""Working a page with the keyboard alone, as somebody does who cannot use a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, TimeoutError

NAME = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const said = e.labels && e.labels.length ? [...e.labels].map((l) => l.textContent).join(" ") : e.textContent;
  return `${e.getAttribute("aria-label") || ""} ${said} [${e.name || ""}]`.replace(/\\s+/g, " ").trim();
}"""
SHOWS = """() => {
  const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
  const ring = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
  return ring && b.width > 0 && b.bottom > 0 && b.top < innerHeight;
}"""
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
MOST = 150


def focused(page: Page) -> str:
    """The name of what has the focus: its label or text, and its field's name in brackets."""
    said: str = page.evaluate(NAME)
    return said


def _see(page: Page, name: str) -> None:
    """Wait until the focus can be seen: pages scroll to it smoothly."""
    try:
        page.wait_for_function(SHOWS, timeout=5_000)
    except TimeoutError as never:
        raise AssertionError(f"The focus on “{name}” is not visible.") from never


def tab_to(page: Page, words: str, *, back: bool = False) -> None:
    """Press Tab until what has the focus is called so; its focus must be visible then."""
    met: list[str] = []
    for _ in range(MOST):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        name = focused(page)
        met.append(name[:60])
        if words.lower() in name.lower():
            _see(page, name)
            return
    raise AssertionError(f"No “{words}” by Tab; met {met}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    """Go to something by Tab and press it; waits for the page that follows."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press(key)
    settle(page)


def follow(link: Locator) -> None:
    """Press Enter on a link; waits for the page or the part of it that follows."""
    with link.page.expect_navigation():
        link.press("Enter")
    settle(link.page)


def settle(page: Page) -> None:
    """Wait until the browser has put the focus where the address's fragment says: when it draws after loading."""
    page.wait_for_load_state()
    page.evaluate(DRAWN)
