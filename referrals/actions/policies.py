"""Who may know of an action or a review, how they stand to it, and who can have one."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from portal.accounts.models import Membership, MembershipQuerySet
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from referrals import policies as casework
from referrals.actions.models import Action, ActionQuerySet, Entry, Review, ReviewQuerySet
from referrals.actions.vocabulary import OWNERS, Effect, Said
from referrals.actions.workflow import Relation, State, Verb, by_whom
from referrals.models import Case, CaseQuerySet, Referral
from referrals.vocabulary import Extent
from referrals.workflow import Relation as Stands
from referrals.workflow import Status
from sharing.rules.vocabulary import Category

IN_WORK = (Status.DECIDED, Status.OPEN, Status.STEPPING_DOWN)
"""Statuses of a case in which actions are given and reviews held."""

_OVERSEES = (Role.COORDINATOR, Role.MANAGER)
_SEES_ALL = (*_OVERSEES, Role.PANEL_CHAIR)


def overseen(principal: Principal) -> CaseQuerySet:
    """The cases of which the principal knows every action: they coordinate or manage it, or chair
    its panel. No emergency opens it, and no conflict of interest stands in the way.
    """
    opened = casework.grants(principal).exclude(extent=Extent.ANSWER)
    found = casework.visible(principal).filter(Exists(opened.filter(content_object=OuterRef("pk"))))
    return found if principal.role in _SEES_ALL else found.none()


def visible(principal: Principal) -> ActionQuerySet:
    """The actions that the principal may know of, at this moment. Every lookup starts here.

    Those that they own or gave, or are asked about; a lead's, of their agency's people; and every
    action of the cases that they oversee. Never through a conflict of interest.
    """
    if principal.role is Role.BOARD_CHAIR:
        return Action.objects.none()
    me = principal.membership_id
    asked = Entry.objects.waiting(Said.OFFERED, Said.ASKED_EFFECT).filter(to_id=me)
    found = Q(owner_id=me) | Q(given_by_id=me) | Q(pk__in=asked.values("action"))
    if principal.role is Role.AGENCY_LEAD:
        found |= Q(agency_id=principal.agency_id)
    if principal.role in _SEES_ALL:
        found |= Q(case__in=overseen(principal))
    return Action.objects.filter(found, case__partnership__in=principal.partnership_ids).exclude(
        case__in=casework.walls(principal).values("case_id")
    )


def open_of(case: Case | UUID) -> ActionQuerySet:
    """The actions of this case that keep it from being closed. It opens nothing to anybody."""
    return Action.objects.filter(case=case).unfinished()


def reviews(principal: Principal) -> ReviewQuerySet:
    """The reviews that the principal may know of: those of the cases that they oversee."""
    return Review.objects.filter(case__in=overseen(principal))


def to_come(principal: Principal) -> ReviewQuerySet:
    """Of these, those that are still to be held, of cases on which there is work."""
    return reviews(principal).planned().filter(case__status__in=IN_WORK)


def require_people(principal: Principal) -> None:
    """Insist that the principal's role works with cases at all. Raises Refused."""
    if principal.role is Role.BOARD_CHAIR:
        raise Refused(
            "Board roles see totals, not children's records", kind="action", action="list"
        )


def oversees(principal: Principal) -> bool:
    """Tell whether this role looks after the actions of others at all."""
    return principal.role in _OVERSEES


def has_reviews(principal: Principal) -> bool:
    """Tell whether the role has reviews at all."""
    return principal.role in _SEES_ALL


def require_reviews(principal: Principal) -> None:
    """Insist that the role has reviews at all. Raises Refused."""
    if not has_reviews(principal):
        raise Refused(
            "Reviews are for those who coordinate or manage cases, and the panel's chair",
            kind="review",
            action="list",
        )


def action_for(principal: Principal, pk: UUID) -> Action:
    """The action with this number. Raises NotVisible; Refused to a board chair."""
    require_people(principal)
    found = (
        visible(principal)
        .select_related(
            "case__partnership", "agency", "owner__user", "owner__team", "given_by__user"
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotVisible("action", str(pk))
    return found


def review_for(principal: Principal, pk: UUID) -> Review:
    """The review with this number. Raises NotVisible; Refused to a board chair."""
    require_people(principal)
    found = (
        reviews(principal)
        .select_related(
            "case__partnership",
            "planned_by__user",
            "planned_by__team__agency",
            "ended_by__user",
            "ended_by__team__agency",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotVisible("review", str(pk))
    return found


def standing(principal: Principal, action: Action) -> frozenset[Relation]:
    """How the principal stands to an action that is visible to them. Two queries."""
    me = principal.membership_id
    stands = {
        Relation.OWNER: action.owner_id == me,
        Relation.GIVER: action.given_by_id == me,
        Relation.LEAD: principal.role is Role.AGENCY_LEAD
        and action.agency_id == principal.agency_id,
    }
    case = casework.relations(principal, action.case)
    stands[Relation.OVERSEER] = bool({Stands.COORDINATOR, Stands.MANAGER} & case)
    stands[Relation.CHAIR] = Stands.PANEL_CHAIR in case
    asked = Entry.objects.waiting(Said.OFFERED, Said.ASKED_EFFECT).filter(action=action, to_id=me)
    kinds = set(asked.values_list("kind", flat=True))
    stands[Relation.ASKED] = Said.OFFERED in kinds
    stands[Relation.JUDGE] = Said.ASKED_EFFECT in kinds
    return frozenset(relation for relation, is_so in stands.items() if is_so)


def require(principal: Principal, verb: Verb, action: Action) -> None:
    """Insist that the principal may use this verb on an action that is visible to them.

    Whoever owns an action never checks it, judges it or gives it more time, under whatever hat.
    Raises Refused.
    """
    why = ""
    if not by_whom(verb) & standing(principal, action):
        why = f"Only the {' or the '.join(sorted(by_whom(verb)))} can do this"
    elif verb in (Verb.VERIFY, Verb.SEND_BACK) and action.owner.user_id == principal.user_id:
        why = "Another person checks what you say is done"
    elif verb is Verb.ANSWER_TIME and asks_for_time(principal, action):
        why = "Another person says whether there is more time"
    elif verb is Verb.JUDGE and is_own(principal, action):
        why = "Another agency says what your agency's action has changed"
    if why:
        raise Refused(why, kind="action", pk=str(action.pk), action=verb.value)


def is_own(principal: Principal, action: Action) -> bool:
    """Tell whether an action is that of the principal, under whatever hat, or of their agency."""
    return action.agency_id == principal.agency_id or action.owner.user_id == principal.user_id


def asks_for_time(principal: Principal, action: Action) -> bool:
    """Tell whether the principal owns an action, or asked that it gets more time. One query."""
    if action.owner.user_id == principal.user_id:
        return True
    asked = Entry.objects.waiting(Said.ASKED_TIME)
    return asked.filter(action=action, by__user=principal.user_id).exists()


def require_gives(principal: Principal, case: Case) -> None:
    """Insist that the principal may give actions on this case, and plan its reviews.

    Its coordinators and managers may, and the panel's chair. Raises NotVisible, Refused.
    """
    stands = casework.relations(principal, case)
    if not stands:
        raise NotVisible("case", case.reference)
    if not {Stands.COORDINATOR, Stands.MANAGER, Stands.PANEL_CHAIR} & stands:
        raise Refused(
            "Only those who coordinate or manage the case, and the panel's chair, can do this",
            kind="case",
            pk=str(case.pk),
            action="give",
        )


def may_own(case: Case) -> MembershipQuerySet:
    """Who can have an action on this case: people of its partnership whom nothing keeps from it."""
    kept = Membership.objects.live().filter(casework.walled(case))
    return (
        Membership.objects.live()
        .filter(
            team__agency__partnerships=case.partnership_id,
            team__role__in=OWNERS,
            team__sends_only=False,
        )
        .exclude(user__in=kept.values("user"))
        .distinct()
    )


def candidates(principal: Principal, case: Case) -> MembershipQuerySet:
    """Of these, those to choose from: who speaks for an agency, who sent it, and the own agency's.

    A service takes anybody of `may_own`: a list of every teacher would help nobody.
    """
    sent = Referral.objects.filter(case=case).values("author")
    near = ~Q(team__role=Role.PRACTITIONER) | Q(pk__in=sent)
    near |= Q(team__agency=principal.agency_id)
    found = may_own(case).filter(near).select_related("user", "team__agency")
    return found.order_by("team__agency__name", "user__name", "pk")


def without_owner(actions: Iterable[Action]) -> set[UUID]:
    """Of these actions, those whose owners have left, or must not know of the case. One query."""
    pks = [action.pk for action in actions]
    return set(Action.objects.filter(pk__in=pks).filter(gone()).values_list("pk", flat=True))


def gone() -> Q:
    """The condition on actions that nobody can do: the owner has left, or is kept from the case."""
    may_know = casework.may_be_told(
        user=OuterRef("owner__user"), agency=OuterRef("agency"), case=OuterRef("case")
    )
    return Q(owner__in=Membership.objects.ended()) | ~may_know


def for_me(principal: Principal) -> ActionQuerySet:
    """What the principal has to do, or is asked: to take one on, or to say what one changed."""
    asked = Entry.objects.waiting(Said.OFFERED, Said.ASKED_EFFECT).filter(
        to_id=principal.membership_id
    )
    found = visible(principal)
    offered = found.running().filter(pk__in=asked.filter(kind=Said.OFFERED).values("action"))
    judges = found.filter(
        ~is_judged("pk"),
        pk__in=asked.filter(kind=Said.ASKED_EFFECT).values("action"),
        status=State.VERIFIED,
    )
    mine = found.unfinished().filter(owner_id=principal.membership_id)
    return (mine | offered | judges).order_by("due_at", "pk")


def waits_for(principal: Principal) -> ActionQuerySet:
    """What those who oversee cases have to look at: done, more time asked, nobody to do it."""
    found = visible(principal)
    if not oversees(principal):
        return found.none()
    found = found.filter(case__in=overseen(principal))
    done = found.filter(status=State.DONE_CLAIMED).exclude(owner__user_id=principal.user_id)
    asks = Entry.objects.waiting(Said.ASKED_TIME).exclude(by__user=principal.user_id)
    more = found.running().filter(pk__in=asks.values("action"))
    more = more.exclude(owner__user_id=principal.user_id)
    nobody = found.running().filter(gone())
    return (done | more | nobody).order_by("due_at", "pk")


def to_judge(case: Case | UUID) -> ActionQuerySet:
    """The actions of a case that are done, and of which nobody has said what they changed."""
    return Action.objects.filter(~is_judged("pk"), case=case, status=State.VERIFIED)


def is_judged(action: str) -> Exists:
    """The condition that somebody has said what an action changed; `action` names its column."""
    said = Entry.objects.filter(action=OuterRef(action), kind=Said.JUDGED)
    return Exists(said.exclude(effect=Effect.EARLY))


def without_effect() -> Q:
    """The condition on actions that were done and did not help."""
    said = Entry.objects.filter(action=OuterRef("pk"), kind=Said.JUDGED).order_by("-at")
    return Q(Exists(said.filter(effect__in=(Effect.NONE, Effect.WORSE))))


def reads_words_of(principal: Principal, case: Case, wrote: Membership | None) -> bool:
    """Tell whether the law lets the principal read what this person wrote about a review.

    It is kept as the panel's minutes are (IC16), held by the agency of whoever wrote it. What the
    portal itself wrote says nothing of the child.
    """
    if wrote is None or wrote.pk == principal.membership_id:
        return True
    teams = casework.readers(case, Category.IC16, wrote.team.agency)
    return principal.team_id in {team.pk for team in teams}
