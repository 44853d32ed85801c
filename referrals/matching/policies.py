"""Who may look for the same child, and decide about what was found."""

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals import policies
from referrals.models import Case


def case_to_match(principal: Principal, reference: str) -> Case:
    """Return the case, for whoever coordinates or manages it.

    Raises NotVisible; Refused to anybody else who may know of it.
    """
    case = policies.case_for(principal, reference)
    policies.require_oversees(principal, case)
    return case


def other_case(principal: Principal, case: Case, reference: str) -> Case:
    """Return the case that this one is held against: another one of the same partnership.

    The principal coordinates or manages it too, and knows who its child is: a case of which they
    may not know this does not exist here. Raises NotVisible or Refused.
    """
    other = case_to_match(principal, reference)
    knows = policies.whose_child_is_known(principal).filter(pk__in=(case.pk, other.pk))
    if other == case or other.partnership_id != case.partnership_id or knows.count() != 2:
        raise NotVisible("case", reference)
    return other
