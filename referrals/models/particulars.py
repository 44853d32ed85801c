"""What a child is told apart by, folded and kept with the keys under which it is found again."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from portal.accounts.models import Agency, Partnership
from portal.common.models import Record
from referrals.models.case import Case
from referrals.vocabulary.likeness import Likeness


def _words(longest: int) -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=longest), default=list, blank=True)


class Particulars(Record):
    """The child of a case, as far as two are compared: nothing that is not in the case itself.

    Made in the transaction that sends, corrects, protects or removes what it is made from, out of
    what the first sender told openly: nothing that is protected is in it. So whoever reads the
    identity (IC1) that this sender holds may be shown what rests on it; the school is education
    (IC5). Read only through `policies`, as the case is. `version` says which way of making keys
    made them.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="particulars")
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    holder = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The first sender's agency, which holds what it is made from.",
    )
    version = models.PositiveSmallIntegerField()
    keys = ArrayField(models.BigIntegerField(), default=list, blank=True)
    given = _words(100)
    family = _words(100)
    also = _words(100)
    born = models.DateField(null=True, blank=True)
    born_about = models.PositiveSmallIntegerField(null=True, blank=True)
    nhs_number = models.CharField(max_length=10, blank=True)
    upn = models.CharField(max_length=13, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    door = models.CharField(max_length=200, blank=True)
    school = models.CharField(max_length=300, blank=True)
    phones = _words(10)

    class Meta:
        verbose_name_plural = "particulars"
        indexes = [
            GinIndex(fields=["keys"], name="particulars_by_key", fastupdate=False),
            models.Index(fields=["version"], name="particulars_by_version"),
            models.Index(
                fields=["nhs_number"],
                name="particulars_by_nhs_number",
                condition=Q(nhs_number__gt=""),
            ),
            models.Index(fields=["upn"], name="particulars_by_upn", condition=Q(upn__gt="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="particulars_nhs_number_is_ten_digits",
                condition=Q(nhs_number="") | Q(nhs_number__regex=r"^\d{10}$"),
            ),
        ]

    def likeness(self, *, school: bool = True) -> Likeness:
        """The child as it is compared. `school`: whether the school may be looked at."""
        return Likeness(
            given=tuple(self.given),
            family=tuple(self.family),
            also=tuple(self.also),
            born=self.born,
            born_about=self.born_about,
            nhs_number=self.nhs_number,
            upn=self.upn,
            postcode=self.postcode,
            door=self.door,
            school=self.school if school else "",
            phones=tuple(self.phones),
        )
