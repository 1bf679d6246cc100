"""Make the screenshots of the README anew: ``make pictures``.

What they show is the bundled year 2003, which is made up, and says so. No ballot is in the picture of the desk.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LONG = 180_000  # ms: a kernel on a busy machine
COLOURS = 128  # of the picture's own palette: text and flat areas, small enough for a repository


def keep(picture: bytes, name: str) -> None:
    """Write a screenshot with a small palette."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    image.save(DOCS / name, optimize=True)


def picture_report(browser: Browser, place: Path) -> None:
    """The first screen of the leadership's page."""
    subprocess.run(
        [Path(sys.executable).parent / "appraisal", "report", "2003", "--reports", place], check=True, cwd=ROOT
    )
    page = browser.new_page(viewport={"width": 1180, "height": 1080})
    page.goto((place / "2003" / "annual_report.html").as_uri())
    keep(page.screenshot(clip={"x": 0, "y": 0, "width": 1180, "height": 1080}), "report.png")


def picture_desk(browser: Browser, lab: Path, place: Path) -> None:
    """The desk of the cutoffs with one cutoff moved by a place."""
    token = secrets.token_hex()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(place / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    # The notebook is a copy: opened in place, JupyterLab would write into it.
    (place / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "explore_cutoffs.ipynb", place / "notebooks")
    (place / "data").symlink_to(ROOT / "data")
    running = subprocess.Popen(
        [lab / "jupyter", "lab", *options, f"--ServerApp.root_dir={place}", f"--IdentityProvider.token={token}"],
        env=os.environ | own | {"PATH": f"{lab}{os.pathsep}{os.environ['PATH']}"},
        cwd=place,
    )
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if running.poll() is not None:
                raise SystemExit("JupyterLab did not start")
            time.sleep(0.2)
        page = browser.new_page(viewport={"width": 1400, "height": 2400})
        page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/explore_cutoffs.ipynb?token={token}")
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=LONG)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        page.locator(".appraisal").wait_for(timeout=LONG)
        page.locator(".appraisal .widget-slider .noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(8_000)
        desk = page.locator(".jp-OutputArea-output").last.bounding_box()
        keep(page.screenshot(clip=desk | {"height": 1020}), "explore.png")
    finally:
        running.terminate()
        running.wait(20)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        picture_report(browser, Path(folder) / "reports")
        picture_desk(browser, Path(sys.argv[1]).resolve(), Path(folder))
