"""Addresses of actions and reviews."""

from django.urls import path

from referrals.actions.views import departures, lists, one, planning, reviews

app_name = "actions"
urlpatterns = [
    path("actions/", lists.actions, name="actions"),
    path("actions/remind/", lists.remind, name="remind"),
    path("actions/<uuid:pk>/", one.action, name="action"),
    path("actions/<uuid:pk>/check/", one.check, name="check"),
    path("actions/<uuid:pk>/time/", one.time, name="time"),
    path("actions/<uuid:pk>/hand-over/", one.hand_over, name="hand-over"),
    path("actions/<uuid:pk>/take-on/", one.take_on, name="take-on"),
    path("actions/<uuid:pk>/effect/", one.effect, name="effect"),
    path("actions/<uuid:pk>/give-up/", one.give_up, name="give-up"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/left/", departures.departures, name="departures"),
    path("reviews/left/file/", departures.departures_file, name="departures-file"),
    path("reviews/<uuid:pk>/", reviews.review, name="review"),
    path("referrals/<str:reference>/actions/", planning.of_case, name="of-case"),
    path("referrals/<str:reference>/actions/new/", planning.give, name="give"),
    path("referrals/<str:reference>/review/", planning.plan, name="plan"),
]
