"""A page opened in the system's Chromium, and everything it asks for or says."""

from __future__ import annotations

# Chromium's own errands are switched off.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# No name resolves: what asks for a network is seen and gets nothing.
SWITCHES = [*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND"]


def opened(browser, page_file, width=1280, **context):
    page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
    page.said = []
    page.on("request", lambda request: page.said.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(page_file.as_uri())
    page.evaluate("document.fonts.ready")
    return page


# What a reader does something with, or scrolls, outside closed folds.
FOCUSABLE = ":is(a[href], [tabindex='0'], summary):visible"

# Every character of the page once in each font stack that shows it, folds and all, where the browser can be asked for it.
SPECIMENS = """() => {
  const shown = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    if (!text) continue;
    const { fontFamily, fontWeight, fontStyle } = getComputedStyle(walker.currentNode.parentElement);
    const stack = JSON.stringify({ fontFamily, fontWeight, fontStyle });
    if (!shown.has(stack)) shown.set(stack, new Set());
    for (const character of text) shown.get(stack).add(character);
  }
  for (const [stack, characters] of shown) {
    const specimen = document.createElement('p');
    specimen.className = 'specimen';
    Object.assign(specimen.style, JSON.parse(stack));
    specimen.textContent = [...characters].join('');
    document.body.append(specimen);
  }
  return Math.max(...[...shown.values()].map(characters => characters.size));
}"""


def fonts_of(page) -> tuple[set[tuple[str, bool]], int]:
    """Fonts that draw the characters of a page, each with whether the page carries it; and how many characters."""
    characters = page.evaluate(SPECIMENS)
    page.evaluate("document.fonts.ready")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    specimens = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": ".specimen"})["nodeIds"]
    used = [session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in specimens]
    page.evaluate("document.querySelectorAll('.specimen').forEach(specimen => specimen.remove())")
    return {(font["familyName"], font["isCustomFont"]) for fonts in used for font in fonts}, characters


def reached_by_keyboard(page) -> list[str]:
    """What each press of the key Tab comes to, from the top to the end of the page: its class, address or element."""
    reached = []
    for _ in range(page.locator(FOCUSABLE).count()):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => {
                  const at = document.activeElement;
                  at.dataset.reached = '';
                  return at.className || at.getAttribute('href') || at.localName;
                }"""
            )
        )
    return reached
