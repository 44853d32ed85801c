"""Words go back into the boxes of the form that they came from, and nowhere else."""

from lxml import html

from portal.common.refill import refill

PAGE = """<!DOCTYPE html><html><body><main id="m">
<form method="post" action="/other/"><input name="saw" value="old"></form>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="new">
<input type="hidden" name="key" value="fresh">
<input name="saw" value="a &amp; b"><textarea name="told" rows="5">
old &lt;b&gt;</textarea>
<input type="radio" name="pick" value="1" checked><input type="radio" name="pick" value="2">
<input type="checkbox" name="many" value="x"><input type="checkbox" name="many" value="y" checked>
<select name="team"><option value="">-</option><option value="7">T</option></select>
<input type="file" name="file"><input type="password" name="secret">
<input name="row"><input name="row"><button name="later" value="1">Later</button></form>
<p>caf&eacute; &#8211; &amp;</p></main></body></html>"""
HOSTILE = "\"'><script>alert(1)</script></textarea>&amp;"


def filled(words, page=PAGE, action="/here/", **options):
    return refill(page, words, here="/here/?kept=1", action=action, **options)


def at(page, path):
    return html.fromstring(page).xpath(path)


def test_every_kind_of_box_takes_its_answer_back():
    words = [
        ("saw", "seen"),
        ("told", "line 1\nline 2"),
        ("pick", "2"),
        ("many", "x"),
        ("team", "7"),
        ("row", "first"),
        ("row", "second"),
        ("key", "old key"),
    ]

    page = filled(words).page

    mine = "//form[2]"
    assert at(page, f"{mine}//input[@name='saw']/@value") == ["seen"]
    assert at(page, f"{mine}//textarea")[0].text == "\nline 1\nline 2"
    assert at(page, "//input[@checked]/@value") == ["2", "x"]
    assert at(page, "//option[@selected]/@value") == ["7"]
    assert at(page, "//input[@name='row']/@value") == ["first", "second"]
    assert at(page, "//input[@name='key']/@value") == ["old key"], "sent twice is still sent once"
    assert at(page, "//form[1]//input/@value") == ["old"], "the other form is left alone"


def test_what_belongs_to_this_page_stays():
    page = filled([("saw", "seen"), ("csrfmiddlewaretoken", "old")], hidden=[("kept", "42")]).page

    assert at(page, "//input[@name='kept']/@value") == ["42"]
    assert "caf&eacute; &#8211; &amp;" in page
    assert page.startswith("<!DOCTYPE html>")


def test_files_and_passwords_are_never_put_back():
    page = filled([("saw", "seen"), ("file", "x.pdf"), ("secret", "pw")]).page

    assert "x.pdf" not in page
    assert "pw" not in page


def test_hostile_words_stay_words():
    page = filled([("saw", HOSTILE), ("told", HOSTILE)]).page

    assert not at(page, "//script")
    assert at(page, "//form[2]//input[@name='saw']/@value") == [HOSTILE]
    assert at(page, "//textarea")[0].text == f"\n{HOSTILE}"


def test_words_without_a_box_are_told():
    found = filled([("saw", "seen"), ("gone", "words of a box that is gone")])

    assert found.left_over == ["words of a box that is gone"]


def test_a_page_without_the_form_takes_nothing():
    assert filled([("saw", "seen")], action="/elsewhere/") is None
    assert filled([("unknown", "seen")]) is None
