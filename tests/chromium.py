"""A page opened in the system's Chromium, and everything it asks for or says."""

from __future__ import annotations

# Chromium's own errands are switched off, and no name resolves: what asks for a network is seen and gets nothing.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


def opened(browser, page_file, width=1280, **context):
    page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
    page.said = []
    page.on("request", lambda request: page.said.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(page_file.as_uri())
    page.evaluate("document.fonts.ready")
    return page
