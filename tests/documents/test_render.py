"""A PDF is tagged, the same each time, and made by a process that can do nothing else."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import weasyprint
from pikepdf import Name

from portal.common.errors import DomainError
from portal.documents import render, services
from portal.documents.vocabulary import Failure
from tests.documents.hostile import VECTORS, vectors

TEMPLATES = Path(__file__).with_name("templates")
SECRET = b"the secret that lies on the disk"


@pytest.fixture(autouse=True)
def templates(settings):
    """The sample documents of these tests, beside the portal's own frame."""
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"].append(TEMPLATES)


def rendered(*, template="pdf/sample.html", rows=("One", "Two"), why="Because") -> bytes:
    return services.render_pdf(
        template=template,
        context={"made_for": "Board chair", "reference": "Case 7", "rows": rows, "why": why},
        title="Audit trail",
    )


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


def elements(node, kind):
    """Every structure element of a kind, below a node of the structure tree."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child, kind)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        if str(node.S) == kind:
            yield node
        yield from elements(node.get("/K", pikepdf.Array()), kind)


def dictionaries(pdf: pikepdf.Pdf):
    """Every dictionary of an open PDF; closed, it has none."""
    return [found for found in pdf.objects if isinstance(found, pikepdf.Dictionary)]


# --- A document that everybody can read -------------------------------------------------------


def test_a_pdf_is_tagged_named_and_in_english():
    pdf = opened(rendered())

    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-GB"
    assert str(pdf.docinfo.Title) == "Audit trail"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.open_metadata()["pdfuaid:part"] == "1"
    assert {"/CreationDate", "/ModDate", "/Author"}.isdisjoint(pdf.docinfo.keys())

    tree = pdf.Root.StructTreeRoot.K
    assert len(list(elements(tree, "/H1"))) == 1
    assert len(list(elements(tree, "/H2"))) == 2
    scopes = [str(header.A.Scope) for header in elements(tree, "/TH")]
    assert scopes == ["/Row", "/Row", "/Column", "/Column", "/Row", "/Row"]
    for page in pdf.pages:
        assert page.Tabs == Name.S
        for link in page.get("/Annots", []):
            assert int(link.F) & 4


def test_every_font_is_ours_and_embedded():
    with opened(rendered()) as pdf:
        fonts = [found for found in dictionaries(pdf) if "/FontName" in found]
        names = {str(font.FontName).partition("+")[2] for font in fonts}

        assert names == {"Liberation-Sans", "Liberation-Sans-Bold"}
        assert all("/FontFile2" in font for font in fonts)


def test_equal_input_gives_equal_bytes():
    assert rendered() == rendered()
    assert rendered() != rendered(why="Another reason")


# --- A document that does nothing -------------------------------------------------------------


class Outside(BaseHTTPRequestHandler):
    """Answers everything, and remembers that it was asked."""

    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/redirected.png")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/gzip":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(gzip.compress(b"0" * 1_000_000) if self.path == "/gzip" else b"x")

    def log_message(self, *_):
        pass


@pytest.fixture
def outside():
    """A server that must not be asked: its address, and what it was asked."""
    handler = type("Handler", (Outside,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def aimed(outside, tmp_path) -> dict[str, str]:
    """The hostile texts, aimed at the server and at a file of this test."""
    (tmp_path / "secret.txt").write_bytes(SECRET)
    return vectors(outside[0], (tmp_path / "secret.txt").as_uri())


def page(body: str) -> str:
    return f"<html lang='en'><head><title>x</title></head><body><h1>x</h1>{body}</body></html>"


def holds(pdf: bytes, secret: bytes) -> bool:
    """Tell whether any stream of a PDF holds some bytes, once it is uncompressed."""
    with opened(pdf) as file:
        streams = [found for found in file.objects if isinstance(found, pikepdf.Stream)]
        return any(secret in stream.read_bytes() for stream in streams)


def outside_addresses(pdf: bytes) -> list[str]:
    with opened(pdf) as file:
        return [str(found.URI) for found in dictionaries(file) if "/URI" in found]


def test_the_hostile_texts_are_hostile(outside, aimed):
    """Without our walls they ask the server and take the file: the tests below can fail."""
    asked, made = outside[1], {}

    for name, text in aimed.items():
        before = len(asked)
        pdf = weasyprint.HTML(string=page(text)).write_pdf()
        if len(asked) > before or holds(pdf, SECRET) or _is_forbidden(pdf):
            made[name] = pdf

    assert len(made) >= 15
    assert holds(made["attachment"], SECRET)
    assert "/redirected.png" in asked
    assert {"script address", "file address", "svg in data"} <= made.keys()


def _is_forbidden(pdf: bytes) -> bool:
    try:
        with opened(pdf) as file:
            render.check_pdf(file)
    except render.Refusal:
        return True
    return False


@pytest.mark.parametrize("name", VECTORS)
def test_the_first_wall_no_word_that_is_not_ours(name, outside, aimed):
    with pytest.raises(render.Refusal):
        render.make(page(aimed[name]))

    assert not outside[1]


@pytest.mark.parametrize("name", VECTORS)
def test_the_other_walls_without_the_first(name, outside, aimed):
    """Nothing is fetched; what is laid out is either clean or thrown away."""
    try:
        pdf = render.lay_out(render.parse(page(aimed[name])))
    except weasyprint.urls.FatalURLFetchingError:
        pdf = b""

    assert not outside[1]
    if pdf:
        assert not holds(pdf, SECRET)
        assert _is_forbidden(pdf) or not outside_addresses(pdf)


def test_in_every_text_field_they_are_only_text(outside, aimed):
    """Escaped by the template, through the whole machine."""
    texts = list(aimed.values())
    pdf = services.render_pdf(
        template="pdf/sample.html",
        context={"made_for": texts[0], "reference": texts[1], "rows": texts, "why": texts[2]},
        title=texts[3],
    )

    assert not outside[1]
    assert not holds(pdf, SECRET)
    assert not _is_forbidden(pdf)
    assert str(opened(pdf).docinfo.Title) == texts[3]


def test_a_template_that_forgets_to_escape_makes_nothing(outside, aimed):
    with pytest.raises(services.RenderingFailed) as failed:
        rendered(template="pdf/careless.html", why=aimed["attachment"])

    assert failed.value.failure == Failure.REFUSED
    assert not outside[1]


def test_only_our_own_assets_can_be_fetched():
    fetched = render.Assets().fetch("asset:print.css")

    assert fetched.read() == render.ASSETS["asset:print.css"][1]
    for address in ("asset:other.css", "file:///etc/hostname", "data:text/plain,x", "http://x/"):
        with pytest.raises(weasyprint.urls.FatalURLFetchingError):
            render.Assets().fetch(address)


# --- A process with limits --------------------------------------------------------------------


def test_what_takes_too_long_is_ended_and_said(settings):
    settings.DOCUMENT_SECONDS = 1

    with pytest.raises(services.RenderingFailed) as failed:
        rendered(rows=["row"] * 1900)

    assert failed.value.failure == Failure.TOO_SLOW
    assert str(failed.value) == "It took too long to make."


def test_a_process_that_only_waits_is_ended_too(settings, monkeypatch, tmp_path):
    settings.DOCUMENT_SECONDS = 0.1
    idle = tmp_path / "idle.py"
    idle.write_text("import time; time.sleep(3600)")
    monkeypatch.setattr(services, "RENDERER", idle)

    with pytest.raises(services.RenderingFailed) as failed:
        rendered()

    assert failed.value.failure == Failure.TOO_SLOW


def test_the_process_ends_itself_when_nobody_waits_for_it():
    """The clock of the caller may be gone: the limit on the processor's time is its own."""
    rows = "<tr><td>row</td></tr>" * 1900

    ended = subprocess.run(
        [sys.executable, "-P", "-s", services.RENDERER, "1", "768"],
        input=page(f"<table>{rows}</table>").encode(),
        capture_output=True,
        check=False,
        env=services.environment(),
        cwd="/",
    )

    assert ended.returncode == -signal.SIGXCPU
    assert not ended.stdout


def test_what_needs_too_much_memory_is_ended_and_said(settings):
    settings.DOCUMENT_MEGABYTES = 100

    with pytest.raises(services.RenderingFailed) as failed:
        rendered(rows=["row"] * 500)

    assert failed.value.failure in {Failure.TOO_LARGE, Failure.CRASHED}


def test_too_many_rows_are_not_begun(monkeypatch):
    monkeypatch.setattr(services, "RENDERER", Path("/nowhere"))

    with pytest.raises(DomainError, match="too large"):
        rendered(rows=["row"] * services.ROWS)


def test_the_process_is_told_no_secret(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_app:secret@127.0.0.1/portal")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")

    environment = services.environment()

    assert "DATABASE_URL" not in environment
    assert environment.keys() == {
        "FONTCONFIG_FILE",
        "LANG",
        "LD_LIBRARY_PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED",
    }


CONFINED = """
import socket, sys
sys.path.append({folder!r})
import render
render.confine(60, 768)
{then}
"""


def confined(then: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line in a process that has given up what rendering does not need."""
    return subprocess.run(
        [sys.executable, "-c", CONFINED.format(folder=str(services.RENDERER.parent), then=then)],
        capture_output=True,
        check=False,
        env=services.environment(),
    )


def test_the_process_writes_no_file(tmp_path):
    left = tmp_path / "left-behind"

    ended = confined(f"__import__('pathlib').Path({str(left)!r}).write_text('x')")

    assert b"File too large" in ended.stderr
    assert not left.read_bytes()


def test_the_process_has_no_network(outside):
    tool = shutil.which("unshare")
    if not tool or subprocess.run([tool, "-Un", "true"], check=False).returncode:
        pytest.skip("This kernel lets no ordinary process leave the network")
    port = int(outside[0].rpartition(":")[2])

    ended = confined(f"socket.create_connection(('127.0.0.1', {port}), 1)")

    assert b"Network is unreachable" in ended.stderr


def test_the_process_knows_nothing_of_the_portal():
    """It is run by its path, so it can import neither settings nor models."""
    source = services.RENDERER.read_text()

    assert "django" not in source
    assert "import portal" not in source
    assert "from portal" not in source
    assert os.access(services.FONTS, os.R_OK)
