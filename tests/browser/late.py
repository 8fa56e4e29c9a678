"""What an answer that comes late does to a screen that stands already."""

from tests.browser.tablet import Tablet

ANSWERED_LATE = """
{
  const plain = fetch;
  window.fetch = async (...given) => { const found = await plain(...given); await window.__waiting; return found; };
}
"""
"""An init script: every answer waits while there is a `__waiting`, until `__answer()`."""
REMEMBERED = """
() => {
  window.__stood = [...document.querySelectorAll(":is(main, header, footer) :is(a, button, input, select, textarea)")]
    .map((each) => [each, (each.ariaLabel || each.innerText || each.labels?.[0]?.innerText || each.id).trim()]);
  return window.__stood.length;
}
"""
TAKEN_AWAY = """
() => {
  const now = [...document.querySelectorAll(":is(a, button, input, select, textarea)")]
    .map((each) => (each.ariaLabel || each.innerText || each.labels?.[0]?.innerText || each.id).trim());
  return window.__stood.filter(([each, name]) => !each.isConnected && now.includes(name)).map(([, name]) => name);
}
"""
"""What stood there, and stands there again as another: a finger or the keyboard was on what is gone."""


def answer_late(tablet: Tablet) -> None:
    """From the next page on, answers can be made to wait."""
    tablet.context.add_init_script(ANSWERED_LATE)


def replaced(tablet: Tablet, screen: str) -> tuple[int, list[str]]:
    """Opens a screen while no answer comes, then lets all come: how many things stood there, and which of them are
    others of the same name now."""
    tablet.state("window.__waiting = new Promise((go) => { window.__answer = go; }); 0")
    tablet.state(f"location.hash = '#/{screen}'")
    tablet.page.wait_for_timeout(300)
    stood: int = tablet.state(REMEMBERED)
    tablet.state("window.__waiting = undefined; window.__answer()")
    tablet.page.wait_for_timeout(500)
    return stood, [f"{screen}: {name}" for name in tablet.state(TAKEN_AWAY)]
