"""The explore notebooks in a real JupyterLab and Chromium: run, turned by keyboard, read, saved without what they show."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chromium import QUIET

ROOT = Path(__file__).parents[2]
TOKEN = "only-for-this-test"
SWITCHES = [*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
LONG = 150_000  # ms: a kernel on a busy machine; nothing here is held to a time


def options_of_make_lab(root: Path) -> list[str]:
    """What `make lab` gives to JupyterLab, so that what is tried is what is said."""
    recipe = re.search(r"/bin/jupyter lab (.*?)\$\(LAB_OPTIONS\)", (ROOT / "Makefile").read_text(), re.DOTALL)[1]
    return shlex.split(recipe.replace("\\\n", " ").replace("$(CURDIR)", str(root)))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """Copies of the explore notebooks beside the bundled year."""
    place = tmp_path_factory.mktemp("lab")
    (place / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("explore_*.ipynb"):
        shutil.copy(notebook, place / "notebooks")
    (place / "data").symlink_to(ROOT / "data")
    return place


@pytest.fixture(scope="module")
def server(lab, program, workplace, tmp_path_factory):
    program("chromium")
    own = tmp_path_factory.mktemp("jupyter")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        name: str(own / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    }  # fmt: skip
    environment |= {"PYTHONPATH": str(ROOT), "PATH": f"{lab}{os.pathsep}{os.environ['PATH']}"}
    more = ["--no-browser", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    with (own / "log").open("w") as log:
        running = subprocess.Popen(
            [lab / "jupyter", "lab", *options_of_make_lab(workplace), *more],
            env=environment, stdout=log, stderr=log, cwd=workplace, start_new_session=True,
        )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert running.poll() is None, (own / "log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/lab"
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="module")
def browser(server):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield browser
        browser.close()


def run_all(page) -> None:
    """Run every cell; asked once more where JupyterLab, not yet connected to its kernel, lets the first time pass."""
    for _ in range(10):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        for _ in range(50):
            page.wait_for_timeout(100)
            if page.locator(".jp-Dialog").count():
                page.locator(".jp-Dialog .jp-mod-accept").click()
                break
            if any(
                prompt.strip() != "[ ]:"
                for prompt in page.locator(".jp-InputPrompt").all_inner_texts()
                if prompt.strip()
            ):
                return


def opened(browser, server, name):
    """A notebook, run from top to bottom, once its desk is there; what the page asked and said is kept."""
    page = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("websocket", lambda socket: page.asked.append(socket.url))
    page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    # A workspace of its own: what another test left open is not opened again.
    page.goto(f"{server}/workspaces/{name}/tree/notebooks/{name}.ipynb?token={TOKEN}")
    page.locator(".jp-NotebookPanel-toolbar").wait_for(timeout=LONG)
    idle = page.locator("#jp-main-statusbar").get_by_text("| Idle")
    idle.wait_for(timeout=LONG)
    run_all(page)
    page.locator(".appraisal").wait_for(timeout=LONG)
    idle.wait_for(timeout=LONG)
    return page


def stayed_at_home(page) -> None:
    hosts = {urlsplit(url).hostname for url in page.asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    assert page.said == []


def press(page, label: str, key: str) -> None:
    """Turn a control by the keyboard alone."""
    slider = page.locator(".appraisal .widget-slider").filter(has_text=label).locator(".noUi-handle")
    slider.focus()
    page.keyboard.press(key)


def saved_cells(page, notebook: Path) -> list[dict]:
    """The cells of a notebook as they lie on the disk after it was saved."""
    before = notebook.stat().st_mtime_ns
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.locator('.lm-Menu-item[data-command="docmanager:save"]').click()
    text = ""
    for _ in range(100):
        # The server empties the file before it writes it.
        text = notebook.read_text(encoding="utf-8") if notebook.stat().st_mtime_ns != before else ""
        if text.endswith("}\n"):
            break
        page.wait_for_timeout(100)
    saved = json.loads(text)
    assert "widgets" not in saved["metadata"]
    return [cell for cell in saved["cells"] if cell["cell_type"] == "code"]


def test_cutoffs_are_turned_by_keyboard_and_tiers_follow(browser, server, workplace, tmp_path):
    page = opened(browser, server, "explore_cutoffs")
    desk = page.locator(".appraisal")
    assert "與規則文件相同" in desk.inner_text()
    assert "等次改變的部門：0個" in desk.inner_text()
    press(page, "最佳止於", "ArrowRight")
    desk.get_by_text("探索·非正式結果：最佳止於第4名", exact=True).wait_for(timeout=LONG)
    desk.get_by_text("等次改變的部門：3個").wait_for(timeout=LONG)
    assert desk.locator("img").count() == 1
    for _ in range(3):  # four and a wildcard are five; the window of advanced cannot end at four
        press(page, "先進止於", "ArrowLeft")
    press(page, "先進止於", "ArrowLeft")
    desk.get_by_text("不能這樣選：最佳連同增補名次止於第5名，超出先進的第4名。").wait_for(timeout=LONG)
    press(page, "先進止於", "ArrowRight")
    desk.get_by_text("探索·非正式結果：最佳止於第4名；先進止於第5名", exact=True).wait_for(timeout=LONG)
    desk.get_by_text("各條界線").wait_for(timeout=LONG)
    page.screenshot(path=tmp_path / "explore_cutoffs.png")
    cells = saved_cells(page, workplace / "notebooks" / "explore_cutoffs.ipynb")
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    stayed_at_home(page)


def test_a_department_is_looked_at_and_ballots_are_left_out(browser, server, workplace, tmp_path):
    page = opened(browser, server, "explore_anomalies")
    desk = page.locator(".appraisal")
    desk.get_by_text("打分寬嚴").first.wait_for(timeout=LONG, state="attached")
    # By the keyboard: the letters of a list's entry, as a reader of a screen would.
    desk.get_by_label("部門", exact=True).focus()
    page.keyboard.press("End")
    last = desk.get_by_label("部門", exact=True).locator("option").last.inner_text().partition("　")[2]
    desk.get_by_role("heading", name=last, exact=True).wait_for(timeout=LONG)
    desk.get_by_text(f"{last}：各項得分與本類別比較").wait_for(timeout=LONG)
    assert desk.locator("img").count() == 3
    desk.get_by_label("略去考評員", exact=True).select_option(index=[0, 1, 2])
    desk.get_by_text("略去綜合服務部門 A、綜合服務部門 B、綜合服務部門 C").first.wait_for(timeout=LONG)
    desk.get_by_text("等次改變的部門").first.wait_for(timeout=LONG)
    desk.get_by_label("檢驗", exact=True).select_option(label="打分寬嚴")
    desk.get_by_text("誤報率不超過0.05；打分寬嚴").first.wait_for(timeout=LONG)
    page.screenshot(path=tmp_path / "explore_anomalies.png")
    cells = saved_cells(page, workplace / "notebooks" / "explore_anomalies.ipynb")
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    stayed_at_home(page)
