"""What the demo's people do after a referral, and what they tell the police without one."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias
from uuid import uuid4

from portal.accounts.vocabulary import Principal
from portal.governance.management.demo import Reported
from referrals import policies as whom
from referrals.following import services as following
from referrals.following.vocabulary import Urgency
from referrals.information import services as information
from referrals.links import services as links
from referrals.links.reading import Words as Named
from referrals.links.vocabulary import Kind
from referrals.models import Case
from referrals.services.items import Item, ItemKind, Means
from referrals.vocabulary import Answer, KnownHow, Protect
from sharing.rules.vocabulary import Category

Cast: TypeAlias = dict[str, Principal]


def _add(value: dict[str, str], case: Case, author: Principal, _coordinator: Principal) -> None:
    added = following.Addition(value["what"], value["when"], KnownHow(value["known_how"]))
    following.add(actor=author, case=case, added=added, key=uuid4())


def _file(value: dict[str, str], case: Case, author: Principal, _coordinator: Principal) -> None:
    """The sender adds a text, which waits for the virus check like any other."""
    following.add_file(
        actor=author,
        case=case,
        given=value["text"].encode(),
        label=value["label"],
        category=Category(value["category"]),
        protect=Protect.NONE,
        form=uuid4(),
    )


def _write(value: str, case: Case, author: Principal, _coordinator: Principal) -> None:
    """The sender asks the front door, and needs an answer."""
    readers = tuple(team.pk for team in whom.front_teams(case))
    words = following.Words(value, readers, needs_answer=True)
    following.send_message(actor=author, case=case, words=words, key=uuid4())


def _reply(value: str, case: Case, _author: Principal, coordinator: Principal) -> None:
    """The coordinator answers what the sender asked last."""
    asked = following.read_messages(actor=coordinator, reference=case.reference).lines[0]
    words = following.Words(value, answers=asked.pk)
    following.send_message(actor=coordinator, case=case, words=words, key=uuid4())


def _chase(_value: str, case: Case, author: Principal, _coordinator: Principal) -> None:
    following.chase(actor=author, case=case)


def _disagree(
    value: dict[str, str], case: Case, author: Principal, _coordinator: Principal
) -> None:
    said = following.Disagreement(value["reason"], value["wanted"], Urgency(value["urgency"]))
    following.disagree(actor=author, case=case, said=said, key=uuid4())


def _name(value: dict[str, str], case: Case, _author: Principal, coordinator: Principal) -> None:
    """The coordinator records what an answer names, so that other cases are held against it."""
    on = case.statements.get(question=value["answer"], answer=Answer.GIVEN, removed_at=None)
    links.mention(
        actor=coordinator,
        reference=case.reference,
        statement=on.pk,
        words=Named(Kind(value["kind"]), value["called"]),
        key=uuid4(),
    )


FOLLOWED: Final[dict[str, Callable[[Any, Case, Principal, Principal], None]]] = {
    "add": _add,
    "ask": _write,
    "answer": _reply,
    "chase": _chase,
    "disagree": _disagree,
    "file": _file,
    "name": _name,
}
"""What follows a referral once it is sent, by the verb of the file."""


def inform(told: Reported, cast: Cast) -> None:
    """Send a report about a vehicle, and read it where the file says who reads it."""
    actor = cast[told.by]
    car = Item(
        ItemKind.ONLINE,
        {"means": Means.VEHICLE.value, "name": told.vehicle, "sure": told.sure.value},
        known_how=told.known_how,
    )
    said = information.Information(
        what=told.what,
        known_how=told.known_how,
        sure=told.sure,
        name_withheld=told.name_withheld,
        things=(car,),
    )
    draft = information.start(actor=actor)
    reference = information.send(actor=actor, draft=draft, told=said)
    if told.read_by:
        reader = cast[told.read_by]
        information.read_report(actor=reader, reference=reference)
        information.mark_read(actor=reader, reference=reference)
