"""Copy what we use of two design systems out of an npm folder, without the GOV.UK identity.

    npm install --ignore-scripts --prefix /tmp/frontend \
        govuk-frontend@6.6.0 @ministryofjustice/frontend@11.1.0
    python tools/vendor_frontend.py /tmp/frontend/node_modules

Built files only: neither Node nor Sass is needed to run or to test the portal. Left out are what
may only be used on GOV.UK (its typeface, crest, crown, header, footer and blue) and, of the
Ministry of Justice's styles, all components but those named below. `static/vendor/VERSIONS` then
says what was taken and the SHA-256 of each file that was made; a test compares them.
"""

import json
import re
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import tinycss2

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
FIXTURES = ROOT / "tests" / "ui" / "fixtures"

FONTS = '"Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif'
BRAND = "#28525a"
GOVUK_ONLY = re.compile(r"\.govuk-(header|footer|logo)")
MOJ_WANTED = re.compile(
    r"\.moj-(badge|filter|identity-bar|notification-badge|sub-navigation|timeline)"
)
COPYRIGHT = {
    "govuk-frontend": "Copyright (C) 2017 Crown Copyright (Government Digital Service)",
    "moj-frontend": "Copyright (c) 2019 Ministry of Justice",
}
MIT = """\
The MIT License (MIT)

{copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
NOTE = "/* {name} {version}, changed by tools/vendor_frontend.py. Licence: see LICENSE here. */\n"

# GOV.UK Frontend's own examples that our tags and forms must match; the test reads what is here.
EXAMPLES = {
    "back-link": (
        "default | inverse | classes | html as text | html | with custom text and link | attributes"
    ),
    "button": (
        "default | disabled | link | start | start link | secondary | secondary disabled | "
        "warning | warning disabled | inverse | inverse disabled | attributes | link attributes "
        "| classes | link classes | explicit link | name | value | html | id"
    ),
    "character-count": (
        "default | with hint | with hint and error | with default value | with custom rows | "
        "with label as page heading | classes | id | spellcheck disabled"
    ),
    "checkboxes": (
        "default | with hint | with legend as a page heading | with error message | with error "
        "message and hint | small | small with hint | fieldset html params"
    ),
    "date-input": (
        "default | with values | with values and name prefix | with error message and hint | "
        "fieldset html"
    ),
    "details": (
        "default | expanded | id | html | html as text | summary html as text | summary html | "
        "classes"
    ),
    "error-message": "default | id | html | html as text",
    "error-summary": (
        "default | without links | mixed with and without links | html as titleText | error "
        "list with html as text | error list with html | error list with html link | error list "
        "with html as text link"
    ),
    "input": (
        "default | with hint text | with error message | with error and hint | with width-2 "
        "class | with width-10 class | with label as page heading | with extra letter spacing | "
        "classes | id | custom type | value | zero value | inputmode | with autocomplete "
        "attribute | with spellcheck disabled | disabled"
    ),
    "inset-text": "default | with html | classes | id | html as text",
    "notification-banner": (
        "default | with text as html | with type as success | with lots of content | custom "
        "title | title html as text | custom text | html as text | classes | attributes"
    ),
    "pagination": "default | first page | last page",
    "panel": (
        "default | title html as text | title html | body html as text | body html | classes | "
        "attributes | title with no body text | custom heading level | interruption, no actions"
    ),
    "password-input": (
        "default | with hint text | with error message | with label as page heading | classes | "
        "id | with new-password autocomplete"
    ),
    "radios": (
        "default | with hint | inline | with legend as page heading | with fieldset and error "
        "message | with very long option text | small with long text | with hints on parent and "
        "items | with hint and error message | fieldset with html"
    ),
    "select": (
        "default | with label as page heading | with hint text and error message | hint | error "
        "| id | with selected value"
    ),
    "skip-link": "default | no href | custom href | custom text | html as text | html",
    "summary-list": (
        "default | with actions | with some actions | no-border | extreme | attributes | key "
        "with html | value with html | actions with html | single action with anchor | empty "
        "items array | rows with classes | as a summary card with a text header | as a summary "
        "card with a html header"
    ),
    "table": (
        "default | with head | with head and caption | classes | attributes | html as text | "
        "html | head with classes | head with rowspan and colspan | with firstCellIsHeader true "
        "| firstCellIsHeader with classes | rows with classes | rows with rowspan and colspan | "
        "with small text modifier for tables with a lot of data"
    ),
    "tag": (
        "default | grey | turquoise | green | purple | pink | red | orange | yellow | "
        "attributes | html as text | html"
    ),
    "task-list": (
        "default | with hint text and additional states | custom id prefix | html passed as "
        "text | html"
    ),
    "textarea": (
        "default | with hint | with error message | with default value | with custom rows | "
        "with label as page heading | id | classes | with hint and error message | with "
        "autocomplete attribute | with spellcheck disabled"
    ),
    "warning-text": "default | attributes | classes | html | html as text | multiple lines",
}


def styles(css: str, wanted: Callable[[str], bool]) -> str:
    """Return the rules whose selector is wanted, in our typeface and colour."""
    parsed = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    kept = "".join(_kept(rule, wanted) for rule in parsed)
    return kept.replace("GDS Transport,arial,sans-serif", FONTS).replace("#1d70b8", BRAND)


def _kept(rule: Any, wanted: Callable[[str], bool]) -> str:
    """Return one rule as text: whole, with fewer selectors, or empty."""
    if rule.type == "at-rule" and rule.content is not None and rule.at_keyword != "font-face":
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        body = "".join(_kept(one, wanted) for one in inner)
        prelude = tinycss2.serialize(rule.prelude)
        return f"@{rule.at_keyword}{prelude}{{{body}}}" if body else ""
    if rule.type != "qualified-rule":
        return ""
    body = tinycss2.serialize(rule.content)
    # A picture of theirs would be a file that we do not ship.
    selectors = [] if "url(/assets/" in body else tinycss2.serialize(rule.prelude).split(",")
    body = body.strip()
    kept = ",".join(selector for selector in selectors if wanted(selector))
    return f"{kept}{{{body}}}" if kept else ""


def script(source: str) -> str:
    """Return a built script without the address of its source map."""
    return re.sub(r"//# sourceMappingURL=\S*\s*$", "", source)


def examples(components: Path) -> dict[str, str]:
    """Return, per component, the examples that we are compared with, as JSON."""
    found = {}
    for component, names in EXAMPLES.items():
        all_ = json.loads((components / component / "fixtures.json").read_text())["fixtures"]
        by_name = {one["name"]: one for one in all_}
        cut = [
            {key: by_name[name][key] for key in ("name", "options", "html")}
            for name in names.split(" | ")
        ]
        found[component] = json.dumps(cut, indent=1, ensure_ascii=False) + "\n"
    return found


def main(modules: Path) -> None:
    """Write the vendored files, their licences, VERSIONS, and the examples for the tests."""
    govuk, moj = modules / "govuk-frontend", modules / "@ministryofjustice" / "frontend"
    dist = govuk / "dist" / "govuk"
    version = {
        "govuk-frontend": json.loads((govuk / "package.json").read_text())["version"],
        "moj-frontend": json.loads((moj / "package.json").read_text())["version"],
    }
    made = {
        "govuk-frontend/govuk-frontend.css": styles(
            (dist / "govuk-frontend.min.css").read_text(), lambda s: not GOVUK_ONLY.search(s)
        ),
        "govuk-frontend/govuk-frontend.js": script((dist / "govuk-frontend.min.js").read_text()),
        "moj-frontend/moj-frontend.css": styles(
            (moj / "moj" / "moj-frontend.min.css").read_text(),
            lambda s: bool(MOJ_WANTED.match(s.strip())),
        ),
    }
    lines = [f"{name} {number}, MIT" for name, number in version.items()]
    for path, body in made.items():
        name = path.split("/")[0]
        target = VENDOR / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(NOTE.format(name=name, version=version[name]) + body.rstrip() + "\n")
        (target.parent / "LICENSE").write_text(MIT.format(copyright=COPYRIGHT[name]))
        lines.append(f"{sha256(target.read_bytes()).hexdigest()}  {path}")
    (VENDOR / "VERSIONS").write_text("\n".join(lines) + "\n")
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for component, text in examples(dist / "components").items():
        (FIXTURES / f"{component}.json").write_text(text)
    print("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
