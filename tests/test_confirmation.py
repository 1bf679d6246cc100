"""Sealed before the ballots arrive, confirmed after the committee decided: what each refuses, and what it says."""

from __future__ import annotations

import datetime
import re
import shlex
import tomllib

import pytest

from appraisal.errors import RunError
from appraisal.office import snapshot, verify
from appraisal.office.confirmation import ConfirmedError, confirm, reopen
from appraisal.office.manifest import read_manifest
from appraisal.office.seal import seal, seals
from appraisal.office.snapshot import take

DAY = datetime.date(2004, 1, 15)


def test_a_year_is_sealed_before_its_ballots_arrive(place):
    for path in place.folder.glob("*.csv"):
        if path.stem not in ("departments", "jurors"):
            path.unlink()
    result = place.run("seal", 2003, "--date", "2003-12-01")
    assert result.exit_code == 0, result.output
    code = result.stdout.strip()
    assert re.fullmatch("[2-9HKMRTWXY]{8}", code)
    written = (place.folder / "seal.toml").read_text("utf-8")
    assert "考評" not in written.replace("職能目標考評", "")  # no name of a juror
    place.write()
    place.report()
    assert (
        f"Rules, seed, departments and roster were sealed on 2003-12-01, before any ballot was there; seal {code}."
        in place.first_page
    )
    assert "Nothing was changed after the seal." in place.first_page


def test_a_seal_of_no_roster_says_so(place):
    assert "roster has no name" not in place.run("seal", 2003).stderr
    place.tables["jurors"] = place.tables["jurors"].iloc[:0]
    place.write()
    assert "roster has no name" in place.run("seal", 2003, "--reason", "the roster is empty").stderr


def test_what_changed_after_the_seal_is_listed_key_by_key(place):
    seal(place.folder, date=DAY)
    place.tables["jurors"].loc[0, "juror"] = "另一人"
    place.tables["departments"].loc[0, "leading_group"] = False
    place.rules = {"seed": "7"}
    place.write()
    place.report()
    assert "when ballots were there already" in place.first_page
    assert "“20031231” to “7”" in place.first_page
    assert "department S01 from “綜合01局, service, yes” to “綜合01局, service, no”" in place.first_page
    assert "the roster was changed" in place.first_page
    assert "另一人" not in place.first_page


def test_a_seal_is_replaced_only_with_a_reason_and_stays_on_record(place):
    first = seal(place.folder, date=DAY)
    with pytest.raises(RunError, match=f"was sealed on 2004-01-15 with the code {first.code}"):
        seal(place.folder, date=DAY)
    place.rules = {"seed": "7"}
    place.write()
    second = seal(place.folder, date=DAY, reason='種子 "寫錯"\\')
    assert [entry.code for entry in seals(place.folder)] == [first.code, second.code]
    assert seals(place.folder)[1].reason == '種子 "寫錯"\\'
    assert first.code != second.code


def test_a_record_that_someone_broke_is_said(place):
    (place.folder / "seal.toml").write_text("[[seals]]\ndate = 1\n", encoding="utf-8")
    result = place.run("report", 2003)
    assert result.exit_code == 1
    assert "seal.toml: cannot be read as this command wrote it" in result.stderr


def test_only_what_was_published_last_can_be_confirmed(place):
    with pytest.raises(RunError, match="is not what was published last"):
        confirm(take(place.folder), by="市委常委會", date=DAY)
    place.report()
    place.tables["deductions"].loc[0, "points"] = 1.5
    place.write()
    assert place.run("confirm", 2003, "--by", "市委常委會").exit_code == 1


def test_a_confirmed_year_says_so_and_refuses_what_changed(place):
    version = place.report().version
    result = place.run("confirm", 2003, "--by", "市委常委會", "--date", "2004-01-15")
    assert result.exit_code == 0, result.output
    assert place.run("report", 2003).exit_code == 0
    assert f"Confirmed on 2004-01-15 by 市委常委會; the version confirmed is {version}." in place.first_page
    assert "confirmed" in place.first_page.splitlines()
    assert read_manifest(place.reports / "2003").state == "confirmed"
    good = place.first_page
    place.rules = {"tiers.best.wildcards": "0"}
    place.write()
    result = place.run("report", 2003, "--force")
    assert result.exit_code == 1
    assert f"was confirmed on 2004-01-15 by 市委常委會, version {version}" in result.stderr
    assert "rulebook.toml: is not the file that was confirmed" in result.stderr
    assert "rulebook.toml, key tiers.best.wildcards: was 1 when it was confirmed, now it is 0" in result.stderr
    assert re.search(r"局: was .* when it was confirmed, now it would be", result.stderr)
    assert place.first_page == good
    # Its advice is a command that works as it stands.
    advice = shlex.split(re.search(r"`appraisal (.*?)`", result.stderr)[1])
    assert place.run(*advice).exit_code == 0
    assert place.run("report", 2003).exit_code == 0


def test_a_confirmed_year_is_opened_again_with_a_reason(place):
    place.report()
    confirm(take(place.folder), by="市委常委會", date=DAY)
    with pytest.raises(RunError, match="the year is confirmed since 2004-01-15"):
        confirm(take(place.folder), by="市委常委會", date=DAY)
    place.rules = {"tiers.best.wildcards": "0"}
    place.write()
    assert place.run("confirm", 2003, "--by", "領導小組", "--reopen", "申訴成立").exit_code == 0
    place.report()
    assert "yet to discuss and confirm" in place.first_page
    confirm(take(place.folder), by="市委常委會", date=DAY)
    written = tomllib.loads((place.folder / "confirmation.toml").read_text("utf-8"))["history"]
    assert [entry["action"] for entry in written] == ["confirmed", "reopened", "confirmed"]
    assert written[1]["reason"] == "申訴成立"
    assert set(written[0]) == {"action", "by", "date", "reason", "version", "rules", "result", "inputs"}
    reopen(place.folder, by="x", date=DAY, reason="y")
    with pytest.raises(RunError, match="is not confirmed"):
        reopen(place.folder, by="x", date=DAY, reason="y")


def test_an_upgrade_never_makes_a_confirmed_year_stale(place, monkeypatch):
    place.report()
    confirm(take(place.folder), by="市委常委會", date=DAY)
    place.report()
    for module in (snapshot, verify):
        monkeypatch.setattr(module, "code_digest", lambda notebook: "a later version")
    assert not place.report().fresh
    assert place.state() == "confirmed"
    found = verify.verify(place.folder, place.reports)
    assert found.good
    assert found.result
    assert found.not_comparable
    # An upgrade that gives another result is refused even when it is forced.
    monkeypatch.setattr(snapshot, "result_values", lambda appraised: {})
    with pytest.raises(ConfirmedError, match="this version of the package gives another result"):
        place.report(force=True)
