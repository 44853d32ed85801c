"""Who may record what a case names, and of which cases it is held against others."""

from django.db.models import Exists, OuterRef

from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.links.models import Mention, MentionQuerySet
from referrals.models import Case, CaseQuerySet
from referrals.vocabulary import Extent


def case_to_link(principal: Principal, reference: str) -> Case:
    """Return the case, for whoever coordinates or manages it.

    Raises NotVisible; Refused to anybody else who may know of it.
    """
    case = policies.case_for(principal, reference)
    policies.require_oversees(principal, case)
    return case


def overseen(principal: Principal) -> CaseQuerySet:
    """The cases that the principal coordinates or manages, now: as `require_oversees` has it."""
    if principal.role not in (Role.COORDINATOR, Role.MANAGER):
        return Case.objects.none()
    opened = (
        policies.grants(principal)
        .filter(content_object=OuterRef("pk"))
        .exclude(extent=Extent.ANSWER)
    )
    return policies.visible(principal).filter(Exists(opened))


def elsewhere(principal: Principal, case: Case) -> MentionQuerySet:
    """What stands recorded on the other cases of this partnership that the principal oversees.

    It is not yet to be shown: the reading asks for each whether its statement is.
    """
    return Mention.objects.standing().filter(
        statement__case__in=overseen(principal).exclude(pk=case.pk),
        statement__case__partnership=case.partnership_id,
    )
