"""Risk tools as they were loaded: data that never changes, and who approved it."""

import json
from functools import lru_cache
from typing import Self

from django.db import models
from django.db.models import Q

from portal.common.models import Record
from referrals.assessments.decision import Tool, tool_from


@lru_cache(maxsize=32)
def _read(body: str) -> Tool:
    """The tool that a text describes. A loaded text never changes, so it is read once."""
    return tool_from(json.loads(body))


class ToolVersionQuerySet(models.QuerySet["ToolVersion"]):
    """Tools in domain words."""

    def approved(self) -> Self:
        """Those that a body has approved. Only these may be used for a new assessment."""
        return self.filter(approved_on__isnull=False)

    def in_force(self) -> Self:
        """The version of each tool that was approved last."""
        return self.approved().order_by("code", "-approved_on", "-created_at").distinct("code")


class ToolVersion(Record):
    """One version of a risk tool: a draft until a named body approves it, and never rewritten.

    An assessment points at the version that it used, and is read with it for ever.
    """

    code = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    # As text: jsonb would forget the order of the questions.
    body = models.TextField(help_text="The whole file as JSON: points, caps, edges, floors, words.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    approved_by = models.CharField(max_length=150, blank=True, help_text="The body that approved.")
    minute = models.CharField(max_length=80, blank=True, help_text="Where that is minuted.")
    approved_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(
        null=True, blank=True, help_text="The day by which the body looks at it again."
    )

    objects = ToolVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="tool_version_once"),
            models.CheckConstraint(
                name="tool_has_code_and_version",
                condition=Q(code__regex=r"\S") & Q(version__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="tool_approval_is_whole",
                condition=Q(approved_by="", minute="", approved_on=None, review_on=None)
                | (
                    Q(approved_by__regex=r"\S", minute__regex=r"\S")
                    & Q(approved_on__isnull=False, review_on__isnull=False)
                    & Q(review_on__gt=models.F("approved_on"))
                ),
            ),
        ]

    @property
    def is_draft(self) -> bool:
        """Whether no body has approved it."""
        return self.approved_on is None

    @property
    def tool(self) -> Tool:
        """The tool that the body describes."""
        return _read(self.body)
