"""Loading a risk tool, and recording which body approved it."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.audit.services import record
from portal.common.errors import DomainError
from referrals.assessments.decision import ToolError, tool_from
from referrals.assessments.models import ToolVersion

DATA: Final = Path(__file__).parent.parent / "data"
LOOKED_AT_AGAIN: Final = timedelta(days=365)
"""When the body that approved a tool looks at it again: within a year."""


@transaction.atomic
def load_tool(path: Path) -> ToolVersion:
    """Load a tool's file as a draft, and return it; one that is loaded already changes nothing.

    Raises ToolError, with every reason, for a file that is no tool, and for another text under a
    version that is loaded: assessments were made with it.
    """
    found = _read(path)
    tool = tool_from(found)
    body = json.dumps(found, ensure_ascii=False)
    digest = hashlib.sha256(body.encode()).hexdigest()
    here = ToolVersion.objects.filter(code=tool.code, version=tool.version).first()
    if here is not None:
        if here.digest != digest:
            raise ToolError(
                [
                    f"{tool.code} {tool.version} is loaded with another text: give the"
                    " changed file a new version"
                ]
            )
        return here
    made = ToolVersion.objects.create(
        code=tool.code, version=tool.version, body=body, digest=digest
    )
    record(None, "tool.loaded", obj=("tool", made.pk), why=f"{tool.code}, {tool.version}")
    return made


@transaction.atomic
def approve_tool(*, code: str, version: str, body: str, minute: str, on: date) -> ToolVersion:
    """Record that a body approved a draft on a day, and where that is minuted.

    Raises DomainError when there is no such version, when it is approved already, or when the day
    is still to come.
    """
    draft = ToolVersion.objects.select_for_update().filter(code=code, version=version).first()
    if draft is None:
        raise DomainError(f"No tool {code} {version} is loaded.")
    if not draft.is_draft:
        raise DomainError(f"{code} {version} is approved already. Nothing was changed.")
    if on > timezone.localdate():
        raise DomainError("The day of the approval is still to come.")
    draft.approved_by, draft.minute, draft.approved_on = body, minute, on
    draft.review_on = on + LOOKED_AT_AGAIN
    try:
        with transaction.atomic():
            draft.save(update_fields=["approved_by", "minute", "approved_on", "review_on"])
    except IntegrityError as refused:
        raise DomainError("Say which body approved the tool, and where it is minuted.") from refused
    record(None, "tool.approved", obj=("tool", draft.pk), why=f"{code}, {version}")
    return draft


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as wrong:
        raise ToolError([f"it is not YAML: {wrong}"]) from wrong
    if not isinstance(found, dict):
        raise ToolError(["it is not a tool's file"])
    return found
