"""Addresses of people and places: nothing in them but the reference of a case, and numbers."""

from django.urls import path

from referrals.links import views

app_name = "links"
urlpatterns = [
    path("referrals/<str:reference>/links/", views.index, name="index"),
    path("referrals/<str:reference>/links/answers/", views.answers, name="answers"),
    path("referrals/<str:reference>/links/answers/<uuid:statement>/", views.record, name="record"),
    path("referrals/<str:reference>/links/<uuid:mine>/take-off/", views.take_off, name="take-off"),
    path("referrals/<str:reference>/links/<uuid:mine>/settle/", views.settle, name="settle"),
    path(
        "referrals/<str:reference>/links/<uuid:mine>/<uuid:other>/", views.compare, name="compare"
    ),
    path(
        "referrals/<str:reference>/links/<uuid:mine>/<uuid:other>/take-back/",
        views.take_back,
        name="take-back",
    ),
]
