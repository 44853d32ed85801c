"""The beginning that every verb shares, and what becomes of an answer: protect, correct, remove."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, Refused
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Statement
from referrals.services import items as lists
from referrals.services.particulars import keep_particulars
from referrals.services.signs import keep_signs
from referrals.vocabulary import ADDED, NOTES, QUESTIONS, Answer, KnownHow, Protect
from referrals.vocabulary.likeness import TOLD_APART_BY
from referrals.workflow import TRANSITIONS, Action, Status

REASON_LENGTH: Final = 60
"""How many characters the reason for a removal may have."""

CORRECTED: Final = "corrected record"
CORRECTION_LENGTH: Final = REASON_LENGTH - len(CORRECTED) - len(": ")
"""How many characters the reason for a correction may have: it stands in the same line."""


@transaction.atomic
def remove(*, actor: Principal, statement: Statement, why: str) -> Statement:
    """Take one answer out of everybody's sight, leaving a line that says when and why.

    Whoever wrote it, or leads the agency that holds it, decides that it is wrong or no longer
    needed. The words stay in the database, which never loses what was once sent. `why` is a few
    words that everybody with the case reads, such as "corrected record": at most 60 characters.

    Raises NotVisible; Refused to anybody else; DomainError without a reason, or with one that is
    too long, when it has been removed before, or when it holds no words.
    Legal source: rectification and erasure, UK GDPR articles 16 and 17.
    """
    case, statement = _held(actor, statement, to="remove")
    why = why.strip()
    if not 0 < len(why) <= REASON_LENGTH:
        raise DomainError("Write why it is removed, in 60 characters or less.")
    statement.removed_at = timezone.now()
    statement.removed_why = why
    statement.save(update_fields=["removed_at", "removed_why"])
    _keep(case, statement)
    _record_removal(actor, case, statement)
    return statement


def _record_removal(actor: Principal, case: Case, statement: Statement) -> None:
    if statement.protect == Protect.EXISTENCE:
        # The case's own trail is read by people who may not know that there was such an answer.
        record(actor, "statement.removed", obj=("statement", statement.pk))
        return
    cause = record(
        actor,
        "statement.removed",
        case=case.pk,
        obj=("statement", statement.pk),
        subjects=[case.child_id],
        fields=[str(statement.category)],
    )
    if case.coordinator is not None:
        owe(
            recipient=case.coordinator,
            kind=Kind.CHANGED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )


@transaction.atomic
def protect(
    *,
    actor: Principal,
    statement: Statement,
    protect: Protect,
    spans: Sequence[tuple[int, int]] = (),
) -> Statement:
    """Protect an answer from other readers: all of it, or the parts at `spans` of its text.

    `spans` are places in the text, [start, end). `Protect.NONE` takes the protection away, and
    `Protect.EXISTENCE` conceals that there is such an answer: for everybody else the question
    is then one that nobody answered. Repeating what holds already changes nothing.

    Raises NotVisible; Refused unless the actor wrote it or leads the agency that holds it; Refused
    too when a lead would loosen, change or conceal what only its author may; DomainError for parts
    that are not in the text, for an answer that is removed or holds no words, and to conceal a
    working note, which the case's trail tells of.
    Legal source: UK GDPR article 5(1)(c); whoever answers for the words protects who could be
    harmed by them.
    """
    case, statement = _held(actor, statement, to="protect")
    wrote = actor.membership_id == statement.author_id
    if not wrote and (statement.protect or protect in (Protect.NONE, Protect.EXISTENCE)):
        raise Refused(
            "Only the person who wrote this can conceal it, or change how it is protected",
            kind="statement",
            pk=str(statement.pk),
            action="protect",
        )
    if protect is Protect.EXISTENCE and not policies.may_be_concealed(statement):
        raise DomainError(
            "The trail of the case says that this note was written, so it cannot be concealed."
            " Withhold it for a reason, or remove it. Nothing has been changed."
        )
    parts = sorted(set(spans))
    if parts and protect in (Protect.NONE, Protect.EXISTENCE):
        raise DomainError("Parts of an answer can be withheld for a reason, and not concealed.")
    if any(not 0 <= start < end <= len(statement.text) for start, end in parts):
        raise DomainError("Select parts of the text as it stands. Nothing has been changed.")
    wanted = (str(protect), [list(span) for span in parts])
    if wanted == (statement.protect, statement.protect_spans):
        return statement
    hides = Protect.EXISTENCE in (statement.protect, protect)
    statement.protect, statement.protect_spans = wanted
    statement.save(update_fields=["protect", "protect_spans"])
    _keep(case, statement)
    if protect is Protect.EXISTENCE and _is_asked_of_all(statement):
        _stand_in(statement)
    if hides:
        # As for a removal: the case's own trail must not tell that there is such an answer.
        record(actor, "statement.protected", obj=("statement", statement.pk))
    else:
        record(
            actor,
            "statement.protected",
            case=case.pk,
            obj=("statement", statement.pk),
            subjects=[case.child_id],
            fields=[str(statement.category)],
        )
    return statement


def _is_asked_of_all(statement: Statement) -> bool:
    """Tell whether every case has this line: where it is concealed there is a gap to fill.

    Nobody is asked for one more of a list, a file, or what comes later; a line without words would
    stand only where something is concealed.
    """
    is_one_more = statement.item is not None or statement.upload_id is not None
    return not is_one_more and QUESTIONS[statement.question].section not in (ADDED, NOTES)


def _stand_in(statement: Statement) -> None:
    """Leave the line that a question has when nobody answers it, unless it is there."""
    like = {
        "case": statement.case,
        "referral": statement.referral,
        "question": statement.question,
        "category": statement.category,
        "agency": statement.agency,
        "author": statement.author,
        "stated_at": statement.stated_at,
        "answer": Answer.NOT_PROVIDED,
    }
    if not Statement.objects.filter(**like).exists():
        known_how = QUESTIONS[statement.question].known_how
        Statement.objects.create(**like, known_how=known_how)


@transaction.atomic
def correct(
    *, actor: Principal, statement: Statement, text: str, known_how: KnownHow, why: str
) -> Statement:
    """Put an answer right: a new one beside the old one, which is removed, and tell who had it.

    The new answer is protected as the old one was. Where parts were protected, all of it is: the
    places in the old words mean nothing in the new ones. Everybody in a team whose share opened
    the old answer since it was given, and its author, is told once. If the answer is concealed
    nobody is told, because nobody knows of it. Returns the new answer.

    Raises NotVisible; Refused unless the actor wrote it or leads the agency that holds it;
    DomainError without words or a reason, when the words are the same, or when it is removed.
    Legal source: rectification, and telling each recipient: UK GDPR articles 16 and 19.
    """
    case, statement = _held(actor, statement, to="correct")
    text, why = text.strip(), why.strip()
    if not text:
        raise DomainError("Write what is right.")
    if not why or len(why) > CORRECTION_LENGTH:
        raise DomainError(f"Write why it is corrected, in {CORRECTION_LENGTH} characters or less.")
    if (text, str(known_how)) == (statement.text, statement.known_how):
        raise DomainError("These are the words that stand there now. Nothing has been changed.")
    now = timezone.now()
    question, category = statement.question, statement.category
    details: dict[str, str] = {}
    if statement.item is not None:
        question, details = lists.reads(question, text)
        category = QUESTIONS[question].category
    right = Statement.objects.create(
        case=case,
        referral=statement.referral,
        corrects=statement,
        question=question,
        category=category,
        item=statement.item,
        details=details,
        answer=Answer.GIVEN,
        text=text,
        known_how=known_how,
        agency=statement.agency,
        author_id=actor.membership_id,
        stated_at=now,
        protect=statement.protect,
        upload_id=statement.upload_id,
    )
    statement.removed_at, statement.removed_why = now, f"{CORRECTED}: {why}"
    statement.save(update_fields=["removed_at", "removed_why"])
    _keep(case, statement)
    if statement.protect == Protect.EXISTENCE:
        record(actor, "statement.corrected", obj=("statement", right.pk), ids=[statement.pk])
        return right
    cause = record(
        actor,
        "statement.corrected",
        case=case.pk,
        obj=("statement", right.pk),
        subjects=[case.child_id],
        fields=[str(statement.category)],
        ids=[statement.pk],
    )
    for member in policies.had(case, statement):
        if member.user_id != actor.user_id:
            is_open = policies.visible(member.principal()).filter(pk=case.pk).exists()
            owe(
                recipient=member,
                kind=Kind.CORRECTED,
                reference=case.reference if is_open else "",
                case=case.pk,
                cause=cause,
            )
    return right


def _keep(case: Case, statement: Statement) -> None:
    """Make again what is kept of this answer: what tells children apart, and signs of harm."""
    if statement.question in TOLD_APART_BY:
        keep_particulars(case)
    if statement.question == "signs":
        keep_signs(case)


def _held(actor: Principal, statement: Statement, *, to: str) -> tuple[Case, Statement]:
    """Lock the case, then insist that the actor answers for the answer; return both, fresh.

    Whatever changes an answer, or who may see the case, takes this lock: who waited for a conflict
    of interest to be recorded is asked after it.
    """
    held = Q(pk=statement.case_id)
    if statement.question == "signs":
        # A sign of harm counts in the case that this one is joined to as well, so both are held:
        # in the order in which whoever joins or undoes holds them.
        goes_on = Case.objects.filter(
            joined_here__joined=statement.case_id, joined_here__ended_at__isnull=True
        )
        held |= Q(pk__in=goes_on.values("pk"))
    list(Case.objects.select_for_update().filter(held).order_by("pk").values_list("pk"))
    fresh = policies.statement_for(actor, statement.case.reference, statement.pk, to=to)
    if fresh.removed_at is not None:
        raise DomainError("This has been removed already.")
    if fresh.answer != Answer.GIVEN:
        raise DomainError("There are no words here that could be changed.")
    return fresh.case, fresh


def begin(actor: Principal, action: Action, case: Case) -> Case:
    """Lock the case, then insist on policy and on the table; return the locked, fresh row.

    Every verb starts here, inside its transaction. The status is set on the row and not saved.
    Raises NotVisible, Refused, or DomainError when somebody else was first.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    policies.require(actor, action, locked)
    locked.status = next_status(TRANSITIONS, action, Status(locked.status))
    return locked
