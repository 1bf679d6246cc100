"""`appraisal doctor`: what it finds of this machine, and that it can find something amiss."""

from __future__ import annotations

import datetime
import json
import shutil
from types import SimpleNamespace

import years
from click.testing import CliRunner

from appraisal.cli import main
from appraisal.office import doctor


def test_this_machine_can_make_a_report(tmp_path):
    years.write_year(tmp_path / "data" / "2003", None, years.rulebook({"lang": '"zh-Hant"'}))
    result = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path / "data"), "--reports", str(tmp_path / "r")])
    assert result.exit_code == 0, result.output
    assert "正常 筆記本可以運行：6 × 7 = 42" in result.output
    assert len(result.output.splitlines()) == 9


def test_a_fault_of_one_trial_is_its_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    monkeypatch.setattr(doctor, "_kernel", lambda: (_ for _ in ()).throw(OSError("no kernel")))
    monkeypatch.setattr(doctor, "_versions", lambda _lang: doctor._python())
    archive = tmp_path / "2003" / ".versions" / "index.json"
    archive.parent.mkdir(parents=True)
    entry = {"version": "x", "published": "2999-01-01T00:00:00+00:00", "archive": "", "result": "", "inputs": {}}
    archive.write_text(json.dumps([entry]), encoding="utf-8")
    found = {finding.name: finding for finding in doctor.examine(tmp_path, tmp_path / "reports")}
    assert {name for name, finding in found.items() if finding.state == "bad"} == {"disk", "kernel", "clock"}
    assert found["kernel"].said == "no kernel"
    assert datetime.datetime.fromisoformat(found["clock"].said)


def test_versions_that_are_not_the_lock_s_are_named():
    assert list(doctor._differing("click==0.1 ; x\nno-such-package==1\n# x==2")) == [
        f"click {doctor.importlib.metadata.version('click')} ≠ 0.1"
    ]
