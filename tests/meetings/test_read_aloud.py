"""Every kind of PDF, checked by `outloud` as a screen reader goes through it: no error.

It checks what a machine can of PDF/UA-1, and what a tagged file still gets wrong: headings that
skip, tables whose headers tell nothing, pictures without words. That it reads well, a person says.
"""

from pathlib import Path

import outloud
import pytest

from portal.governance import services as governance
from portal.governance.models import AuditTrail
from portal.governance.vocabulary import Audience
from referrals.meetings.models import Meeting
from referrals.meetings.reading.minutes import read_minutes
from referrals.meetings.services import papers, printing
from referrals.models import Case
from referrals.services import copies, read_case
from tests.cast import Cast
from tests.meetings.conftest import decided
from tests.meetings.test_previous import next_meeting

SKIPPED = {"PAG-001"}
"""Page labels: a number on each page, "1 of 3", says what they would."""


def errors(pdf: bytes, folder: Path) -> list[str]:
    """What is wrong with a PDF: the rule, the page, and what it found."""
    file = folder / "made.pdf"
    file.write_bytes(pdf)
    result = outloud.check(str(file), skip=SKIPPED)
    crashed = [each.rule for each in result.runs if each.status == "crashed"]
    assert not crashed, crashed
    assert not result.error, result.error
    assert result.stats["tagged"], "there is nothing to read aloud"
    return [
        f"{each.rule} p{each.page}: {each.message}"
        for each in result.findings
        if each.severity == "error"
    ]


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that was decided for the panel."""
    return decided(cast)


@pytest.mark.parametrize("who", ["panel_nurse", "coordinator", "teacher"])
def test_a_case(cast: Cast, case: Case, tmp_path: Path, who):
    reader = getattr(cast, who)
    found = read_case(actor=reader, reference=case.reference)

    assert errors(copies.as_pdf(found, made_for=reader.working_as), tmp_path) == []


def test_the_trail_of_a_case(cast: Cast, case: Case, tmp_path: Path):
    asked = governance.request_trail(
        actor=cast.coordinator, reference=case.reference, audience=Audience.BOARD
    )
    governance.make_trail(pk=asked.document_id)
    trail = AuditTrail.objects.select_related("document").get(pk=asked.pk)

    assert errors(bytes(trail.document.content), tmp_path) == []


@pytest.mark.parametrize("who", ["panel_officer", "panel_chair", "coordinator"])
def test_the_minutes_and_the_papers_of_the_next_meeting(
    cast: Cast, panel, case: Case, tmp_path: Path, who
):
    reader = getattr(cast, who)
    meeting = next_meeting(cast, panel, case)
    made = papers.papers(reader, meeting)
    assert made.previous.rows, "its first table is there"
    before = Meeting.objects.over().get()

    assert errors(papers.as_pdf(meeting, made, made_for=reader.working_as), tmp_path) == []
    assert errors(printing.as_pdf(read_minutes(reader, before)), tmp_path) == []
