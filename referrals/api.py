"""The casework for programs: the same readings and the same verbs as the pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from portal.accounts.http import ApiRequest
from referrals import policies
from referrals.models import Case, Sight, SightQuerySet
from referrals.reading import STANDING_LINE, Item, Reading
from referrals.services import (
    Concern,
    ItemKind,
    Told,
    chosen,
    items,
    list_cases,
    read_case,
    submit,
)
from referrals.vocabulary import (
    CHOSEN,
    FREE_ANSWERS,
    NO_ANSWER,
    SEVERAL,
    Answer,
    ChildTold,
    Danger,
    KnownHow,
    ParentsTold,
    Protect,
    State,
)

MARKS = [each for each in Protect if each not in (Protect.NONE, Protect.EXISTENCE)]
"""Why a program may protect an answer. Concealing one is a person's work."""


class WithheldSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Why a value is null: the state in the page's own words, the reason, and whose it is."""

    state = serializers.CharField()
    reason = serializers.CharField()
    owner = serializers.CharField()


class ItemSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """One resolved item. `text` is word for word what the page shows."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    category = serializers.CharField()
    state = serializers.CharField()
    text = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    owner = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    withheld = serializers.SerializerMethodField()

    @extend_schema_field(WithheldSerializer(allow_null=True))
    def get_withheld(self, item: Item) -> dict[str, str] | None:
        if item.state in (State.SHOWN, State.NOT_PROVIDED, State.NOT_KNOWN):
            return None
        return {"state": item.state, "reason": item.reason, "owner": item.owner}


class SectionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Items under one heading."""

    title = serializers.CharField()
    items = ItemSerializer(many=True)


class ReadingSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A case, resolved for the caller."""

    reference = serializers.CharField()
    title = serializers.CharField()
    initials = serializers.CharField()
    age = serializers.CharField()
    status = serializers.CharField()
    status_words = serializers.CharField()
    priority = serializers.CharField()
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    withheld = serializers.IntegerField()
    sections = SectionSerializer(many=True)
    actions = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()

    def get_note(self, _reading: Reading) -> str:
        """The line at the foot of every case page."""
        return STANDING_LINE

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_actions(self, _reading: Reading) -> list[str]:
        """The verbs that the caller may use now."""
        return [str(action) for action in self.context["actions"]]


class SummarySerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A case as one row of a list."""

    reference = serializers.CharField()
    initials = serializers.CharField()
    age = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.CharField()
    agency = serializers.CharField()
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    assigned_to = serializers.CharField()


class SentSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """The receipt of a referral."""

    reference = serializers.CharField()


class StrictSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Refuses what it does not ask, instead of passing over it in silence."""

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Name every field that was sent and is not one."""
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "Not a field."))
        return attrs


class NamedSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """One that is named: a person, a place, an account or vehicle, another child, a time missing.

    What `details` may hold depends on `kind`: words, codes, days as in ISO 8601.
    """

    kind = serializers.ChoiceField(choices=ItemKind.choices)
    known_how = serializers.ChoiceField(choices=KnownHow.choices)
    details = serializers.DictField(
        child=serializers.CharField(max_length=items.STORY), allow_empty=False
    )

    def to_internal_value(self, data: object) -> dict[str, object]:
        """Name every field that was sent and is not one."""
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "Not a field."))
        read: dict[str, object] = super().to_internal_value(data)
        return read


class ConcernSerializer(StrictSerializer):
    """A referral. `key` is the caller's own: the same key sent twice makes one referral."""

    key = serializers.UUIDField()
    danger = serializers.ChoiceField(choices=Danger.choices)
    given_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    family_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    known_as = serializers.CharField(max_length=100, default="", allow_blank=True)
    date_of_birth = serializers.DateField(required=False, allow_null=True)
    age_estimate = serializers.IntegerField(
        min_value=0, max_value=120, required=False, allow_null=True
    )
    description = serializers.CharField(max_length=1000, default="", allow_blank=True)
    child_told = serializers.ChoiceField(choices=ChildTold.choices)
    parents_told = serializers.ChoiceField(choices=ParentsTold.choices)
    needed_by = serializers.DateTimeField(required=False, allow_null=True)
    time_matters = serializers.CharField(max_length=300, default="", allow_blank=True)
    called_at = serializers.DateTimeField(required=False, allow_null=True)
    earlier = serializers.CharField(max_length=12, default="", allow_blank=True)
    phone = serializers.CharField(max_length=30)
    items = NamedSerializer(many=True, required=False)
    no_answer = serializers.DictField(
        child=serializers.ChoiceField(choices=[(each.value, each.label) for each in NO_ANSWER]),
        required=False,
        help_text="By question: why there is no answer.",
    )
    protect = serializers.DictField(
        child=serializers.ChoiceField(choices=[(each.value, each.label) for each in MARKS]),
        required=False,
        help_text="By question: why the answer is protected.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields above, and one for each question that a person answers."""
        asked = {key: _asked(key) for key in FREE_ANSWERS if key != "phone"}
        return {**super().get_fields(), **asked}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Only a question can have no answer, or be protected."""
        for name in ("no_answer", "protect"):
            unknown = set(attrs.get(name, ())) - set(FREE_ANSWERS)
            if unknown:
                raise serializers.ValidationError({name: f"Not a question: {sorted(unknown)}"})
        return super().validate(attrs)

    def concern(self) -> Concern:
        """What was sent, once it is valid."""
        given = {**self.validated_data}
        given.pop("key")
        none, marks = given.pop("no_answer", {}), given.pop("protect", {})
        named = tuple(
            items.Item(ItemKind(each["kind"]), each["details"], KnownHow(each["known_how"]))
            for each in given.pop("items", ())
        )
        answers = {}
        for key in FREE_ANSWERS:
            said = given.pop(key, None)
            codes = said if isinstance(said, list) else [said]
            told = chosen(key, filter(None, codes)) if key in CHOSEN else Told(said or "")
            if not told.text.strip():
                told = Told(answer=Answer(none.get(key, Answer.NOT_PROVIDED)))
            if told.answer is not Answer.NOT_PROVIDED:
                answers[key] = replace(told, protect=Protect(marks.get(key, Protect.NONE)))
        return Concern(**given, answers=answers, items=named)


def _asked(key: str) -> serializers.Field[Any, Any, Any, Any]:
    """A question as a program answers it: words, a choice, or several."""
    if key not in CHOSEN:
        return serializers.CharField(max_length=4000, default="", allow_blank=True)
    one = serializers.ChoiceField(choices=CHOSEN[key].choices, required=False)
    return serializers.ListField(child=one, required=False) if key in SEVERAL else one


class CaseList(GenericAPIView[Sight]):
    """The cases that are open to the caller."""

    serializer_class = SummarySerializer
    request: ApiRequest

    def get_queryset(self) -> SightQuerySet:
        if getattr(self, "swagger_fake_view", False):
            return SightQuerySet(Sight).none()
        return policies.sights(self.request.principal).newest()

    @extend_schema(operation_id="cases_list", responses=SummarySerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        """List cases, the latest first; the list is one event in the ledger."""
        policies.require_case_list(request.principal)
        page = self.paginate_queryset(self.get_queryset()) or []
        rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page))
        return self.get_paginated_response(SummarySerializer(rows, many=True).data)


class CaseDetail(GenericAPIView[Case]):
    """One case, as the page shows it."""

    serializer_class = ReadingSerializer

    def get(self, request: ApiRequest, reference: str) -> Response:
        """Read a case; reading it is one event in the ledger."""
        case = policies.case_for(request.principal, reference)
        allowed = policies.actions(request.principal, case)
        reading = read_case(actor=request.principal, reference=reference)
        return Response(ReadingSerializer(reading, context={"actions": allowed}).data)


class ReferralList(GenericAPIView[Case]):
    """Sending a referral."""

    serializer_class = ConcernSerializer

    @extend_schema(responses={201: SentSerializer})
    def post(self, request: ApiRequest) -> Response:
        """Send a referral. Answers its reference; the same key answers the same reference."""
        policies.require_may_refer(request.principal)
        form = ConcernSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        key: UUID = form.validated_data["key"]
        case = submit(actor=request.principal, concern=form.concern(), key=key)
        return Response({"reference": case.reference}, status=201)


urlpatterns = [
    path("cases/", CaseList.as_view(), name="api-cases"),
    path("cases/<str:reference>/", CaseDetail.as_view(), name="api-case"),
    path("referrals/", ReferralList.as_view(), name="api-referrals"),
]
