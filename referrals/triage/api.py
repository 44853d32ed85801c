"""Triage for programs: the same verbs as the pages, through the same services."""

from collections.abc import Mapping
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from portal.accounts.http import ApiRequest
from referrals import policies
from referrals.api import StrictSerializer
from referrals.models import Case
from referrals.triage import services
from referrals.vocabulary import CHOSEN_OUTCOMES, Outcome, Side


class DecisionSerializer(StrictSerializer):
    """A decision on a referral."""

    outcome = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in CHOSEN_OUTCOMES]
    )
    reason = serializers.CharField(max_length=4000)
    told_referrer = serializers.CharField(max_length=2000)
    late_reason = serializers.CharField(max_length=1000, default="", allow_blank=True)
    sides = serializers.ListField(
        child=serializers.ChoiceField(choices=Side.choices), default=list, allow_empty=True
    )
    to_worker = serializers.EmailField(
        default="",
        allow_blank=True,
        help_text="With open_case: the work email of the allocated worker.",
    )
    to_area = serializers.SlugField(
        default="", allow_blank=True, help_text="With transfer: the other area, if it is in here."
    )
    to_words = serializers.CharField(
        max_length=200,
        default="",
        allow_blank=True,
        help_text="With open_case or transfer: who takes the child on, if they are not in here.",
    )
    next_on = serializers.DateField(
        required=False, help_text="When it is looked at next; without it, the usual day."
    )
    hidden_from = serializers.CharField(
        max_length=120,
        default="",
        allow_blank=True,
        help_text="With lado: the name of the agency that the person of concern works for.",
    )
    works_elsewhere = serializers.BooleanField(
        default=False, help_text="With lado: the person works for no agency in here."
    )
    withdrawn = serializers.BooleanField(
        default=False, help_text="The caller knows that the sender has withdrawn it."
    )


def _then(given: Mapping[str, Any], case: Case) -> services.Then:
    """What follows the decision. Raises DomainError for a name that nobody here has."""
    area = case.partnership_id
    worker, elsewhere, agency = given["to_worker"], given["to_area"], given["hidden_from"]
    return services.Then(
        owner=services.worker_by(worker, area) if worker else None,
        next_on=given.get("next_on"),
        sides=tuple(Side(each) for each in given["sides"]),
        hidden_from=services.agency_by(agency, area) if agency else None,
        works_elsewhere=given["works_elsewhere"],
        to_area=services.area_by(elsewhere) if elsewhere else None,
        to_words=given["to_words"],
    )


class StatusSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Where a case is now."""

    reference = serializers.CharField()
    status = serializers.CharField()


class Acknowledge(GenericAPIView[Case]):
    """Acknowledging a referral."""

    serializer_class = StatusSerializer

    @extend_schema(request=None, responses=StatusSerializer)
    def post(self, request: ApiRequest, reference: str) -> Response:
        """Tell the person who referred that somebody is reading it."""
        case = policies.case_for(request.principal, reference)
        case = services.acknowledge(actor=request.principal, case=case)
        return Response(StatusSerializer(case).data)


class Decide(GenericAPIView[Case]):
    """Deciding a referral."""

    serializer_class = DecisionSerializer

    @extend_schema(request=DecisionSerializer, responses=StatusSerializer)
    def post(self, request: ApiRequest, reference: str) -> Response:
        """Record the decision. Answers 409 with a sentence when somebody else was first.

        A decision that takes another's yes waits for it: the status stays as it was until then.
        """
        case = policies.case_for(request.principal, reference)
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        decision = services.decide(
            actor=request.principal,
            case=case,
            outcome=Outcome(given["outcome"]),
            reason=given["reason"],
            told_referrer=given["told_referrer"],
            late_reason=given["late_reason"],
            then=_then(given, case),
            withdrawn=given["withdrawn"],
        )
        return Response(StatusSerializer(decision.case).data)


urlpatterns = [
    path("cases/<str:reference>/acknowledge/", Acknowledge.as_view(), name="api-acknowledge"),
    path("cases/<str:reference>/decide/", Decide.as_view(), name="api-decide"),
]
