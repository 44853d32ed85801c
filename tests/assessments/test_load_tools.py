"""Loading a tool, who approves it, and that neither is ever rewritten."""

from copy import deepcopy
from datetime import date, timedelta

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.common.errors import DomainError
from referrals.assessments.decision import ToolError, tool_from
from referrals.assessments.models import ToolVersion
from referrals.assessments.services import DATA, approve_tool, load_tool

BODY = yaml.safe_load((DATA / "cse-concern-1.0.0.yaml").read_text())


def written(tmp_path, **changes):
    path = tmp_path / "tool.yaml"
    path.write_text(yaml.safe_dump({**deepcopy(BODY), **changes}, sort_keys=False))
    return path


@pytest.fixture
def draft(db):
    call_command("load_tools")
    return ToolVersion.objects.get(code="cse-concern")


def test_the_tools_of_the_portal_are_loaded_as_drafts_once(draft, capsys):
    call_command("load_tools")
    assert "cse-concern 1.0.0 is loaded, a draft." in capsys.readouterr().out
    assert set(ToolVersion.objects.values_list("code", flat=True)) == {
        "cse-concern",
        "three-categories",
        "weighted-signs",
    }
    assert draft.is_draft
    assert not ToolVersion.objects.in_force().exists()
    assert draft.tool == tool_from(BODY)


def test_another_text_needs_another_version(draft, tmp_path):
    with pytest.raises(ToolError, match="give the changed file a new version"):
        load_tool(written(tmp_path, gaps_above_percent=40))
    newer = load_tool(written(tmp_path, gaps_above_percent=40, version="1.1.0"))
    assert newer.tool.gaps_above == 40
    assert draft.tool.gaps_above == 30


def test_a_body_approves_a_draft_once(draft):
    on = timezone.localdate() - timedelta(days=2)
    args = {"code": "cse-concern", "version": "1.0.0", "body": "Example board", "minute": "7.2"}
    approved = approve_tool(**args, on=on)
    assert approved.review_on == on + timedelta(days=365)
    assert list(ToolVersion.objects.in_force()) == [draft]
    with pytest.raises(DomainError, match="approved already"):
        approve_tool(**args, on=on)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"on": date(2999, 1, 1)}, "still to come"),
        ({"body": " "}, "which body"),
        ({"minute": ""}, "which body"),
        ({"version": "9"}, "No tool"),
    ],
)
def test_an_approval_says_who_and_where(draft, changed, says):
    args = {"body": "Example board", "minute": "7.2", "on": date(2026, 1, 1)}
    with pytest.raises(DomainError, match=says):
        approve_tool(**{"code": "cse-concern", "version": "1.0.0", **args, **changed})
    draft.refresh_from_db()
    assert draft.is_draft


def test_the_version_that_was_approved_last_is_in_force(draft, tmp_path):
    newer = load_tool(written(tmp_path, version="1.1.0"))
    for each, on in ((draft, date(2026, 1, 5)), (newer, date(2026, 3, 5))):
        approve_tool(code=each.code, version=each.version, body="Example board", minute="1", on=on)
    assert list(ToolVersion.objects.in_force()) == [newer]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE assessments_toolversion SET body = ''",
        "UPDATE assessments_toolversion SET version = '2'",
        "DELETE FROM assessments_toolversion",
        "TRUNCATE assessments_toolversion CASCADE",
    ],
)
def test_a_loaded_tool_is_never_rewritten(draft, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_approval_is_never_taken_back(draft):
    approve_tool(
        code=draft.code, version=draft.version, body="Board", minute="1", on=date(2026, 1, 1)
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        ToolVersion.objects.filter(pk=draft.pk).update(
            approved_by="", minute="", approved_on=None, review_on=None
        )


@pytest.mark.parametrize(
    "half",
    [
        {"approved_by": "Board"},
        {"approved_by": "Board", "minute": "1", "approved_on": date(2026, 1, 1)},
        {
            "approved_by": "Board",
            "minute": "1",
            "approved_on": date(2026, 1, 1),
            "review_on": date(2026, 1, 1),
        },
    ],
)
def test_half_an_approval_is_none(draft, half):
    with pytest.raises(IntegrityError), transaction.atomic():
        ToolVersion.objects.filter(pk=draft.pk).update(**half)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"evidence_statement": " "}, "no evidence statement"),
        ({"bands": []}, "levels are not in order"),
        ({"bands": BODY["bands"][::-1]}, "levels are not in order"),
        ({"bands": [{**each, "from": 3} for each in BODY["bands"]]}, "do not rise from 0"),
        ({"items": {}}, "no points"),
        ({"answers": {}}, "unknown answer"),
        (
            {"answers": {"confirmed": {"label": "Yes", "certainty": 100}}},
            "no answer leaves it open",
        ),
        ({"domains": {}}, "no known domain"),
        ({"gaps_above_percent": 101}, "not from 0 to 100"),
        ({"kind": "verdict"}, "not a known word"),
        ({"overrides": {}}, "something is missing"),
        ({"items": {"H1": {"domain": "harm", "weight": 0, "text": "Is it?"}}}, "weight below one"),
    ],
)
def test_a_file_that_is_no_tool_is_refused_with_reasons(changes, says):
    with pytest.raises(ToolError, match=says):
        tool_from({**deepcopy(BODY), **changes})


def test_the_commands_say_what_is_wrong(draft, tmp_path):
    (tmp_path / "none.yaml").write_text("- a list")
    (tmp_path / "broken.yaml").write_text("a: [")
    for name in ("none.yaml", "broken.yaml", "absent.yaml"):
        with pytest.raises(CommandError, match="was not loaded"):
            call_command("load_tools", tmp_path / name)
    with pytest.raises(CommandError, match="still to come"):
        call_command(
            *("approve_tool", "cse-concern", "1.0.0"),
            *("--by", "Board", "--minute", "1", "--on", "2999-01-01"),
        )
    call_command(
        *("approve_tool", "cse-concern", "1.0.0"),
        *("--by", "Board", "--minute", "1", "--on", "2026-01-01"),
    )
    draft.refresh_from_db()
    assert not draft.is_draft
