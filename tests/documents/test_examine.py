"""What a file is, by its content: what is kept of it, and in which sentence it is refused."""

import zipfile
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from portal.documents.services import examine as program
from portal.documents.services.uploads import FileRefused, Rules, examine
from portal.documents.vocabulary import FileKind, Refusal
from tests.documents import corpus
from tests.documents.corpus import ALWAYS, FINE

PICTURES = Rules(pictures=True)


def outcome(given: bytes, rules: Rules) -> str:
    """The kind that it is kept as, or the code of its refusal."""
    try:
        return str(examine(given, rules).kind)
    except FileRefused as refused:
        return str(refused.refusal)


@pytest.mark.parametrize("name", FINE)
def test_what_people_have_is_kept_as_what_it_is(name):
    given, kind = FINE[name]

    assert outcome(given, Rules()) == kind


@pytest.mark.parametrize("name", ALWAYS)
def test_what_does_harm_is_refused_in_a_sentence(name):
    given, codes = ALWAYS[name]

    assert outcome(given, Rules()) in codes.split()
    assert outcome(given, PICTURES) in codes.split()


def test_each_refusal_is_a_sentence_that_says_what_to_do():
    for refusal in Refusal:
        assert refusal.label[0].isupper()
        assert not refusal.label.endswith(".")
        assert len(refusal.label.split()) <= 25


def test_pictures_are_refused_unless_the_partnership_takes_them():
    assert outcome(corpus.picture(), Rules()) == Refusal.PICTURE
    assert outcome(corpus.picture(), PICTURES) == FileKind.JPEG
    assert outcome(corpus.picture("PNG"), PICTURES) == FileKind.PNG
    assert outcome(corpus.enormous_png(), PICTURES) == Refusal.TOO_MANY_PIXELS


def test_a_picture_is_drawn_anew_without_where_it_was_taken():
    given = corpus.picture(gps=True)
    assert b"Canary" in given

    kept = examine(given, PICTURES).content

    assert b"Canary" not in kept
    assert not dict(Image.open(BytesIO(kept)).getexif())
    assert Image.open(BytesIO(kept)).size == (64, 48)


def test_what_follows_a_picture_does_not_come_along():
    given, _ = ALWAYS["JPEG and PHAR"]

    kept = examine(given, PICTURES).content

    assert b"HALT_COMPILER" not in kept
    assert not zipfile.is_zipfile(BytesIO(kept))


def test_a_pdf_loses_its_links_its_first_action_and_its_author():
    kept = examine(corpus.pdf(corpus.linked), Rules())

    assert kept.pages == 2
    assert b"tracker" not in kept.content
    with pikepdf.open(BytesIO(kept.content)) as opened:
        assert "/OpenAction" not in opened.Root
        assert "/Author" not in opened.docinfo
        assert "/A" not in opened.pages[0].Annots[0]


def test_what_stands_around_a_pdf_does_not_come_along():
    given = corpus.pdf() + b"\n<script>alert(1)</script>"

    assert b"<script>" not in examine(given, Rules()).content


def test_of_a_word_document_only_its_parts_are_kept():
    first = corpus.docx()
    hidden = first.replace(b"PK\x01\x02", b"PK\x01\x02", 1)

    kept = examine(hidden, Rules()).content

    with zipfile.ZipFile(BytesIO(kept)) as packed:
        assert packed.namelist() == ["[Content_Types].xml", "word/document.xml"]
        assert b"What was agreed" in packed.read("word/document.xml")
        assert {member.date_time for member in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_text_is_kept_as_utf_8():
    given, _ = FINE["a text from an old program"]

    assert examine(given, Rules()).content == "It cost \u00a350.".encode()


def test_a_file_above_the_limit_says_the_limit():
    with pytest.raises(FileRefused, match="This file must be smaller than 1MB"):
        examine(b"a" * (1024 * 1024 + 1), Rules(megabytes=1))


def test_a_program_that_takes_too_long_or_dies_keeps_nothing(settings, tmp_path, monkeypatch):
    idle = tmp_path / "idle.py"
    idle.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("portal.documents.services.uploads.EXAMINER", idle)
    settings.UPLOAD_SECONDS = 0.2

    assert outcome(b"a", Rules()) == Refusal.BOMB

    idle.write_text("raise SystemExit(9)")
    assert outcome(b"a", Rules()) == Refusal.DAMAGED


def test_the_program_can_write_no_file_and_knows_no_secret(tmp_path, monkeypatch):
    nosy = tmp_path / "nosy.py"
    nosy.write_text(
        "import sys, os, json\n"
        f"sys.path.insert(0, {str(program.__file__).rpartition('/')[0]!r})\n"
        "import examine\n"
        "examine.confine(5, 512)\n"
        "left = [name for name in os.environ if 'SECRET' in name or 'DATABASE' in name]\n"
        "try:\n"
        f"    with open({str(tmp_path / 'written')!r}, 'w') as file:\n"
        "        file.write('x' * 10)\n"
        "except OSError:\n"
        "    left.append('refused')\n"
        "print(json.dumps({'refused': 'kind' if left == ['refused'] else 'virus'}))\n"
    )
    monkeypatch.setattr("portal.documents.services.uploads.EXAMINER", nosy)

    assert outcome(b"a", Rules()) == Refusal.KIND
