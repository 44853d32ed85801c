"""Every constraint of actions and reviews refuses its row, by name."""

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone

from referrals.actions import services
from referrals.actions.models import Action, Entry, Review
from referrals.actions.services import Update
from referrals.actions.vocabulary import Said
from tests.actions.conftest import given, soon
from tests.cast import Cast, membership

BAD: dict[str, tuple[Any, dict[str, Any]]] = {
    "action_says_what_and_why": (Action, {"what": " "}),
    "action_status_known": (Action, {"status": "another"}),
    "action_due_after_given": (Action, {"due_at": "given"}),
    "action_climbs_so_far": (Action, {"climbed": 5}),
    "review_one_to_come_for_a_case": (Review, {}),
    "review_about_known": (Review, {"about": "another"}),
    "review_says_why": (Review, {"why": "\n"}),
    "review_with_another_level_says_why": (Review, {"agreed": "moderate"}),
    "review_is_to_come_moved_or_whole": (Review, {"happened": "Words."}),
    "entry_reminds_once_a_working_day": (Entry, {}),
    "entry_kind_known": (Entry, {"kind": "another"}),
    "entry_says_something": (Entry, {"kind": Said.EVIDENCE, "working_day": None}),
    "entry_is_somebodys_unless_it_climbs": (Entry, {"by": None}),
    "entry_answers_what_was_asked": (Entry, {"kind": Said.DECLINED, "working_day": None}),
    "entry_names_whom_it_asks": (Entry, {"to": "somebody"}),
    "entry_asks_until_a_day": (Entry, {"until": "soon"}),
    "entry_not_possible_says_what_instead": (Entry, {"instead": "This."}),
    "entry_judges_the_effect": (Entry, {"effect": "worked"}),
    "entry_reminds_on_a_day": (Entry, {"working_day": None}),
}


def test_every_constraint_is_in_the_list():
    named = {
        constraint.name
        for model in apps.get_app_config("actions").get_models()
        for constraint in model._meta.constraints
    }
    assert named == set(BAD)


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_must_not_be_is_refused_by_name(cast: Cast, case, name):
    action = given(cast.coordinator, case, cast.lead)
    services.take_up(actor=cast.lead, pk=action.pk, said=Update())
    services.plan_review(actor=cast.coordinator, case=case, on=soon(), why="Soon.")
    services.remind(actor=cast.coordinator, pks=[action.pk])
    model, changes = BAD[name]
    row = model.objects.order_by("created_at").last()
    words = {"somebody": membership(cast.teacher), "soon": soon(), "given": action.given_at}
    for field, value in changes.items():
        setattr(row, field, words.get(value, value) if isinstance(value, str) else value)
    row.pk, row.created_at = uuid4(), timezone.now()
    if model is Action and "status" not in changes:
        row.status = "open"
    row._state.adding = True
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        row.save(force_insert=True)
