"""The database refuses a level that nobody signed, a signature of one's own, and empty words."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.accounts.models import Agency
from referrals.assessments import services
from referrals.assessments.models import (
    Agreement,
    Answer,
    Assessment,
    Brought,
    Confirmation,
    Invitation,
    Judgement,
    Signature,
    ToolVersion,
)
from referrals.assessments.vocabulary import Capacity, Level, View
from referrals.models import Case, Statement
from tests.assessments.conftest import agree, start
from tests.cast import Cast

# What may still change of each once it is written.
MAY_CHANGE = {
    Assessment: {
        "status",
        "revealed_at",
        "revealed_by_id",
        "late_told_at",
        "ended_at",
        "ended_why",
    },
    Agreement: {
        "in_force_at",
        "declined_at",
        "withdrawn_at",
        "withdrawn_by_id",
        "withdrawn_why_id",
        "review_told_at",
        "sign_told_at",
    },
    Answer: set(),
    Brought: set(),
    Judgement: set(),
    Confirmation: set(),
    Signature: set(),
}
BAD = [
    ("assessment_one_under_way_per_case", Assessment, {"status": "opened"}),
    ("assessment_status_known", Assessment, {"status": "lost"}),
    ("assessment_says_what_to_look_at", Assessment, {"look_at": " \n"}),
    ("assessment_due_after_started", Assessment, {"due_at": timezone.now() - timedelta(days=9)}),
    ("assessment_opened_by_somebody", Assessment, {"revealed_by_id": None}),
    ("assessment_called_off_says_why", Assessment, {"status": "called_off"}),
    ("invitation_once_for_an_agency", Invitation, {}),
    ("invitation_answered_by_somebody", Invitation, {"by_id": None}),
    ("answer_once_for_an_item", Answer, {}),
    ("answer_has_item_and_answer", Answer, {"item": "X", "answer": ""}),
    ("answer_with_words_says_how_known", Answer, {"item": "X", "known_how": "guessed"}),
    ("agreement_one_per_assessment", Agreement, {}),
    ("agreement_levels_known", Agreement, {"level": "low"}),
    ("agreement_takes_known", Agreement, {"level": "significant", "takes": "luck"}),
    ("agreement_that_differs_says_why", Agreement, {"differs_id": None}),
    ("agreement_below_a_floor_takes_chair_and_agency", Agreement, {"takes": "countersign"}),
    ("agreement_that_is_lower_takes_another", Agreement, {"takes": "reason", "floor": ""}),
    (
        "agreement_declined_is_not_in_force",
        Agreement,
        {
            "level": "significant",
            "takes": "nothing",
            "in_force_at": timezone.now() + timedelta(days=1),
            "declined_at": timezone.now(),
        },
    ),
    (
        "agreement_in_force_after_agreed",
        Agreement,
        {
            "level": "significant",
            "takes": "nothing",
            "in_force_at": timezone.now() - timedelta(days=9),
        },
    ),
    (
        "agreement_withdrawn_by_somebody_who_says_why",
        Agreement,
        {"level": "significant", "takes": "nothing", "withdrawn_at": timezone.now()},
    ),
    (
        "agreement_withdrawn_is_not_in_force",
        Agreement,
        lambda: withdrawn(in_force_at=timezone.now() + timedelta(days=1)),
    ),
    (
        "agreement_withdrawn_or_declined_once",
        Agreement,
        lambda: withdrawn(declined_at=timezone.now()),
    ),
    ("confirmation_once_for_an_agency", Confirmation, {}),
    ("confirmation_view_known", Confirmation, {"view": "shrugs"}),
    ("confirmation_says_what_it_notes", Confirmation, {"words_id": None}),
    ("signature_once_for_a_capacity", Signature, {}),
    ("signature_capacity_known", Signature, {"capacity": "friend"}),
    ("signature_not_given_says_why", Signature, {"signs": False}),
]


@pytest.fixture
def whole(cast: Cast, opened: Assessment) -> Agreement:
    """An assessment with a row of every kind: a level that waits for the chair."""
    made = agree(cast.coordinator, opened, Level.MODERATE)
    services.sign(actor=cast.panel_officer, agreement=made, signs=True)
    words = {"view": View.DISSENTS, "words": "We would wait."}
    services.confirm(actor=cast.panel_nurse, agreement=made, **words)
    return made


def like(model, **changes):
    """A row like the last one, with these changes. What belongs to one row only is made anew."""
    row = model.objects.order_by("created_at").last()
    fields = [f for f in model._meta.concrete_fields if f.name not in {"id", "created_at"}]
    values = {field.attname: getattr(row, field.attname) for field in fields} | changes
    for field in fields:
        if field.one_to_one and values[field.attname] and field.attname not in changes:
            fresh = like(field.related_model)
            fresh.save(force_insert=True)
            values[field.attname] = fresh.pk
    return model(pk=uuid4(), **values)


def withdrawn(**changes):
    """A level that nobody has to sign and that somebody withdrew, with these changes."""
    row = Agreement.objects.order_by("created_at").last()
    why = like(Statement)
    why.save(force_insert=True)
    gone = {
        "withdrawn_at": timezone.now(),
        "withdrawn_by_id": row.by_id,
        "withdrawn_why_id": why.pk,
    }
    return {"level": "significant", "takes": "nothing", **gone, **changes}


def test_every_constraint_is_in_the_list():
    named = {
        constraint.name
        for model in apps.get_app_config("assessments").get_models()
        if model is not ToolVersion
        for constraint in model._meta.constraints
    }

    assert named == {name for name, _, _ in BAD}


def test_a_row_that_must_not_be_is_refused_by_name(cast: Cast, whole):
    """One after the other: to build what they need takes longer than to refuse them."""
    wrong = []
    for name, model, changes in BAD:
        who = {"by_id": cast.panel_nurse.membership_id} if model is Signature else {}
        try:
            with transaction.atomic():
                like(model, **who, **(changes() if callable(changes) else changes)).save(
                    force_insert=True
                )
        except DatabaseError as refused:
            wrong += [] if name in str(refused) else [f"{name}: {refused}"]
        else:
            wrong.append(f"{name}: taken")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("model", MAY_CHANGE, ids=lambda model: model.__name__)
def test_what_is_written_never_changes(cast: Cast, whole, model):
    row = model.objects.order_by("created_at").last()
    kept = {
        field.attname: field
        for field in model._meta.concrete_fields
        if field.attname not in MAY_CHANGE[model]
    }
    other = {"CharField": "x", "TextField": "x", "PositiveSmallIntegerField": 77}
    for name, field in kept.items():
        value = other.get(field.get_internal_type())
        if value is None:
            continue
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(**{name: value})
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608


def test_a_level_is_not_in_force_before_all_have_signed(cast: Cast, whole):
    with pytest.raises(DatabaseError, match="is_signed_first"), transaction.atomic():
        Agreement.objects.filter(pk=whole.pk).update(in_force_at=timezone.now())
    services.sign(actor=cast.panel_chair, agreement=whole, signs=True)
    with pytest.raises(DatabaseError, match="stays_in_force"), transaction.atomic():
        Agreement.objects.filter(pk=whole.pk).update(in_force_at=None)


def refused(name):
    """A transaction that the database refuses, at the latest at its end, under this name."""
    return pytest.raises(DatabaseError, match=name)


def at_the_end():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_level_rests_on_the_agreement_in_force_and_on_nothing_else(cast: Cast, opened):
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    at_the_end()
    case = Case.objects.filter(pk=opened.case_id)
    nothing = {"level": "", "level_by": None, "level_at": None}
    for change in ({"level": "emerging"}, {"level_at": timezone.now()}, nothing):
        with refused("level_rests_on_an_agreement"), transaction.atomic():
            case.update(**change)


def test_an_agreement_names_the_level_and_the_floor_before_it(cast: Cast, opened):
    held = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    two = Agency.objects.filter(pk__in=[cast.panel_officer.agency_id, cast.panel_nurse.agency_id])
    later = start(cast.coordinator, opened.case, *two)
    other = {"assessment_id": later.pk, "in_force_at": None, "takes": "reason"}
    other |= {"differs_id": like(Judgement).words_id, "advised": ""}
    with refused("names_the_level_before"), transaction.atomic():
        like(Agreement, **other, before="").save(force_insert=True)
    with refused("keeps_the_floor"), transaction.atomic():
        like(Agreement, **other, before=held.level, floor="").save(force_insert=True)


def test_an_assessment_is_opened_once_and_goes_forward(cast: Cast, opened):
    rows = Assessment.objects.filter(pk=opened.pk)
    with refused("is_opened_once"), transaction.atomic():
        rows.update(revealed_at=timezone.now())
    with refused("goes_forward"), transaction.atomic():
        rows.update(status="superseded")


@pytest.mark.parametrize(
    ("who", "capacity", "says"),
    [
        ("coordinator", Capacity.SECOND, "another_persons"),
        ("panel_officer", Capacity.SECOND, "another_persons"),
        ("manager", Capacity.CHAIR, "the_chairs"),
        ("panel_chair", Capacity.AGENCY, "another_agencys"),
        ("outsider_lead", Capacity.AGENCY, "another_agencys"),
    ],
)
def test_nobody_signs_their_own_or_twice_or_for_another(cast: Cast, whole, who, capacity, says):
    by = cast.everyone()[who].membership_id
    with pytest.raises(DatabaseError, match=says), transaction.atomic():
        Signature.objects.create(agreement=whole, capacity=capacity, by_id=by, signs=True)
