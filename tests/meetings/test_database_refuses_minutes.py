"""The database refuses, by name, what must never stand in minutes."""

from copy import copy
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from referrals.actions.models import Action
from referrals.meetings.models import (
    AgreedAction,
    Comment,
    Conclusion,
    Line,
    Minutes,
    OnScreen,
    Pen,
)
from referrals.meetings.services import writing
from tests.cast import Cast
from tests.meetings.conftest import decided
from tests.meetings.session import agree, begun, drafted, whole

MINE = (AgreedAction, Comment, Conclusion, Line, Minutes, OnScreen, Pen)
HOUR = timedelta(hours=1)
BAD: dict[str, tuple[type[models.Model], dict[str, Any]]] = {
    "pen_is_held_by_one": (Pen, {}),
    "pen_ends_after_it_starts": (Pen, {"until_at": -HOUR}),
    "on_screen_is_one_item": (OnScreen, {}),
    "on_screen_ends_after_it_starts": (OnScreen, {"until_at": -HOUR}),
    "line_stands_once_for_an_agency": (Line, {}),
    "line_kind_known": (Line, {"kind": "aside"}),
    "line_says_something": (Line, {"words": " \n", "superseded_at": HOUR}),
    "conclusion_stands_once_for_an_item": (Conclusion, {}),
    "conclusion_what_known": (Conclusion, {"what": "later", "superseded_at": HOUR}),
    "conclusion_says_what_and_why": (Conclusion, {"reasons": " ", "superseded_at": HOUR}),
    "conclusion_level_known": (Conclusion, {"level": "awful", "superseded_at": HOUR}),
    "conclusion_put_off_proposes_no_level": (
        Conclusion,
        {"what": "deferred", "superseded_at": HOUR},
    ),
    "agreed_action_has_a_place": (AgreedAction, {"action": "another"}),
    "agreed_action_says_what_and_how_we_know": (AgreedAction, {"effect": "", "place": 9}),
    "minutes_comments_end_after_the_draft": (Minutes, {"comments_until": -HOUR}),
    "minutes_approved_by_somebody_at_some_time": (
        Minutes,
        {"approved_by": "chair"},
    ),
    "minutes_approved_by_another_than_drafted": (
        Minutes,
        {"approved_by": "drafter"},
    ),
    "comment_for_change_says_what": (Comment, {"words": "Something."}),
}


def test_every_constraint_is_tried():
    named = {
        constraint.name
        for model in apps.get_app_config("meetings").get_models()
        if model in MINE
        for constraint in model._meta.constraints
    }
    assert named == BAD.keys()


def test_a_row_that_must_not_be_is_refused_by_name(cast: Cast, panel):
    session = whole(cast, begun(cast, panel, decided(cast)))
    writing.present(actor=cast.coordinator, item=session.item)
    drafted(cast, session)
    agree(cast, session, cast.panel_nurse)
    still = OnScreen.objects.get()
    OnScreen.objects.create(meeting=still.meeting, item=still.item, by=still.by)

    said = {name: _refusal(model, changes) for name, (model, changes) in BAD.items()}

    assert {name: why for name, why in said.items() if name not in why} == {}


def _refusal(model: type[models.Model], changes: dict[str, Any]) -> str:
    """What the database says to a copy of the last row with these changes."""
    row: Any = copy(model._default_manager.order_by("created_at").last())
    row.pk, row._state.adding = uuid4(), True
    if hasattr(row, "key"):
        row.key = uuid4()
    for name, value in changes.items():
        setattr(row, name, _value(value))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        return str(error)
    return "it was taken"


def _value(word: Any) -> Any:
    if isinstance(word, timedelta):
        return timezone.now() + word
    if word == "drafter":
        return Minutes.objects.get().drafted_by
    if word == "chair":
        return Minutes.objects.get().meeting.chair
    if word != "another":
        return word
    action = Action.objects.last()
    action.pk = uuid4()
    action.save(force_insert=True)
    return action
