"""Addresses of matching and of finding. What is not a word of ours is the reference of a case."""

from django.urls import path

from referrals.matching import views

app_name = "matching"
urlpatterns = [
    path("referrals/search/", views.search, name="search"),
    path("triage/<str:reference>/matches/", views.matches, name="matches"),
    path("triage/<str:reference>/matches/<str:other>/", views.compare, name="compare"),
    path(
        "triage/<str:reference>/matches/<str:other>/take-back/", views.take_back, name="take-back"
    ),
]
