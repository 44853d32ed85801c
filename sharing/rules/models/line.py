"""What every row of the law is: a line with a version and a review, in a rule set that knew it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.contrib.postgres.fields import (
    ArrayField,
)
from django.db import models
from django.db.models import F, Func, Q

from portal.common.models import Record
from sharing.rules.vocabulary import (
    Origin,
)


def words() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=40))


def words_or_none() -> "ArrayField[list[str], list[str]]":
    """A set that may be empty. What was loaded before it existed has none."""
    return ArrayField(models.CharField(max_length=40), default=list)


def names_some_of(
    model: str, field: str, choices: type[models.TextChoices]
) -> models.CheckConstraint:
    known = Q(**{f"{field}__contained_by": choices.values})
    return models.CheckConstraint(
        name=f"{model}_{field}_known", condition=known & Q(**{f"{field}__len__gte": 1})
    )


def names_only(model: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{model}_{field}_known",
        condition=Q(**{f"{field}__contained_by": choices.values}),
    )


def one_of(model: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{model}_{field}_known", condition=Q(**{f"{field}__in": choices.values})
    )


def says(model: str, fields: Iterable[str]) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(name=f"{model}_says_its_{field}", condition=~Q(**{field: ""}))
        for field in fields
    ]


def next_day(field: str) -> Func:
    return Func(F(field), template="(%(expressions)s + 1)", output_field=models.DateField())


class RuleSet(Record):
    """One state of the law, from a reviewed file or from a change approved in the portal.

    `created_at` is when. `sha256` is that of the file's bytes, or of what the change says.
    """

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.FILE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ruleset_origin_known", condition=Q(origin__in=Origin.values)
            ),
            models.CheckConstraint(
                name="ruleset_sha256_is_one", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
        ]


class AllowedFile(Record):
    """A file that the owner of the database has allowed to become law; the site may only look.

    `sha256` is that of the file's bytes.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="allowedfile_sha256_is_one", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
        ]


class Line(Record):
    """A row of the law: its version, its review, and the rule set that gave it an end, if one did.

    An end that was there from the start was given by `rule_set` itself, and `ended_in` is empty.
    """

    rule_set_id: UUID
    version = models.PositiveSmallIntegerField()
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120)
    ended_in = models.ForeignKey(RuleSet, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def as_known(self, end: date | None, known_in: int | None) -> date | None:
        """The end as rule set `known_in` knew it: None while no rule set had given one."""
        if known_in is None or self.ended_in is None:
            return end
        return end if self.ended_in.version <= known_in else None
