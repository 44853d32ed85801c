"""Addresses of matching. Both parts are references of cases."""

from django.urls import path

from referrals.matching import views

app_name = "matching"
urlpatterns = [
    path("triage/<str:reference>/matches/", views.matches, name="matches"),
    path("triage/<str:reference>/matches/<str:other>/", views.compare, name="compare"),
    path(
        "triage/<str:reference>/matches/<str:other>/take-back/", views.take_back, name="take-back"
    ),
]
