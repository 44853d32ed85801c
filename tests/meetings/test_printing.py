"""The minutes as a PDF: one reader's own, tagged, made by a worker, given while it is true."""

from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse

from portal.documents.models import Document
from portal.documents.vocabulary import Status
from referrals.meetings.services import printing
from referrals.vocabulary import Conflict
from sharing.disclosures.services import walls
from tests.cast import Cast, events, signed_in
from tests.documents.test_render import elements
from tests.meetings.conftest import decided
from tests.meetings.session import (
    DECIDED,
    HEALTH_DOES,
    HEALTH_SAID,
    POLICE_DOES,
    POLICE_SAID,
    REASONS,
    Session,
    approved,
    begun,
    whole,
)
from tests.pdf import text_of


@pytest.fixture
def session(cast: Cast, panel) -> Session:
    """A meeting about one child, and its approved minutes."""
    made = whole(cast, begun(cast, panel, decided(cast)))
    approved(cast, made)
    return made


def asked(client, session: Session) -> str:
    """Ask for the PDF; the page that says how far it has got."""
    address = reverse("meetings:minutes-pdf", args=[session.meeting.pk])
    return client.post(address).url


def printed(client, session: Session) -> bytes:
    """Ask for it, have it made, and take it."""
    page = asked(client, session)
    assert "We are making your PDF" in client.get(page).content.decode()
    assert printing.sweep() == 1
    shown = client.get(page).content.decode()
    assert "Ready: " in shown, shown
    answer = client.post(f"{page}download/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="minutes.pdf"'
    return answer.content


def bare(words: str) -> str:
    """As it stands in a PDF, where no white space is drawn."""
    return "".join(words.split())


def test_it_holds_what_its_reader_reads_and_says_for_whom(cast: Cast, session: Session):
    pdf = printed(signed_in(cast.panel_officer), session)

    words = text_of(pdf)
    assert bare("Made for: Panel member, Exampleshire Police. 4 passages are withheld.") in words
    assert "SENSITIVE" in words
    assert bare("Approved by Pat Chair") in words
    for shown in (POLICE_SAID, DECIDED, POLICE_DOES):
        assert bare(shown) in words
    for kept in (HEALTH_SAID, REASONS, HEALTH_DOES):
        assert bare(kept) not in words
    [event] = events("minutes.exported")
    assert event["rcpt"] == {"kind": "user", "id": str(cast.panel_officer.user_id)}
    assert event["withheld"] == 4


def test_it_is_tagged_named_and_in_english(cast: Cast, session: Session):
    with pikepdf.open(BytesIO(printed(signed_in(cast.panel_chair), session))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo.Title) == "Minutes of a MASE panel"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        tree = pdf.Root.StructTreeRoot.K
        assert len(list(elements(tree, "/H1"))) == 1
        assert len(list(elements(tree, "/H2"))) == 2, "who was there, and one item"
        assert len(list(elements(tree, "/H3"))) == 1, "actions"
        assert all(str(each.A.Scope) for each in elements(tree, "/TH"))


def test_nobody_else_sees_or_takes_it(cast: Cast, session: Session):
    page = asked(signed_in(cast.panel_officer), session)
    for who in (cast.panel_nurse, cast.panel_chair, cast.other_panel_officer):
        client = signed_in(who)
        assert client.get(page).status_code == 404
        assert client.post(f"{page}download/").status_code == 404


def test_it_is_not_handed_over_once_its_reader_may_read_less(cast: Cast, session: Session):
    client = signed_in(cast.panel_officer)
    page = asked(client, session)
    assert client.post(f"{page}download/").status_code == 409, "it is not made yet"
    printing.sweep()
    reference = session.item.nomination.case.reference
    walls.declare(actor=cast.panel_officer, reference=reference, why=Conflict.RELATIVE)

    answer = client.post(f"{page}download/")

    assert answer.status_code == 409
    assert reference not in answer.content.decode()
    assert not events("minutes.exported")


def test_it_is_made_with_what_may_be_read_when_it_is_made(cast: Cast, session: Session):
    client = signed_in(cast.panel_officer)
    page = asked(client, session)
    reference = session.item.nomination.case.reference
    walls.declare(actor=cast.panel_officer, reference=reference, why=Conflict.RELATIVE)
    printing.sweep()

    words = text_of(client.post(f"{page}download/").content)

    assert reference.replace(" ", "") not in words
    assert bare("No item for you in these minutes.") in words
    assert bare(POLICE_SAID) not in words


def test_a_right_that_has_ended_means_no_pdf(cast: Cast, session: Session):
    client = signed_in(cast.panel_officer)
    asked(client, session)
    row = Document.objects.get(kind=printing.PRINTED)
    row.parameters = {"meeting": str(cast.panel_officer.membership_id)}
    row.save(update_fields=["parameters"])

    printing.sweep()

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert [each["why"] for each in events("minutes.failed")] == ["no_right"]
