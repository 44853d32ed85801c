"""Audit trails that were asked for, made, published to the board, and signed for."""

from django.db import models
from django.db.models import Q

from portal.accounts.models import Membership, Partnership
from portal.common.models import Record
from portal.documents.models import Document
from portal.governance.vocabulary import Audience
from referrals.models import Case


class AuditTrail(Record):
    """One audit trail of one case, for one audience, frozen as it was when it was made.

    `number` is what the board knows the case by ("Case 7"): the same for every trail of the case,
    and nothing can be worked out from it.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    number = models.PositiveIntegerField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="trail_audience_known", condition=Q(audience__in=Audience.values)
            ),
            models.CheckConstraint(
                name="trail_published_is_for_the_board",
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(
                    audience=Audience.BOARD,
                    published_at__isnull=False,
                    published_by__isnull=False,
                    content__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="trail_reviewed_is_published_and_says_what",
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, comment="")
                | (
                    Q(
                        published_at__isnull=False,
                        reviewed_at__isnull=False,
                        reviewed_by__isnull=False,
                    )
                    & ~Q(comment="")
                ),
            ),
        ]
