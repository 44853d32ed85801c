"""Teams, people, and who is in which team."""

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from portal.accounts.models.partnership import Agency
from portal.accounts.vocabulary import Area, Post, Principal, Role, acting
from portal.common.models import Record


class Team(Group):
    """An agency x role. It is a Django group, so that a guardian grant can name it.

    An agency may have two teams of practitioners: those who only send and follow their own are in
    one apart, to which nothing is ever shared.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    role = models.CharField(max_length=20, choices=Role.choices)
    sends_only = models.BooleanField(default=False)

    # Group's own manager would be typed to hand out groups.
    objects: ClassVar[models.Manager["Team"]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "role", "sends_only"], name="team_is_agency_and_role"
            ),
            models.CheckConstraint(
                name="team_only_practitioners_only_send",
                condition=Q(sends_only=False) | Q(role=Role.PRACTITIONER),
            ),
            models.CheckConstraint(name="team_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"Team {self.pk}"


class UserManager(BaseUserManager["User"]):
    """Finds users. `services.enrol` makes them; there is no superuser to make."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, Record):
    """A person who signs in with their work e-mail. Nobody is a superuser, by construction."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    hiding_told_at = models.DateTimeField(
        null=True, help_text="When they were told how to hide a page. Nobody is told twice."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
            # Two addresses that look alike to the eye are never two people.
            models.CheckConstraint(
                name="user_email_plain_letters", condition=Q(email__regex=r"^[!-~]+$")
            ),
        ]

    def __str__(self) -> str:
        return f"User {self.pk}"

    @property
    def is_staff(self) -> bool:
        """Nobody is staff: there is no administration site."""
        return False

    @property
    def is_superuser(self) -> bool:
        """Nobody is a superuser: guardian's and Django's bypasses stay shut."""
        return False


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships in domain words."""

    def live(self) -> Self:
        """Memberships in which a person may act at this moment."""
        now = timezone.now()
        return self.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=now), from_at__lte=now, user__is_active=True
        )

    def ended(self) -> Self:
        """Memberships of people who have left: ended, or of a closed account."""
        return self.filter(Q(until_at__lte=timezone.now()) | Q(user__is_active=False))


class Membership(Record):
    """A person in a team: person x agency x role, from a day until a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team"],
                condition=Q(until_at__isnull=True),
                name="membership_once_at_a_time",
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]

    @property
    def has_ended(self) -> bool:
        """Whether the person has left: the same as `MembershipQuerySet.ended`."""
        over = self.until_at is not None and self.until_at <= timezone.now()
        return over or not self.user.is_active

    def principal(self) -> Principal:
        """The principal that this membership makes of its person. Two queries when not joined."""
        team, agency = self.team, self.team.agency
        post = Post(
            *(self.user_id, self.pk, team.pk, team.role, team.sends_only),
            *(agency.pk, agency.kind, agency.name),
        )
        areas = [
            Area(*(getattr(each, name) for name in Area._fields))
            for each in agency.partnerships.all()
        ]
        return acting(self.user.name, post, areas)
