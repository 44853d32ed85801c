"""`manage.py seed_demo`: a fictional partnership with its people and forty cases."""

import time
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Partnership, User
from portal.accounts.vocabulary import Principal, Role
from portal.documents.vocabulary import Status as Made
from portal.governance import services as governance
from portal.governance.management.acted import act
from portal.governance.management.assessed import assess
from portal.governance.management.demo import Demo, Step, Story, load
from portal.governance.management.followed import FOLLOWED, Cast
from portal.governance.management.minuted import minute
from portal.governance.management.panel import meet
from portal.governance.management.shared import propose, work_together
from portal.governance.vocabulary import Audience
from referrals import services as casework
from referrals.intake import services as intake
from referrals.models import Case, Proposal
from referrals.services import files
from referrals.triage import services as triage
from referrals.vocabulary import TESTS, Closing, ClosingQuestion, Found, Outcome
from referrals.workflow import Action
from sharing.rules import policies as law
from sharing.rules.services import agreements
from sharing.rules.vocabulary import Category, Purpose

# A worker that is running may be making the same PDF: then we wait for it.
PATIENCE: Final = timedelta(minutes=2)

AGREED_ON: Final = date(2025, 1, 6)
"""When the agencies signed their agreement to share information."""


class Command(BaseCommand):
    """Seeds through the services, so that the ledger holds every step and verifies.

    Only an empty installation without HTTPS takes it: nobody's real partnership. Everything is
    there or, if something goes wrong before the reports, nothing is.
    """

    help = "Fill an empty installation with a fictional partnership, its people and forty cases."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.HTTPS_ONLY:
            raise CommandError("HTTPS_ONLY is true: demo data does not belong in real use.")
        if Partnership.objects.exists():
            raise CommandError("There is a partnership already: demo data needs an empty database.")
        now = timezone.now()
        if not law.in_force(now):
            raise CommandError("No sharing rule is in force: run manage.py load_rules first.")
        demo = load(now)
        with transaction.atomic():
            cast = _enrol(demo)
            cases = {story.child: _tell(story, cast) for story in demo.stories}
            for author, pages in demo.drafts:
                _begin_draft(cast[author], pages)
            work_together(demo, cases, cast)
            assess(cases, cast)
            act(demo, cast)
            propose(_first(Role.IG_LEAD, cast))
            meet(cast)
            minute(cast)
        # With a scanner the file is part of its case now; without one its sender sees it wait.
        files.sweep()
        for child, publish in demo.reports:
            _report(cases[child], _first(Role.COORDINATOR, cast), publish=publish)
        self.stdout.write(
            f"{demo.partnership['name']}: {len(demo.agencies)} agencies, {len(demo.people)} people,"
            f" {len(demo.stories)} cases. Everybody's password: {demo.password}"
        )


def _enrol(demo: Demo) -> Cast:
    """Found the partnership and enrol its people. Returns who acts, each in their first role."""
    partnership = accounts.found_partnership(
        name=demo.partnership["name"],
        slug=demo.partnership["slug"],
        front_door_phone=demo.partnership["front_door_phone"],
        out_of_hours_phone=demo.partnership["out_of_hours_phone"],
    )
    agencies: dict[str, Agency] = {
        key: accounts.join_agency(
            name=each.name,
            kind=each.kind,
            partner_under=each.partner_under,
            partnerships=[partnership],
        )
        for key, each in demo.agencies.items()
    }
    today = timezone.localdate()
    agreements.sign(
        actor=None,
        title="Partnership information-sharing agreement",
        parties=agencies.values(),
        purposes=Purpose,
        categories=Category,
        signed_on=AGREED_ON,
        review_on=today + timedelta(days=180),
        ends_on=today + timedelta(days=365),
    )
    agreements.sign(
        actor=None,
        title="Trial agreement of the first year",
        parties=list(agencies.values())[:3],
        purposes=[Purpose.PANEL],
        categories=[Category.IC4],
        signed_on=AGREED_ON - timedelta(days=365),
        review_on=AGREED_ON - timedelta(days=90),
        ends_on=AGREED_ON,
    )
    cast: Cast = {}
    for person in demo.people:
        enrolled = [
            accounts.enrol(
                email=person.email,
                name=person.name,
                agency=agencies[person.agency],
                role=role,
                password=None if cast else demo.password,
            )
            for role in person.roles
        ]
        cast[person.key] = enrolled[0].principal()
    _share_password(demo)
    _say_whom_to_ring(demo, cast)
    return cast


def _say_whom_to_ring(demo: Demo, cast: Cast) -> None:
    """Each agency that has a lead here says whom to ring; the others have not said it yet."""
    for person in demo.people:
        lead = cast[person.key]
        if lead.role is not Role.AGENCY_LEAD:
            continue
        beside = [each.name for each in demo.people if each.agency == person.agency]
        deputy = next((name for name in beside if name != person.name), "")
        phone = demo.agencies[person.agency].phone
        accounts.keep_contact(
            actor=lead,
            name=person.name,
            phone=phone,
            hours="Monday to Friday, 9am to 5pm",
            deputy_name=deputy,
            deputy_phone=phone if deputy else "",
        )


def _share_password(demo: Demo) -> None:
    """Let the hash of the first person's password serve for all: a hash takes half a second."""
    addresses = [person.email for person in demo.people]
    shared = User.objects.get(email=addresses[0]).password
    User.objects.filter(email__in=addresses).update(password=shared)


def _tell(story: Story, cast: Cast) -> Case:
    author = cast[story.by]
    case = casework.submit(
        actor=author, concern=story.concern, key=story.key, received_at=story.received_at
    )
    for step in story.steps:
        case.refresh_from_db()
        _take(step, case, author, cast)
    return case


def _take(step: Step, case: Case, author: Principal, cast: Cast) -> None:
    """Take one step of a story through the service that a person would reach by a page."""
    coordinator = (
        case.coordinator.principal() if case.coordinator else _first(Role.COORDINATOR, cast)
    )
    if step.verb == "read":
        casework.read_case(actor=cast[step.value], reference=case.reference)
    elif step.verb == Action.ACKNOWLEDGE:
        casework.read_case(actor=cast[step.value], reference=case.reference)
        triage.acknowledge(actor=cast[step.value], case=case)
    elif step.verb == Action.DECIDE:
        _decide(step, case, coordinator, cast)
    elif step.verb in _HANDED_ON:
        _hand_on(step, case, cast)
    elif step.verb in FOLLOWED:
        FOLLOWED[step.verb](step.value, case, author, coordinator)
    elif step.verb == "remove":
        for question, why in step.value.items():
            statement = case.statements.get(question=question)
            casework.remove(actor=author, statement=statement, why=why)
    else:
        _move(step, case, author, coordinator, cast)


def _move(step: Step, case: Case, author: Principal, coordinator: Principal, cast: Cast) -> None:
    action = Action(step.verb)
    if action is Action.CLOSE:
        manager = _first(Role.MANAGER, cast)
        triage.close(actor=manager, case=case, ending=_ending(step.value))
        return
    actor = author if action is Action.WITHDRAW else coordinator
    triage.move(actor=actor, case=case, action=action, reason=step.value)


def _ending(words: str) -> triage.Ending:
    """How a case of the demo is closed: every answer as it should be."""
    said = {
        ClosingQuestion.CHILD_VIEW: "They say that it is better now, and know whom to ring.",
        ClosingQuestion.PLAN: "The worker who has known them longest goes on with it.",
    }
    return triage.Ending(
        reason=Closing.SAFE,
        words=words,
        goes_on_with="The school nurse and the youth worker",
        agreed_by="Front door, school and police, at the last review",
        told_referrer="The work has ended. You can always tell us more.",
        answers={
            asked: triage.Answered(test.fine or Found.YES, said.get(asked, ""))
            for asked, test in TESTS.items()
        },
    )


_HANDED_ON: Final = {
    Action.ROUTE: (Outcome.OPEN_CASE, "The allocated social worker", "The worker has taken it on."),
    Action.TRANSFER: (Outcome.TRANSFER, "The area of the new address", "They have taken it on."),
}


def _decide(step: Step, case: Case, actor: Principal, cast: Cast) -> None:
    """Decide; where that takes a second person, the manager confirms it."""
    made = triage.decide(
        actor=actor,
        case=case,
        outcome=step.value.outcome,
        reason=step.value.reason,
        told_referrer=step.value.told,
        late_reason=step.late,
    )
    if isinstance(made, Proposal):
        triage.answer(actor=_first(Role.MANAGER, cast), pk=made.pk, accepts=True)


def _hand_on(step: Step, case: Case, cast: Cast) -> None:
    """Hand the child to a worker or an area outside the portal; another person writes their yes."""
    outcome, whom, told = _HANDED_ON[Action(step.verb)]
    manager = _first(Role.MANAGER, cast)
    made = triage.decide(
        actor=manager,
        case=case,
        outcome=outcome,
        reason=step.value,
        told_referrer=told,
        then=triage.Then(to_words=whom),
    )
    said = f"{whom}, today by telephone."
    triage.answer(actor=_first(Role.COORDINATOR, cast), pk=made.pk, accepts=True, words=said)


def _first(role: Role, cast: Cast) -> Principal:
    return next(principal for principal in cast.values() if principal.role is role)


def _begin_draft(author: Principal, pages: dict[str, dict[str, str]]) -> None:
    draft = intake.start(actor=author)
    for page, typed in pages.items():
        draft = intake.save(actor=author, draft=draft, page=page, typed=typed)


def _report(case: Case, coordinator: Principal, *, publish: bool) -> None:
    trail = governance.request_trail(
        actor=coordinator, reference=case.reference, audience=Audience.BOARD
    )
    governance.make_trail(pk=trail.document_id)
    given_up = timezone.now() + PATIENCE
    while trail.document.status in (Made.ASKED, Made.MAKING) and timezone.now() < given_up:
        trail.document.refresh_from_db(fields=["status"])
        time.sleep(0.1)
    if trail.document.status != Made.READY:
        raise CommandError("The cases are there, but the board's report could not be made.")
    if publish:
        governance.publish(actor=coordinator, trail=trail)
