"""Looking before a decision to share: the draft opened, the page for danger, the preview."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from referrals import policies as casework
from referrals.models import Case
from sharing.disclosures import policies
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.offers import Offer, holdings, offers
from sharing.disclosures.reading.plan import Plan, plan
from sharing.disclosures.reading.preview import Preview, preview
from sharing.disclosures.vocabulary import PAGES
from sharing.rules import policies as law
from sharing.rules.vocabulary import Purpose


class Unfinished(DomainError):
    """A share lacks an answer; `page` is where to give it."""

    def __init__(self, page: str) -> None:
        super().__init__(
            f"Something is missing on the page “{PAGES[page]}”. Nothing has been shared, and what"
            " you wrote is kept."
        )
        self.page = page


@transaction.atomic
def read_draft(*, actor: Principal, draft: ShareDraft) -> Plan:
    """Open a draft on the record: what may be shared, and what was answered so far.

    Raises NotVisible or Refused.
    """
    found = _planned_so_far(actor, draft)
    _record_reading(actor, found.case, found.offers)
    return found


def _planned_so_far(actor: Principal, draft: ShareDraft) -> Plan:
    draft = policies.draft_for(actor, draft.pk)
    policies.require_may_share(actor, draft.case)
    return plan(actor, draft, timezone.now())


@transaction.atomic
def read_danger(
    *, actor: Principal, reference: str, team: str
) -> tuple[Case, list[Offer], list[Team]]:
    """What may be shared at once because a child is in danger now, and with which teams.

    For the team whose key is given. Before one is chosen, what any of them may have: the list of
    one team would be wrong for another. On the record, as any reading of a case. Raises
    NotVisible or Refused.
    """
    case = casework.case_for(actor, reference)
    policies.require_may_share(actor, case)
    teams = list(policies.recipients(case, actor, danger=True))
    asked = [each for each in teams if str(each.pk) == team] or teams
    at, held = timezone.now(), holdings(actor, case)
    agreed = law.agreed_by({each.agency_id for each in asked}, Purpose.DANGER, at)
    found = {
        offer.code: offer
        for each in asked
        for offer in offers(
            held, each, Purpose.DANGER, at, agreed=agreed[each.agency_id], danger=True
        )
        if offer.whole
    }
    offered = list(found.values())
    _record_reading(actor, case, offered)
    return case, offered, teams


def _record_reading(actor: Principal, case: Case, offered: Iterable[Offer]) -> None:
    record(
        actor,
        "case.read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=sorted({str(offer.category) for offer in offered}),
    )


@transaction.atomic
def look(*, actor: Principal, draft: ShareDraft) -> tuple[Plan, Preview]:
    """Read the case as the recipient would read it after the share. Nothing is shared.

    What the actor may not read stays closed to them. The reading is on the record. Raises
    NotVisible or Refused; Unfinished before all the pages ahead of the preview are answered.
    """
    found = _planned_so_far(actor, draft)
    if found.unfinished not in ("preview", ""):
        raise Unfinished(found.unfinished)
    seen = preview(actor, found.team, found.case, found.grants())
    record(
        actor,
        "share.previewed",
        case=found.case.pk,
        obj=("share", draft.pk),
        subjects=[found.case.child_id],
        purpose=found.purpose or "",
        fields=seen.reading.shown,
        withheld=seen.reading.withheld,
        why=f"sha256:{seen.sha256}",
    )
    return found, seen
