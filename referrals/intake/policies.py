"""Drafts belong to the membership that writes them, and to whom it asks to send them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from portal.documents.models import Upload
from referrals import policies as casework
from referrals.intake.models import Draft, DraftQuerySet
from referrals.models import Referral


def visible(principal: Principal) -> DraftQuerySet:
    """The drafts that the principal writes, or was asked to send, in this membership."""
    me = principal.membership_id
    return Draft.objects.filter(Q(author_id=me) | Q(delegate_id=me))


def draft_for(principal: Principal, pk: UUID) -> Draft:
    """Return the principal's draft, sent or not. Raises NotVisible."""
    found = visible(principal).filter(pk=pk).first()
    if found is None:
        raise NotVisible("draft", str(pk))
    return found


def require_wrote(principal: Principal, draft: Draft) -> None:
    """Insist that a visible draft is the principal's own. Raises Refused for its delegate."""
    if draft.author_id != principal.membership_id:
        raise Refused(
            "Only the person who began this draft can do this",
            kind="draft",
            pk=str(draft.pk),
            action="delegate",
        )


def colleague(principal: Principal, email: str) -> Membership | None:
    """Somebody else at the principal's agency who sends referrals, by their work address."""
    found = (
        Membership.objects.live()
        .filter(user__email=email.strip().lower(), team__agency=principal.agency_id)
        # Whoever only sends is given no words but their own.
        .filter(team__sends_only=False)
        .exclude(user=principal.user_id)
        .select_related("user", "team__agency")
        .prefetch_related("team__agency__partnerships")
        .order_by("created_at")
    )
    return next((each for each in found if casework.may_refer(each.principal())), None)


def sent_for_another(principal: Principal, reference: str) -> Draft | None:
    """The draft that the principal was asked to send, when it went under this reference.

    Whoever of the two sent it: `sent_by` says.
    """
    return (
        Draft.objects.filter(delegate_id=principal.membership_id, reference=reference)
        .exclude(reference="")
        .select_related("author__user")
        .first()
    )


def left_in_danger(principal: Principal) -> list[tuple[str, datetime]]:
    """The drafts about danger that lie still at the agency that the principal leads.

    Who writes each, and since when it lies; never a word of it. Its author was told beforehand.
    """
    if principal.role is not Role.AGENCY_LEAD:
        return []
    found = lying_still().filter(author__team__agency=principal.agency_id)
    return [(draft.author.user.name, draft.saved_at) for draft in found]


def lying_still() -> DraftQuerySet:
    """Unsent drafts about danger that have lain for as long as their partnership lets them."""
    minutes = _danger_minutes(OuterRef("author__team__agency"))
    return (
        Draft.objects.unsent()
        .about_danger()
        .defer("answers")
        .select_related("author__user", "author__team__agency", "delegate")
        .alias(still=Subquery(minutes) * Value(timedelta(minutes=1)))
        .filter(saved_at__lte=timezone.now() - F("still"))
    )


def danger_minutes(principal: Principal) -> int:
    """How many minutes a draft about danger may lie still at the principal's agency."""
    return _danger_minutes(principal.agency_id)[0]


def _danger_minutes(agency: UUID | OuterRef) -> QuerySet[Partnership, int]:
    served = Partnership.objects.filter(agencies=agency).order_by("danger_draft_minutes")
    return served.values_list("danger_draft_minutes", flat=True)[:1]


def files_of_nothing() -> list[Upload]:
    """The files of yesterday and before whose key is neither a draft nor a referral."""
    old = Upload.objects.filter(added_at__lte=timezone.now() - timedelta(days=1))
    drafts = Draft.objects.filter(pk=OuterRef("key"))
    sent = Referral.objects.filter(key=OuterRef("key"))
    return list(old.exclude(Exists(drafts) | Exists(sent)).only("pk", "key"))


def area_of(principal: Principal) -> Partnership:
    """The partnership that the principal refers to: its hours and its phone numbers.

    Raises Refused for somebody who does not refer.
    """
    casework.require_may_refer(principal)
    return Partnership.objects.get(pk=principal.partnership_ids[0])
