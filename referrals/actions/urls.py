"""Addresses of actions and reviews."""

from django.urls import path

from referrals.actions import views

app_name = "actions"
urlpatterns = [
    path("actions/", views.actions, name="actions"),
    path("actions/remind/", views.remind, name="remind"),
    path("actions/<uuid:pk>/", views.action, name="action"),
    path("actions/<uuid:pk>/check/", views.check, name="check"),
    path("actions/<uuid:pk>/time/", views.time, name="time"),
    path("actions/<uuid:pk>/hand-over/", views.hand_over, name="hand-over"),
    path("actions/<uuid:pk>/take-on/", views.take_on, name="take-on"),
    path("actions/<uuid:pk>/effect/", views.effect, name="effect"),
    path("actions/<uuid:pk>/give-up/", views.give_up, name="give-up"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/left/", views.departures, name="departures"),
    path("reviews/left/file/", views.departures_file, name="departures-file"),
    path("reviews/<uuid:pk>/", views.review, name="review"),
    path("referrals/<str:reference>/actions/", views.of_case, name="of-case"),
    path("referrals/<str:reference>/actions/new/", views.give, name="give"),
    path("referrals/<str:reference>/review/", views.plan, name="plan"),
]
