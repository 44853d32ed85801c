"""Addresses of the question flow."""

from django.urls import path

from referrals.intake.views import pages as views
from referrals.intake.views import stops

app_name = "intake"
urlpatterns = [
    path("referrals/new/", views.new, name="new"),
    path("referrals/draft/<uuid:pk>/", views.draft, name="draft"),
    path("referrals/draft/<uuid:pk>/delete/", views.discard, name="discard"),
    path("referrals/draft/<uuid:pk>/danger/now/", stops.danger_now, name="danger_now"),
    path("referrals/draft/<uuid:pk>/danger/other-ways/", stops.other_ways, name="other_ways"),
    path("referrals/draft/<uuid:pk>/child/over-18/", stops.over_18, name="over_18"),
    path("referrals/draft/<uuid:pk>/child/seen-before/", stops.seen_before, name="seen_before"),
    path("referrals/draft/<uuid:pk>/<slug:page>/", views.page, name="page"),
    path("referrals/<str:reference>/sent/", views.sent, name="sent"),
]
