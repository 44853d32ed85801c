"""What the demo's agencies share, ask and open after the referrals, and a change of the rules."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.governance.management.demo import Asked, Demo, Opened, Shared
from portal.governance.management.followed import Cast, inform
from referrals import services as casework
from referrals.models import Case
from referrals.vocabulary import KnownHow
from sharing.disclosures import services as sharing
from sharing.disclosures.services import emergency, received, replies, requests, review, walls
from sharing.disclosures.vocabulary import Reply, Result, Told
from sharing.rules.services import agreements, changes
from sharing.rules.vocabulary import ChangeKind, ConsentLimb
from sharing.rules.vocabulary import Outcome as Ruled


def work_together(demo: Demo, cases: dict[str, Case], cast: Cast) -> None:
    """What is shared, asked, kept from somebody and opened in an emergency, after the referrals."""
    for shared in demo.shares:
        _share(shared, cases[shared.child], cast)
    for asked in demo.requests:
        _ask(asked, cases[asked.child], cast)
    for reported in demo.information:
        inform(reported, cast)
    for opened in demo.emergencies:
        _open(opened, cases[opened.child], cast)
    for child, by, why in demo.conflicts:
        walls.declare(actor=cast[by], reference=cases[child].reference, why=why)


def _share(told: Shared, case: Case, cast: Cast) -> None:
    """Share, or decide not to, page by page as a person does; then the recipient reads it."""
    actor, recipient = cast[told.by], cast[told.to]
    who = {"team": recipient.team_id, "purpose": told.purpose.value}
    draft = sharing.begin(actor=actor, reference=case.reference, answers={"who": who})
    offers = sharing.read_draft(actor=actor, draft=draft).offers
    whole = [offer.code for offer in offers if offer.category in told.kinds]
    what = {"whole": whole, "left_out": [], "part": [], "part_of": [], "harm_suspected": ""}
    draft = sharing.save(actor=actor, draft=draft, what=what)
    gateways = sharing.read_draft(actor=actor, draft=draft).gateways
    pages = {"gateway": {"gateway": gateways[0].cited_as}, "why": told.why}
    draft = sharing.save(actor=actor, draft=draft, **pages)
    if told.why["decision"] == Result.SHARED:
        _, seen = sharing.look(actor=actor, draft=draft)
        preview = {"sha256": seen.sha256, "protects": ""}
        draft = sharing.save(actor=actor, draft=draft, preview=preview)
    for made in sharing.share(actor=actor, draft=draft):
        if told.acknowledged:
            casework.read_case(actor=recipient, reference=case.reference)
            sharing.acknowledge(actor=recipient, disclosure=made)


def _ask(told: Asked, case: Case, cast: Cast) -> None:
    actor, asked = cast[told.by], cast[told.to]
    team = Team.objects.select_related("agency").get(pk=asked.team_id)
    means = requests.prospect(
        actor=actor, reference=case.reference, team=team, purpose=told.purpose
    )
    said = requests.Record(
        proportionality=told.proportionality,
        child_told=Told.YES,
        parents_told=Told.YES,
        consent_limb=ConsentLimb.NOT_REASONABLE,
    )
    question = requests.Question(
        team=team,
        purpose=told.purpose,
        categories=told.kinds,
        question=told.question,
        why=told.why,
        gateway=means.gateways[0][0],
        record=said,
    )
    made = requests.ask(actor=actor, reference=case.reference, question=question)
    if not told.answer:
        return
    received.open_request(actor=asked, pk=made.pk)
    replies.reply_to(
        actor=asked,
        pk=made.pk,
        reply=Reply.SHARE,
        parts=[replies.Part(kind, told.answer, KnownHow.RECORD) for kind in told.kinds],
        said=replace(said, proportionality=told.answer_proportionality),
    )


def _open(told: Opened, case: Case, cast: Cast) -> None:
    actor = cast[told.by]
    access = emergency.open_in_emergency(
        actor=actor, reference=case.reference, why=told.why, next_step=told.next_step
    )
    casework.read_case(actor=actor, reference=case.reference)
    emergency.end_emergency(actor=actor, reference=case.reference)
    if told.found:
        reviewer = cast[told.reviewer]
        emergency.read_emergency(actor=reviewer, pk=access.pk)
        emergency.review(actor=reviewer, pk=access.pk, found=told.found, words=told.found_words)


def propose(lead: Principal) -> None:
    """One change of the rules that waits for a second person, and one that is still a draft."""
    waits = changes.draft(
        actor=lead,
        kind=ChangeKind.AMEND,
        number="8a",
        line=changes.line_now("8a")
        | {"outcome": Ruled.ASK, "instead": "Ask the police's single point of contact."},
        reason="The police ask to check each extract before the front door reads it.",
        starts_on=timezone.localdate() + timedelta(days=14),
    )
    changes.submit(actor=lead, pk=waits.pk)
    changes.draft(
        actor=lead,
        kind=ChangeKind.END,
        number="28a",
        line=None,
        reason="Trainers are given fictional examples without a rule.",
        starts_on=timezone.localdate() + timedelta(days=28),
    )
    # What the agreement that has expired left behind is looked at, and the change is counted.
    agreements.sweep()
    review.sweep()
