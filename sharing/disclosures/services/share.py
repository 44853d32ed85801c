"""From a draft to a decision on the record: begin, save, share or refuse."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Grant
from referrals.services import record_grants, view_case
from sharing.disclosures import policies
from sharing.disclosures.models import Disclosure, ShareDraft
from sharing.disclosures.reading.offers import Offer
from sharing.disclosures.reading.plan import Plan, plan
from sharing.disclosures.reading.preview import preview
from sharing.disclosures.reading.records import decisions
from sharing.disclosures.services.held import held_case, held_draft
from sharing.disclosures.services.look import Unfinished
from sharing.disclosures.vocabulary import Told
from sharing.rules.decision import ArticlePair
from sharing.rules.vocabulary import ConfidenceLimb, Outcome

CHANGED = (
    "Something has changed since you looked. Nothing has been shared, and what you wrote is kept."
    " Look at the preview again."
)
DECIDED = (
    "This has become a decision, so it can no longer be changed. Nothing is lost: find it on the"
    " Sharing page of the case."
)
LEADS_BACK = ("who", "what")


@transaction.atomic
def begin(
    *, actor: Principal, reference: str, answers: Mapping[str, Mapping[str, Any]]
) -> ShareDraft:
    """Begin a share with its first answers. Raises NotVisible or Refused."""
    case = held_case(actor, reference)
    policies.require_may_share(actor, case)
    draft = ShareDraft.objects.create(
        case=case, author_id=actor.membership_id, answers=dict(answers)
    )
    record(actor, "share.drafted", case=case.pk, obj=("share", draft.pk), subjects=[case.child_id])
    return draft


@transaction.atomic
def save(*, actor: Principal, draft: ShareDraft, **pages: Mapping[str, Any]) -> ShareDraft:
    """Keep the answers of pages of a draft. What was previewed must be looked at again.

    Advice was given on what was asked: when with whom or what changes, the question is withdrawn.
    Raises NotVisible, Refused, or DomainError when it has become a decision.
    """
    draft = _open(actor, draft)
    changed = {page for page, said in pages.items() if draft.answers.get(page) != said}
    answers = {**draft.answers, **pages}
    if changed - {"preview"}:
        answers.pop("preview", None)
    if changed.intersection(LEADS_BACK):
        draft.asked_at = draft.advised_at = draft.advised_by = None
        draft.question = draft.advice = ""
    draft.answers, draft.saved_at = answers, timezone.now()
    draft.save()
    case = draft.case
    record(
        actor,
        "share.saved",
        case=case.pk,
        obj=("share", draft.pk),
        subjects=[case.child_id],
        fields=sorted(pages),
    )
    return draft


@transaction.atomic
def discard(*, actor: Principal, draft: ShareDraft) -> None:
    """Delete a draft that will not become a decision. Raises as `save` does."""
    draft = _open(actor, draft)
    case, pk = draft.case, draft.pk
    draft.delete()
    record(actor, "draft.deleted", case=case.pk, obj=("share", pk), subjects=[case.child_id])


@transaction.atomic
def share(*, actor: Principal, draft: ShareDraft) -> list[Disclosure]:
    """Make the decision that a draft prepares: share, share part, wait or refuse.

    One record for each agency whose information it is, with what the law answered and the inputs
    with which it answers the same again; what it opens are grants that begin now. The recipients
    are told, but for those with a conflict of interest. Done twice, it is done once.

    Raises NotVisible; Refused for somebody who may not share; DomainError when an answer is
    missing, when the law says no, when it leaves the decision to a person who has not been asked,
    or when the recipient would no longer read what was previewed.
    Legal source: the partnership's table of rules; Data Protection Act 2018, Schedule 1.
    """
    draft = held_draft(actor, draft.pk)
    if draft.disclosed_at is not None:
        return decisions(draft)
    found = plan(actor, draft, timezone.now())
    seen = _insist(found, draft)
    made = [_disclose(found, draft, holder, seen) for holder in found.holders]
    draft.answers, draft.disclosed_at = {}, found.at
    draft.save(update_fields=["answers", "disclosed_at"])
    _record(actor, found, made)
    return made


def _open(actor: Principal, draft: ShareDraft) -> ShareDraft:
    """The draft, held, and not yet a decision."""
    found = held_draft(actor, draft.pk)
    if found.disclosed_at is not None:
        raise DomainError(DECIDED)
    return found


def _insist(found: Plan, draft: ShareDraft) -> str:
    """Insist that the draft is finished and still what was looked at; return the fingerprint."""
    missing = found.unfinished
    if missing == "preview" and draft.answers.get("preview") is None:
        raise DomainError(CHANGED)
    if missing:
        raise Unfinished(missing)
    insist_lawful(found)
    if not found.shares:
        return ""
    asked = draft.answers["what"]
    wanted = {*asked.get("whole", ()), *asked.get("part", ())}
    known = {each.offer.code for each in found.choices}
    known |= {str(pk) for each in found.choices for pk in each.statements}
    if not wanted <= known:
        raise DomainError(CHANGED)
    seen = preview(found.actor, found.team, found.case, found.grants()).sha256
    if seen != draft.answers["preview"]["sha256"]:
        raise DomainError(CHANGED)
    return seen


def insist_lawful(found: Plan) -> None:
    """Insist that the law lets this person share this. Raises DomainError with the lawful way."""
    if found.shares:
        _insist_on_parts(found)
    if found.shares and found.needs_advice:
        raise DomainError(
            "The law leaves this to a person: the lead of the agency that holds it decides, or an"
            " information-governance lead advises first. Nothing has been shared."
        )
    by_rule = found.danger or found.denied
    if not by_rule and found.gateway not in {row.cited_as for row in found.gateways}:
        raise DomainError(
            "The reason in law that you chose does not lead to this recipient. Choose another one."
            " Nothing has been shared."
        )
    if found.shares and found.needs_a_day and found.until is None:
        raise DomainError(
            "A rule wants this share to end on a day. Choose the day. Nothing has been shared."
        )
    if found.until is not None and found.until <= found.at:
        raise DomainError(
            "The day on which it ends must be today or later. Choose another day. Nothing has been"
            " shared."
        )


def _insist_on_parts(found: Plan) -> None:
    """Insist that nothing is chosen that a rule refuses, nor all of what it lets go in part."""
    for choice in found.choices:
        ruling = choice.offer.ruling
        if ruling.outcome is Outcome.DENY:
            raise DomainError(f"{ruling.reason} Nothing has been shared.")
        if ruling.outcome is Outcome.REDACT and not choice.statements:
            raise DomainError(f"{ruling.reason} Choose the part. Nothing has been shared.")
        if ruling.outcome is Outcome.REDACT and not choice.is_a_part:
            raise DomainError(
                f"{ruling.reason} You chose every answer, and a part is less than that. Leave one"
                " out, or protect words in it first. Nothing has been shared."
            )


def _disclose(found: Plan, draft: ShareDraft, holder: Agency, seen: str) -> Disclosure:
    """Write the record for one agency's information, and the grants that it opens."""
    said = draft.answers["why"]
    columns = by_law(found, holder)
    made = Disclosure.objects.create(
        **columns,
        case=found.case,
        holder=holder,
        recipient=found.team,
        purpose=str(found.purpose),
        consent_limb=said.get("consent_limb", "") if found.pair(holder).consent_limb else "",
        confidence_limb=_confidence(found, said),
        necessity=said["necessity"],
        proportionality=said["proportionality"],
        relevance=said.get("relevance", ""),
        harm_suspected=draft.answers["what"].get("harm_suspected", ""),
        requested_at=draft.request.asked_at if draft.request else None,
        child_view=said.get("child_view", ""),
        child_told=Told(said["child_told"]),
        parents_told=Told(said["parents_told"]),
        not_told_why=said.get("not_told_why", ""),
        protects=draft.answers.get("preview", {}).get("protects", "") if found.shares else "",
        detriment="" if found.shares else said.get("detriment", ""),
        advice_from=_adviser(draft),
        advice=draft.advice,
        preview=seen,
        request=draft.request,
    )
    if found.shares:
        open_grants(made, [grant for grant in found.grants() if grant.holder_id == holder.pk])
    return made


def by_law(found: Plan, holder: Agency) -> dict[str, Any]:
    """The columns of a record that follow from what was chosen of this agency's, and from the law.

    Raises DomainError where no basis in data protection law covers it.
    """
    chosen = found.of(holder)
    first = min((each.offer for each in chosen), key=_narrowest)
    pair = _pair(found, holder)
    return {
        "decided_at": found.at,
        "decider_id": found.actor.membership_id,
        "result": found.result(holder),
        "categories": [str(each.offer.category) for each in chosen],
        "statements": [pk for each in chosen for pk in each.statements],
        "redactions": [str(each.offer.category) for each in chosen if each.statements],
        "rulings": {str(each.offer.category): _ruled(each.offer) for each in chosen},
        "rule": first.ruling.rule,
        "rule_version": first.ruling.version,
        "gateway": found.gateway,
        "article_6": pair.article_6[0],
        "article_9": pair.article_9[0],
        "article_10": next(iter(pair.article_10), ""),
        "condition": pair.condition,
        "accuracy": found.accuracy(holder),
        "onward": found.onward,
        "review_on": found.last_day,
        "until_at": found.until,
    }


def open_grants(made: Disclosure, grants: list[Grant]) -> list[Grant]:
    """Save the grants that a decision opens, and let it hold them, as the database insists."""
    permission = view_case()
    for grant in grants:
        grant.permission = permission
        grant.save()
    made.grants.set(grants)
    return grants


def _ruled(offer: Offer) -> dict[str, Any]:
    """What the law answered about one kind of information, and the question as it was put."""
    return {
        "inputs": offer.inputs.as_json(),
        "outcome": str(offer.ruling.outcome),
        "rule": offer.ruling.rule,
        "version": offer.ruling.version,
        "gateway": offer.ruling.gateway,
    }


def _narrowest(offer: Offer) -> int:
    return list(Outcome).index(offer.ruling.outcome)


def _pair(found: Plan, holder: Agency) -> ArticlePair:
    try:
        return found.pair(holder)
    except LookupError as nothing:
        raise DomainError(
            f"No basis in data protection law covers this for {holder.name}. Ask an"
            " information-governance lead. Nothing has been shared."
        ) from nothing


def _confidence(found: Plan, said: Mapping[str, Any]) -> str:
    if not found.lifts_confidence:
        return ""
    if found.danger:
        return str(ConfidenceLimb.PUBLIC_INTEREST)
    return str(said.get("confidence_limb", ""))


def _adviser(draft: ShareDraft) -> str:
    by = draft.advised_by
    return f"{by.user.name}, {by.team.agency.name}" if by else ""


def _record(actor: Principal, found: Plan, made: list[Disclosure]) -> None:
    """Write each decision to the ledger, and tell whoever received something."""
    cause = None
    for each in made:
        grants = list(each.grants.select_related("group"))
        event = record_decision(actor, each)
        record_grants(actor, found.case, grants)
        cause = cause or event
    if found.shares and cause is not None:
        tell(found.case, found.team, Kind.SHARED, cause)


def record_decision(actor: Principal, made: Disclosure) -> UUID:
    """Write one decision to the ledger: a share names its recipient, a refusal has none."""
    case = made.case
    about: dict[str, Any] = {
        "case": case.pk,
        "obj": ("disclosure", made.pk),
        "subjects": [case.child_id],
        "purpose": made.purpose,
        "basis": made.gateway,
        "why": f"rule:{made.rule}/{made.rule_version}",
        "fields": made.categories,
    }
    if made.detriment:
        return record(actor, "share.refused", **about)
    return record(actor, "share.given", recipient=("team", made.recipient.name), **about)


def tell(case: Case, team: Team, kind: Kind, cause: UUID) -> None:
    """Owe a notice to everybody in a team, but for those with a conflict of interest."""
    for member in policies.told_of(case, [team]):
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)
