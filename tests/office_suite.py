"""LibreOffice as tests drive it: headless, with a profile of its own and the fonts of the package."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from appraisal.reporting import fonts

FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML", "pdf": "pdf"}


def converted(program: str, files: Iterable[Path], to: str, folder: Path) -> list[Path]:
    """Open files and save or print them as `to` (docx, xlsx, pdf) into `folder`."""
    files = list(files)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "fonts.conf"
    known = "".join(f"<dir>{place}</dir>" for place in (Path(fonts.__file__).parent, "/usr/share/fonts"))
    config.write_text(f"<?xml version='1.0'?><fontconfig>{known}<cachedir>{folder}/cache</cachedir></fontconfig>")
    words = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*words, "--convert-to", FILTERS[to], "--outdir", str(folder), *map(str, files)],
        env=os.environ | {"FONTCONFIG_FILE": str(config), "HOME": str(folder)},
        check=True,
        capture_output=True,
        timeout=240,
    )
    return [folder / f"{file.stem}.{to}" for file in files]
