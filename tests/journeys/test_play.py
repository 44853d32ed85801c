"""The journey that `make demo` plays, on a site of its own: every step holds, or one says why."""

import re
from dataclasses import replace

import pytest

from tools import pdf, play
from tools.browser import Browser

pytestmark = pytest.mark.browser


def reference_in(said: str) -> str:
    found = re.search(r"The reference is (R-\w{4}-\w{3})\.", said)
    assert found
    return found[1]


@pytest.mark.parametrize("run", ["first", "second"])
def test_a_referral_travels_from_a_school_to_a_signed_for_audit_pdf(site, capsys, run):
    held = play.play(site.base_url, site.stage)

    said = capsys.readouterr().out
    assert held, said
    assert "Complete and unaltered" in said
    kept = site.stage.folder / f"audit-trail-{reference_in(said)}.pdf"
    paper = pdf.read(kept)
    assert paper.tagged
    assert paper.says("Who opened it")
    assert not paper.says(reference_in(said))


def test_a_step_that_does_not_hold_ends_it_with_one_sentence(site, tmp_path, capsys, monkeypatch):
    # As if every e-mail had been lost.
    without_mail = replace(site.stage, folder=tmp_path)
    monkeypatch.setattr(play, "PATIENCE", 1.0)

    held = play.play(site.base_url, without_mail)

    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert not held
    assert re.fullmatch(r"The journey ends here\. No e-mail came as N-\w{4}-\w{4}\.", last)


def test_a_site_that_is_not_there_is_one_sentence(site, capsys):
    held = play.play("http://localhost:1", site.stage)

    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert not held
    assert last.startswith("The journey ends here. The site does not answer at http://localhost:1/")


def test_the_sign_ins_that_it_prints_let_people_in(site):
    *lines, password = play.sign_ins()[1:]
    password = password.rpartition(" ")[2]

    # Twelve roles, and somebody who has two.
    assert len(lines) == 13
    for line in lines[:3]:
        email = line.split()[-1]
        browser = Browser(site.base_url)
        page = browser.press(
            browser.open("/account/sign-in/"), "Sign in", {"login": email, "password": password}
        )
        assert "Working as:" in page.text
