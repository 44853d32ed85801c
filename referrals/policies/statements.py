"""Who answers for a piece of information, and who has had it."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals.models import Case, EmergencyAccess, Grant, Statement
from referrals.policies.authority import require_more_than_emergency
from referrals.policies.visibility import case_for, walled
from referrals.vocabulary import NOTES, QUESTIONS, Extent, Protect


def answers_for(principal: Principal, statement: Statement) -> bool:
    """Whether the principal wrote the statement, or leads the agency that holds it.

    For a concealed answer only its author does: nobody else may know of it.
    """
    if principal.membership_id == statement.author_id:
        return True
    leads = principal.role is Role.AGENCY_LEAD and principal.agency_id == statement.agency_id
    return leads and statement.protect != Protect.EXISTENCE


def may_be_concealed(statement: Statement) -> bool:
    """Whether its author may conceal that there is this statement.

    Not so a working note: the case's own trail says that it was written.
    """
    return QUESTIONS[statement.question].section != NOTES


def require_answers_for(principal: Principal, statement: Statement, *, to: str = "remove") -> None:
    """Insist on it. `to` is the verb: remove, protect or correct.

    Raises Refused; the case is visible to the principal. Raises NotVisible for a concealed answer
    that somebody else wrote: nobody but its author may know of it.
    """
    wrote = principal.membership_id == statement.author_id
    if statement.protect == Protect.EXISTENCE and not wrote:
        raise NotVisible("statement", str(statement.pk))
    if not answers_for(principal, statement):
        raise Refused(
            f"Only the person who wrote this, or the lead of their agency, can {to} it",
            kind="statement",
            pk=str(statement.pk),
            action=to,
        )


def statement_for(principal: Principal, reference: str, pk: UUID, *, to: str) -> Statement:
    """Return a statement of a visible case that the principal answers for.

    Raises NotVisible, or Refused when they only read it, as in an emergency. `to` is as in
    `require_answers_for`.
    """
    case = case_for(principal, reference)
    # Before it is looked up: a concealed answer is refused as a missing one is.
    require_more_than_emergency(principal, case)
    found = Statement.objects.select_related("case", "agency").filter(case=case, pk=pk).first()
    if found is None:
        raise NotVisible("statement", str(pk))
    require_answers_for(principal, found, to=to)
    return found


def had(case: Case, statement: Statement) -> list[Membership]:
    """Who may have read this answer since it was given, and is there now: one membership a person.

    Its author, the teams and people with a share, live or past, that opened it at some time since,
    and who opened the case in an emergency since. Nobody with a conflict of interest, and nobody
    whose role has ended.
    """
    chain: list[UUID] = []
    row: Statement | None = statement
    while row is not None:
        # With the line that stood in its place while it was concealed.
        alike = Statement.objects.filter(
            case=case, question=row.question, author=row.author_id, stated_at=row.stated_at
        )
        chain += alike.values_list("pk", flat=True)
        row = row.corrects
    since = statement.stated_at
    opened = Grant.objects.filter(
        Q(extent=Extent.WHOLE, categories__contains=[statement.category])
        | Q(statements__overlap=chain),
        Q(ended_at__isnull=True) | Q(ended_at__gt=since),
        Q(until_at__isnull=True) | Q(until_at__gt=since),
        content_object=case,
        holder_id=statement.agency_id,
        from_at__lte=timezone.now(),
    )
    teams = Team.objects.filter(pk__in=opened.of_teams().values("group"))
    author = Membership.objects.live().filter(pk=statement.author_id).select_related("team__agency")
    used = EmergencyAccess.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=since), case=case, until_at__gt=since
    )
    alone = opened.filter(only__isnull=False).values("only")
    rushed = Membership.objects.live().filter(Q(pk__in=used.values("membership")) | Q(pk__in=alone))
    everyone = (
        *rushed.select_related("team__agency"),
        *author,
        *people.live_memberships(teams),
    )
    found = {member.user_id: member for member in everyone}
    members = Membership.objects.filter(pk__in=[member.pk for member in found.values()])
    kept_out = set(members.filter(walled(case)).values_list("pk", flat=True))
    return [member for member in found.values() if member.pk not in kept_out]
