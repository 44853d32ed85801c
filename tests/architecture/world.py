"""A small world in which every way to stand to a case is somebody, and every piece of information
is a word of its own; and what the law and the live grants say each of them may read.

`may_read` is asked by the tests of the doors. It knows `sharing.rules.decision.decide`, the rows
of grants, emergency accesses and walls, and nothing of the readings that it is held against.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Partnership, Team, User
from portal.accounts.vocabulary import (
    LONGEST_IDLE_MINUTES,
    AgencyKind,
    PartnerUnder,
    Principal,
    Role,
)
from portal.documents.services import uploads
from portal.governance import services as governance
from portal.governance.vocabulary import Audience
from portal.notifications.models import Notice
from referrals import services as casework
from referrals.actions import services as actions
from referrals.assessments import models as risk
from referrals.assessments import services
from referrals.assessments.services.telling import note
from referrals.assessments.vocabulary import CHILD, JUDGEMENT, Level, Takes
from referrals.assessments.workflow import Status
from referrals.information import services as information
from referrals.information.models import Thing
from referrals.intake import services as intake
from referrals.links import services as links
from referrals.links.reading import Words
from referrals.links.vocabulary import Kind
from referrals.meetings import services as meetings
from referrals.meetings.models import AgendaItem
from referrals.meetings.services import concluding, minutes, printing, writing
from referrals.meetings.vocabulary import Agreed, Came
from referrals.meetings.vocabulary import ItemKind as OnAgenda
from referrals.meetings.workflow import Sifting
from referrals.models import (
    Case,
    Clock,
    EmergencyAccess,
    Grant,
    Referral,
    SideRoute,
    Statement,
    Wall,
)
from referrals.services import files
from referrals.services.items import Item, ItemKind
from referrals.triage import services as triage
from referrals.vocabulary import (
    Answer,
    Certainty,
    ClockKind,
    Conflict,
    Emergency,
    Extent,
    KnownHow,
    Outcome,
    Protect,
    Side,
)
from sharing.disclosures import services as sharing
from sharing.disclosures.policies import requests
from sharing.rules import policies as law
from sharing.rules.decision import DEFAULT, Facts, decide
from sharing.rules.models import Agreement
from sharing.rules.services import changes
from sharing.rules.services.examine import examine
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    Category,
    ChangeKind,
    Purpose,
    Relation,
    Step,
)
from sharing.rules.vocabulary import Outcome as Ruling
from tests.architecture import doors
from tests.assessments.conftest import tool_version
from tests.cast import Cast, gathered, membership, send
from tests.closing import closed, to_close
from tests.disclosures.conftest import ask as question
from tests.disclosures.conftest import team_of
from tests.disclosures.steps import prepared

CASES = ("decided", "waiting")
OVER = ("closed", "stepping down")
"""Cases that nobody has shared by hand, and that no conflict of interest keeps from anybody."""
REFERENCES = (*CASES, *OVER)

# How those stand to them who stand to the others by what was shared, asked or kept from them.
_ELSE = {
    **dict.fromkeys((doors.PANEL, doors.SHARED, doors.EXPIRED, doors.ENDED), doors.HERE),
    **dict.fromkeys((doors.EMERGENCY, doors.LAPSED, doors.ASKED), doors.HERE),
    doors.WALLED: doors.FRONT,
}


@dataclass(frozen=True)
class Person:
    """Somebody at the doors: who, and how they stand to each of the cases."""

    key: str
    principal: Principal | None
    stands: dict[str, str]

    @property
    def role(self) -> Role | None:
        """The role that they act in, if they have signed in."""
        return self.principal.role if self.principal else None

    @property
    def words(self) -> str:
        """Their role and agency."""
        who = self.principal
        return f"{who.role.label}, {who.agency_kind.label}" if who else "-"


@dataclass(frozen=True)
class Fact:
    """One piece of information of a case, by the word that stands for it wherever it goes."""

    word: str
    case: str
    category: Category
    holder: Agency
    author: UUID
    statement: UUID | None = None
    protect: str = ""


@dataclass
class World:
    """The two cases, everybody who may try them, and everything that there is to be read."""

    cast: Cast
    cases: dict[str, Case] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    things: dict[str, str] = field(default_factory=dict)
    _read: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def person(self, key: str) -> Person:
        """The person of this name."""
        return next(person for person in self.people if person.key == key)

    def readable(self, person: Person, name: str) -> set[str]:
        """The words of a case that this person may read, worked out once."""
        if (person.key, name) not in self._read:
            facts = [fact for fact in self.facts if fact.case == name]
            self._read[person.key, name] = {
                fact.word for fact in may_read(person, self.cases[name], facts)
            }
        return self._read[person.key, name]


# --- What the law and the grants say ------------------------------------------------------------


def may_read(person: Person, case: Case, facts: list[Fact]) -> list[Fact]:
    """Those pieces of the case that this person may read now."""
    who, now = person.principal, timezone.now()
    if who is None or Wall.objects.filter(case=case, user_id=who.user_id).exists():
        return []
    if case.partnership_id not in who.partnership_ids:
        return []
    grants = [grant for grant in _live(case, now) if grant.group_id == who.team_id]
    emergency = EmergencyAccess.objects.filter(
        case=case, membership_id=who.membership_id, from_at__lte=now, until_at__gt=now
    ).exists()
    sent = Referral.objects.filter(case=case, author_id=who.membership_id).exists()
    if not (grants or emergency or sent):
        return []
    ours = who.role is Role.AGENCY_LEAD and any(
        referral.agency_id == who.agency_id for referral in Referral.objects.filter(case=case)
    )

    def may(fact: Fact) -> bool:
        own = _is_own(who, fact, refers=sent or ours)
        if fact.protect and not (own and fact.author == who.membership_id):
            return False
        return own or _is_shared(grants, fact) or (emergency and not _is_stopped(who, fact))

    return [fact for fact in facts if may(fact)]


def _live(case: Case, now: Any) -> Iterator[Grant]:
    for grant in Grant.objects.filter(content_object=case, ended_at__isnull=True):
        if grant.from_at <= now and (grant.until_at is None or now < grant.until_at):
            yield grant


def _is_shared(grants: list[Grant], fact: Fact) -> bool:
    return any(
        fact.statement in grant.statements
        if grant.extent == Extent.PART
        else fact.category in grant.categories and fact.holder.pk == grant.holder_id
        for grant in grants
    )


def _is_own(who: Principal, fact: Fact, *, refers: bool) -> bool:
    rules = law.in_force(timezone.now())
    facts = Facts(
        rules=tuple(
            rule
            for rule in rules
            if rule.relation != Relation.ANYONE or rule.step == Step.HARD_STOP
        ),
        holder_kind=AgencyKind(fact.holder.kind),
        holder_agency=fact.holder.pk,
        recipient_is_referrer=refers,
        recipient_is_author=fact.author == who.membership_id,
    )
    return _decided(who, facts, fact).outcome is Ruling.ALLOW


def _is_stopped(who: Principal, fact: Fact) -> bool:
    stops = tuple(rule for rule in law.in_force(timezone.now()) if rule.step == Step.HARD_STOP)
    facts = Facts(stops, AgencyKind(fact.holder.kind), fact.holder.pk)
    return _decided(who, facts, fact).rule != DEFAULT


def _decided(who: Principal, facts: Facts, fact: Fact) -> Any:
    panel = who.role in (Role.PANEL_MEMBER, Role.PANEL_CHAIR)
    purpose = Purpose.PANEL if panel else Purpose.SCREEN
    return decide(who, facts, fact.category, purpose, timezone.now())


# --- Building it --------------------------------------------------------------------------------


def built() -> World:
    """Enrol everybody, send two referrals, decide one, and share, end, wall and break glass."""
    world = World(gathered())
    cast = world.cast
    # Nobody is signed out while a slow machine goes through all of the doors.
    Partnership.objects.update(idle_minutes=LONGEST_IDLE_MINUTES)
    more = _others(cast)
    for name in CASES:
        key = uuid4()
        file = _file(cast, key, label=f"It is zz{name[0]}filezz.")
        world.cases[name] = send(cast.teacher, key, given_name=_name(name), family_name="Zzfamily")
        _know(world, name, file)
        world.facts.append(
            Fact(_name(name).lower(), name, Category.IC1, cast.school, cast.teacher.membership_id)
        )
        _state(world, name)
    _decide(world)
    for name, case in world.cases.items():
        case.refresh_from_db()
        _share(world, name, case, more)
    _propose(world)
    _act(world, more)
    _end(world)
    _gather(world, more)
    _tell_the_police(world)
    _panel_meets(world)
    _panel_is_held(world)
    _name_a_van(world)
    _assess(world)
    _put_things(world, more)
    # Whoever has a password can be asked for it again.
    User.objects.update(password=make_password(str(uuid4())))
    return world


def _draft_that_names_somebody(actor: Principal) -> UUID:
    draft = intake.start(actor=actor)
    typed = {"name": "A person"}
    intake.keep_item(actor=actor, draft=draft, kind=ItemKind.PEOPLE, item="1" * 32, typed=typed)
    return draft.pk


def _file(cast: Cast, key: UUID, label: str, *, clean: bool = True) -> UUID:
    """A file that the teacher adds; clean, or still to be checked."""
    said = "She was away on three days."
    file = files.add(
        actor=cast.teacher,
        key=key,
        given=said.encode(),
        label=label,
        category=Category.IC4,
        insist=lambda: None,
    )
    if clean:
        uploads.settle(pk=file, clean=True)
    return file


def _know(world: World, name: str, file: UUID) -> None:
    row = Statement.objects.get(case=world.cases[name], upload=file)
    word = f"zz{name[0]}filezz"
    world.facts.append(Fact(word, name, Category.IC4, row.agency, row.author_id, row.pk))
    if name == "decided":
        world.things["file"] = str(row.pk)


def _name(case: str) -> str:
    return f"Zz{case[0]}identity"


def _others(cast: Cast) -> dict[str, Principal]:
    def agency(name: str, kind: AgencyKind) -> Agency:
        return accounts.join_agency(
            name=name,
            kind=kind,
            partner_under=[PartnerUnder.S11],
            partnerships=[cast.partnership],
        )

    def person(name: str, where: Agency, role: Role) -> Principal:
        email = f"{name.lower()}@{where.kind.replace('_', '-')}.example.org"
        return accounts.enrol(email=email, name=name, agency=where, role=role).principal()

    housing = agency("Exampleshire Homes", AgencyKind.HOUSING)
    justice = agency("Exampleshire Youth Justice", AgencyKind.YOUTH_JUSTICE)
    probation = agency("Exampleshire Probation", AgencyKind.PROBATION)
    district = agency("Exampleshire District", AgencyKind.DISTRICT)
    health = Agency.objects.get(pk=cast.panel_nurse.agency_id)
    police = Agency.objects.get(pk=cast.panel_officer.agency_id)
    elsewhere = Agency.objects.get(pk=cast.other_coordinator.agency_id)
    return {
        "housing": person("Hal", housing, Role.PRACTITIONER),
        "justice": person("Jo", justice, Role.AGENCY_LEAD),
        "probation": person("Pru", probation, Role.PRACTITIONER),
        "district": person("Dis", district, Role.PRACTITIONER),
        "ward-nurse": person("Wanda", health, Role.PRACTITIONER),
        "constable": person("Con", police, Role.PRACTITIONER),
        "lado": person("Lad", cast.council, Role.LADO),
        "ig_lead": person("Iggy", cast.council, Role.IG_LEAD),
        "other_ig_lead": person("Igor", elsewhere, Role.IG_LEAD),
        "health_lead": person("Hattie", health, Role.AGENCY_LEAD),
        "police_lead": person("Polly", police, Role.AGENCY_LEAD),
        "social_worker": person("Sol", cast.council, Role.PRACTITIONER),
        "sender": accounts.enrol(
            email="sender@school.example.org",
            name="Senda",
            agency=cast.school,
            role=Role.PRACTITIONER,
            sends_only=True,
        ).principal(),
        "agency admin": person("Adam", cast.school, Role.AGENCY_ADMIN),
        "platform admin": person("Plat", cast.council, Role.PLATFORM_ADMIN),
    }


def _state(world: World, name: str) -> None:
    """Each of four agencies holds something of every category, and protects and conceals some."""
    cast = world.cast
    holders = {
        "school": cast.teacher,
        "police": cast.panel_officer,
        "health": cast.panel_nurse,
        "council": cast.coordinator,
    }
    for holder, author in holders.items():
        for category in sorted(ABOUT_A_CHILD - {Category.OUTCOME}):
            word = f"zz{name[0]}{category}{holder}zz".lower()
            _say(world, name, author, word, category=category)
        for protect in (Protect.POLICE, Protect.EXISTENCE):
            word = f"zz{name[0]}{protect}{holder}zz".lower()
            _say(world, name, author, word, category=Category.IC4, protect=protect)


def _say(
    world: World, name: str, author: Principal, word: str, *, category: Category, protect: str = ""
) -> None:
    person = membership(author)
    row = Statement.objects.create(
        case=world.cases[name],
        referral=None,
        question=f"answer_{category}",
        category=category,
        answer=Answer.GIVEN,
        text=f"It says {word} here.",
        known_how=KnownHow.RECORD,
        agency=person.team.agency,
        author=person,
        stated_at=timezone.now(),
        protect=protect,
    )
    fact = Fact(word, name, category, person.team.agency, person.pk, row.pk, str(protect))
    world.facts.append(fact)


def _decide(world: World) -> None:
    cast, case = world.cast, world.cases["decided"]
    triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Because zzdreasonzz.",
        told_referrer="We can say zzdtoldzz.",
        then=triage.Then(sides=(Side.POLICE,)),
    )
    world.things["side"] = str(SideRoute.objects.get(case=case).pk)
    by = cast.coordinator.membership_id
    world.facts += [
        Fact("zzdreasonzz", "decided", Category.IC7, cast.council, by),
        Fact("zzdtoldzz", "decided", Category.OUTCOME, cast.council, by),
    ]


def _act(world: World, more: dict[str, Principal]) -> None:
    """An action that somebody else is asked to take on, one that is done, and a review to come."""
    cast, case = world.cast, world.cases["decided"]
    due = timezone.localdate() + timedelta(days=10)
    words = {"what": "Do it.", "effect": "It helps.", "due": due}

    def given(owner: Principal) -> UUID:
        owned = membership(owner)
        made = actions.give(actor=cast.coordinator, case=case, owner=owned, **words)
        return UUID(str(made.pk))

    asked, done = given(more["social_worker"]), given(cast.teacher)
    justice = more["justice"].membership_id
    actions.offer(actor=cast.coordinator, pk=asked, to=justice, words="Yours?")
    actions.claim(actor=cast.teacher, pk=done, said=actions.Update("She is safe."))
    actions.verify(actor=cast.coordinator, pk=done, is_done=True, words="")
    review = actions.plan_review(actor=cast.coordinator, case=case, on=due, why="Soon.")
    world.things |= {
        "action": str(asked),
        "done action": str(done),
        "review": str(review.pk),
    }


def _panel_is_held(world: World) -> None:
    """Another panel has put the child off, with minutes for comment, and is looking again now."""
    cast, case = world.cast, world.cases["decided"]
    invited = (cast.panel_chair, cast.coordinator, cast.panel_officer, cast.panel_nurse)
    people = tuple(each.membership_id for each in invited)
    panel = meetings.keep_series(
        actor=cast.manager,
        setup=meetings.Setup(
            name="Weekly panel",
            remit="",
            order=tuple(OnAgenda),
            quorum_agencies=2,
            quorum_kinds=(),
            papers_out_days=5,
            confidentiality="Use it only to keep children safe.",
            chair=cast.panel_chair.membership_id,
            members=people,
        ),
    )
    put = meetings.Put(series=panel.pk, why="Two agencies are worried.")
    made = meetings.nominate(actor=cast.coordinator, reference=case.reference, put=put, key=uuid4())
    meetings.sift(actor=cast.manager, pk=made.pk, step=Sifting.ACCEPT)

    def begun(days: int) -> AgendaItem:
        starts = timezone.now() + timedelta(days=days)
        meeting = meetings.plan(
            actor=cast.coordinator,
            series=panel.pk,
            plan=meetings.Plan(
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
                chair=cast.panel_chair.membership_id,
                invited=people,
                confidentiality="",
                place="Room 4",
            ),
            key=uuid4(),
        )
        meetings.add(actor=cast.manager, meeting=meeting.pk, nominations=[made.pk])
        meetings.publish(actor=cast.manager, pk=meeting.pk)
        came = dict.fromkeys(meeting.invitations.values_list("pk", flat=True), Came.PRESENT)
        meetings.note_who_came(actor=cast.manager, pk=meeting.pk, came=came, accepted=True)
        meetings.hold(actor=cast.manager, pk=meeting.pk)
        item = AgendaItem.objects.select_related("meeting", "nomination__case").get(meeting=meeting)
        writing.take_pen(actor=cast.coordinator, meeting=item.meeting)
        writing.present(actor=cast.coordinator, item=item)
        return item

    earlier = begun(7)
    put_off = concluding.Concluded(
        what=Agreed.DEFERRED,
        words="Not today.",
        reasons="Nobody knew enough.",
        next_on=timezone.localdate() + timedelta(days=14),
        key=uuid4(),
    )
    nothing = concluding.version(None)
    concluding.conclude(actor=cast.coordinator, item=earlier, found=put_off, seen=nothing)
    meetings.end(actor=cast.manager, pk=earlier.meeting_id)
    minutes.draft(actor=cast.coordinator, meeting=earlier.meeting)
    item = begun(14)
    paper = printing.request(actor=cast.coordinator, meeting=earlier.meeting_id)
    world.things |= {
        "session": str(item.meeting_id),
        "session item": str(item.pk),
        "ended session": str(earlier.meeting_id),
        "ended item": str(earlier.pk),
        "printed minutes": str(paper),
    }


def _propose(world: World) -> None:
    """A decision on each case that waits for a yes: of a second person, and of another area."""
    cast = world.cast
    current = world.cases["decided"].decisions.get()
    waits = {
        "proposal": ("waiting", Outcome.NFA, triage.Then(), None),
        "handover": (
            "decided",
            Outcome.TRANSFER,
            triage.Then(to_area=cast.other_area.pk),
            current.pk,
        ),
    }
    for thing, (name, outcome, then, instead_of) in waits.items():
        made = triage.decide(
            actor=cast.manager,
            case=world.cases[name],
            outcome=outcome,
            reason="Why.",
            told_referrer="What.",
            then=then,
            instead_of=instead_of,
        )
        world.things[thing] = str(made.pk)


def _end(world: World) -> None:
    """One case is closed, and somebody is to look at it again now; another may be closed."""
    cast, now = world.cast, timezone.now()
    over, stepping = closed(cast), to_close(cast)
    Clock.objects.filter(case=over, kind=ClockKind.LOOK_BACK).update(near_at=now, due_at=now)
    world.things |= {
        "closed": over.reference,
        "stepping down": stepping.reference,
        "owner": str(cast.coordinator.membership_id),
    }


def _share(world: World, name: str, case: Case, more: dict[str, Principal]) -> None:
    now, cast = timezone.now(), world.cast
    day, hour = timedelta(days=1), timedelta(hours=1)
    part = [fact.statement for fact in world.facts if fact.word == f"zz{name[0]}ic5healthzz"]
    _grant(cast, case, more["housing"], from_at=now, until_at=now + 28 * day)
    _grant(
        cast,
        case,
        more["justice"],
        extent=Extent.PART,
        statements=part,
        categories=[Category.IC5],
        from_at=now,
    )
    _grant(cast, case, more["probation"], from_at=now - 2 * day, until_at=now - day)
    ended = _grant(cast, case, more["district"], from_at=now)
    casework.end_grants(cast.coordinator, ended.content_object, [ended], "It is over.")
    Wall.objects.create(
        case=case,
        user_id=cast.second_coordinator.user_id,
        why=Conflict.NAMED,
        raised_by=membership(cast.manager),
    )
    _say_so(world, name, case, more)
    used = (("ward-nurse", 0 * hour), ("health_lead", 0 * hour), ("constable", 2 * hour))
    for who, ago in ((more[key], ago) for key, ago in used):
        EmergencyAccess.objects.create(
            case=case,
            membership=membership(who),
            why=Emergency.LIFE,
            next_step="I go there now and stay with the child.",
            from_at=now - ago,
            until_at=now - ago + hour,
            review_due_at=now + 2 * day,
        )


def _say_so(world: World, name: str, case: Case, more: dict[str, Principal]) -> None:
    """A person shares a part by the service, and asks an agency what it holds."""
    cast = world.cast
    identity = {"whole": [f"{cast.school.pk}:{Category.IC1}"]}
    to = (case, more["social_worker"], Purpose.ENQUIRY)
    ready = prepared(cast.lead, *to, what=identity)
    made = sharing.share(actor=cast.lead, draft=ready)
    begun = prepared(cast.coordinator, *to, what=identity)
    asking = prepared(cast.coordinator, *to, what=identity)
    sharing.ask_advice(actor=cast.coordinator, draft=asking, question="Is this the right law?")
    team = Team.objects.select_related("agency").get(pk=cast.coordinator.team_id)
    leads = requests.gateways(team_of(more["police_lead"]).agency, team, timezone.now())
    request = question(
        cast.coordinator, case, more["police_lead"], gateway=leads[0].value().cited_as
    )
    if name == "decided":
        world.things |= {
            "shared draft": str(ready.pk),
            "decision": str(made[0].pk),
            "share draft": str(begun.pk),
            "question": str(asking.pk),
            "request": str(request.pk),
        }


def _grant(cast: Cast, case: Case, who: Principal, **changes: Any) -> Grant:
    """What a person's decision to share leaves behind. Its disclosure is looked for at the commit,
    and this world is never committed.
    """
    given: dict[str, Any] = {
        "content_object": case,
        "group": Team.objects.get(pk=who.team_id),
        "permission": Permission.objects.get(codename="view_case"),
        "holder": cast.school,
        "categories": [Category.IC1, Category.IC4, Category.IC10],
        "purpose": Purpose.PLAN,
        "gateway": "CA04_S10",
        "rule": "12",
        "rule_version": 1,
        "reason": "So that they can help.",
        "necessity": "They cannot help without it.",
        "proportionality": "Three kinds of information.",
        "granted_by": membership(cast.coordinator),
    }
    return Grant.objects.create(**{**given, **changes})


def _gather(world: World, more: dict[str, Principal]) -> None:
    cast = world.cast

    def stand(relation: str, *people: tuple[str, Principal | None], waiting: str = "") -> None:
        over = dict.fromkeys(OVER, _ELSE.get(relation, relation))
        stands = {"decided": relation, "waiting": waiting or relation, **over}
        world.people += [Person(key, who, stands) for key, who in people]

    def named(*keys: str) -> list[tuple[str, Principal]]:
        return [(key, getattr(cast, key, None) or more[key]) for key in keys]

    stand(doors.NOBODY, ("nobody", None))
    stand(doors.ELSEWHERE, *named("other_coordinator", "other_panel_officer", "other_ig_lead"))
    strangers = ("outsider_lead", "charity_worker", "auditor", "lado", "ig_lead", "platform admin")
    stand(doors.HERE, *named(*strangers))
    stand(doors.COLLEAGUE, *named("colleague", "agency admin"))
    stand(doors.SENDS_ONLY, *named("sender"))
    stand(doors.AUTHOR, *named("teacher"))
    stand(doors.LEAD, *named("lead"))
    stand(doors.FRONT, *named("coordinator", "manager"))
    stand(doors.PANEL, *named("panel_officer", "panel_nurse", "panel_chair"), waiting=doors.HERE)
    stand(doors.SHARED, *named("housing", "justice", "social_worker"))
    stand(doors.EXPIRED, *named("probation"))
    stand(doors.ENDED, *named("district"))
    stand(doors.WALLED, *named("second_coordinator"))
    stand(doors.EMERGENCY, *named("ward-nurse", "health_lead"))
    stand(doors.LAPSED, *named("constable"))
    stand(doors.ASKED, *named("police_lead"))
    stand(doors.BOARD, *named("chair"))
    stand(doors.OTHER_BOARD, *named("other_chair"))


def _tell_the_police(world: World) -> None:
    """An information report about an account that a case names too, and a draft of one."""
    cast, account = (
        world.cast,
        Item(
            kind=ItemKind.ONLINE,
            fields={"name": "zz_account", "sure": "sure"},
            known_how=KnownHow.SAW,
        ),
    )
    row = Statement.objects.create(
        case=world.cases["decided"],
        referral=Referral.objects.get(case=world.cases["decided"]),
        question="online",
        category=Category.IC4,
        answer=Answer.GIVEN,
        text="Account name, number or registration: zz_account",
        item=uuid4(),
        details={"name": "zz_account"},
        known_how=KnownHow.SAW,
        agency=cast.school,
        author=membership(cast.teacher),
        stated_at=timezone.now(),
    )
    reference = information.send(
        actor=cast.teacher,
        draft=information.start(actor=cast.teacher),
        told=information.Information(
            what="Something.",
            known_how=KnownHow.SAW,
            sure=Certainty.SURE,
            name_withheld=True,
            things=(account,),
        ),
    )
    draft = information.start(actor=cast.teacher)
    whole = {"what": "Something.", "known_how": "saw", "sure": "sure", "name": "no"}
    information.save(actor=cast.teacher, draft=draft, typed=whole)
    world.things |= {
        "report": reference,
        "report thing": str(Thing.objects.get(report__reference=reference).pk),
        "report statement": str(row.pk),
        "report draft": str(draft.pk),
    }


def _assess(world: World) -> None:
    """A joint risk assessment of police and school that is being answered, after one that is over.

    The first is written as rows: to open it would ask the law again what everybody sees.
    """
    cast, case = world.cast, world.cases["decided"]
    tool = tool_version()
    over = risk.Assessment.objects.create(
        case=case,
        tool=tool,
        status=Status.AGREED,
        look_at="Look.",
        started_by_id=cast.coordinator.membership_id,
        due_at=timezone.now() + timedelta(days=1),
        revealed_at=timezone.now(),
        revealed_by_id=cast.coordinator.membership_id,
    )
    for who in (cast.teacher, cast.panel_officer):
        risk.Invitation.objects.create(
            assessment=over,
            agency_id=who.agency_id,
            by_id=who.membership_id,
            submitted_at=timezone.now(),
            chase_at=timezone.now(),
        )
    me = membership(cast.coordinator)
    words, child = (note(case, key, "We see it.", by=me) for key in (JUDGEMENT, CHILD))
    made = risk.Judgement.objects.create(assessment=over, words=words, child=child, by=me)
    level = risk.Agreement.objects.create(
        assessment=over,
        judgement=made,
        level=Level.MODERATE,
        total=0,
        gaps=0,
        insufficient=False,
        takes=Takes.NOTHING,
        by=me,
        review_on=timezone.localdate() + timedelta(days=30),
        in_force_at=timezone.now() + timedelta(minutes=1),
    )
    going = services.start(
        actor=cast.coordinator,
        case=case,
        asking=services.Asking(
            tool.pk,
            [cast.school.pk, cast.panel_officer.agency_id],
            timezone.localdate() + timedelta(days=7),
            "Look.",
        ),
        key=uuid4(),
    )
    world.things |= {"assessment": str(going.pk), "level": str(level.pk)}


def _panel_meets(world: World) -> None:
    """A panel of which a meeting looks at the decided case; its papers are out."""
    cast, case = world.cast, world.cases["decided"]
    here = (cast.coordinator, cast.panel_chair, cast.panel_officer, cast.panel_nurse)
    invited = tuple(each.membership_id for each in here)
    series = meetings.keep_series(
        actor=cast.manager,
        setup=meetings.Setup(
            name="MASE panel",
            remit="",
            order=tuple(OnAgenda),
            quorum_agencies=2,
            quorum_kinds=(),
            papers_out_days=5,
            confidentiality="Use it only to keep children safe.",
            chair=cast.panel_chair.membership_id,
            members=invited,
        ),
    )
    starts = timezone.now() + timedelta(days=7)
    meeting = meetings.plan(
        actor=cast.coordinator,
        series=series.pk,
        plan=meetings.Plan(
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            chair=cast.panel_chair.membership_id,
            invited=invited,
            confidentiality="",
            place="Room 4",
        ),
        key=uuid4(),
    )
    put = meetings.Put(series=series.pk, why="Two agencies know of it.")
    made = meetings.nominate(actor=cast.coordinator, reference=case.reference, put=put, key=uuid4())
    meetings.sift(actor=cast.manager, pk=made.pk, step=Sifting.ACCEPT)
    meetings.add(actor=cast.manager, meeting=meeting.pk, nominations=[made.pk])
    meetings.publish(actor=cast.manager, pk=meeting.pk)
    nurse = meeting.invitations.get(membership=cast.panel_nurse.membership_id)
    world.things |= {
        "series": str(series.pk),
        "meeting": str(meeting.pk),
        "item": str(meeting.items.get().pk),
        "nomination": str(made.pk),
        "invitation": str(nurse.pk),
    }


def _name_a_van(world: World) -> None:
    """Both cases name one van, on what the school answered about the concern."""
    for name, thing in (("decided", "mention"), ("waiting", "mention elsewhere")):
        on = next(f for f in world.facts if f.word == f"zz{name[0]}ic4schoolzz")
        assert on.statement is not None
        made = links.mention(
            actor=world.cast.coordinator,
            reference=world.cases[name].reference,
            statement=on.statement,
            words=Words(Kind.VEHICLE, "AB12 CDE"),
            key=uuid4(),
        )
        world.things[thing] = str(made.pk)
        world.things.setdefault("naming answer", str(on.statement))


def _delegated(cast: Cast) -> UUID:
    draft = intake.start(actor=cast.teacher)
    email = "cole.league@school.example.org"
    return intake.delegate(actor=cast.teacher, draft=draft, email=email).pk


def _put_things(world: World, more: dict[str, Principal]) -> None:
    """A draft, a notice, a PDF of a case, a trail made and one published, a change of the law."""
    cast, case = world.cast, world.cases["decided"]
    made = [
        governance.request_trail(
            actor=cast.coordinator, reference=case.reference, audience=Audience.BOARD
        )
        for _ in range(2)
    ]
    copy = casework.request_copy(actor=cast.coordinator, reference=case.reference)
    casework.sweep()
    governance.sweep()
    governance.publish(actor=cast.coordinator, trail=made[1])
    notice = Notice.objects.filter(recipient_id=cast.teacher.membership_id).first()
    agreement = Agreement.objects.earliest("created_at")
    change = changes.draft(
        actor=more["ig_lead"],
        kind=ChangeKind.END,
        number="2",
        line=None,
        reason="It is not needed.",
        starts_on=timezone.localdate(),
    )
    access = EmergencyAccess.objects.get(case=case, membership_id=more["constable"].membership_id)
    world.things |= {
        **{name: each.reference for name, each in world.cases.items()},
        "answer": str(next(f.statement for f in world.facts if f.word == "zzdic2schoolzz")),
        "wall": str(Wall.objects.get(case=case, agency=None).pk),
        "hidden": _keep_out(cast, case),
        "access": str(access.pk),
        "change": str(change.pk),
        "agreement": str(agreement.pk),
        "examination": str(examine(agreement=agreement).pk),
        "team": str(more["social_worker"].team_id),
        "asked team": str(more["health_lead"].team_id),
        "kept": str(_kept(cast.teacher)),
        "draft": str(draft := _draft_that_names_somebody(cast.teacher)),
        "delegated draft": str(_delegated(cast)),
        "draft file": str(_file(cast, draft, "A file of a draft", clean=False)),
        "grown": _draft_about(cast.teacher, given_name="Zzgrown", age_estimate="23"),
        "alike": _two_drafts_about(cast.teacher, given_name="Zzalike", family_name="Zzfamily"),
        "notice": str(notice and notice.pk),
        "copy": str(copy),
        "trail": str(made[0].pk),
        "published": str(made[1].pk),
        "key": str(uuid4()),
    }


def _keep_out(cast: Cast, case: Case) -> str:
    """A person of concern works at an agency that has nothing else to do with the case."""
    club = accounts.join_agency(
        name="Exampleshire Swimming Club",
        kind=AgencyKind.CHARITY,
        partner_under=[PartnerUnder.INVITED],
        partnerships=[cast.partnership],
    )
    wall = Wall.objects.create(
        case=case,
        agency=club,
        why=Conflict.ALLEGATION,
        raised_by=membership(cast.coordinator),
    )
    return str(wall.pk)


def _kept(author: Principal) -> UUID:
    """What somebody wrote when their session had ended."""
    kept = accounts.keep(
        user_id=author.user_id,
        membership_id=author.membership_id,
        page="/help/",
        action="/help/",
        words=[("saw", "Words that nobody else may see.")],
    )
    assert kept is not None
    return kept.pk


def _draft_about(actor: Principal, **child: str) -> str:
    draft = intake.start(actor=actor)
    intake.save(actor=actor, draft=draft, page="child", typed=child)
    return str(draft.pk)


def _two_drafts_about(actor: Principal, **child: str) -> str:
    _draft_about(actor, **child)
    return _draft_about(actor, **child)
