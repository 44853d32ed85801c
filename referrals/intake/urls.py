"""Addresses of the question flow."""

from django.urls import path

from referrals.intake.views import autosave, delegates, files, lists, stops
from referrals.intake.views import pages as views

app_name = "intake"
urlpatterns = [
    path("referrals/new/", views.new, name="new"),
    path("referrals/draft/<uuid:pk>/", views.draft, name="draft"),
    path("referrals/draft/<uuid:pk>/delete/", views.discard, name="discard"),
    path("referrals/draft/<uuid:pk>/delegate/", delegates.delegate, name="delegate"),
    path("referrals/draft/<uuid:pk>/delegate/end/", delegates.take_back, name="take_back"),
    path("referrals/draft/<uuid:pk>/danger/now/", stops.danger_now, name="danger_now"),
    path("referrals/draft/<uuid:pk>/also/<slug:kind>/", lists.also, name="also"),
    path("referrals/draft/<uuid:pk>/also/<slug:kind>/<int:n>/", lists.item, name="also_item"),
    path(
        "referrals/draft/<uuid:pk>/also/<slug:kind>/<int:n>/remove/",
        lists.remove,
        name="also_remove",
    ),
    path("referrals/draft/<uuid:pk>/danger/other-ways/", stops.other_ways, name="other_ways"),
    path("referrals/draft/<uuid:pk>/child/over-18/", stops.over_18, name="over_18"),
    path("referrals/draft/<uuid:pk>/child/seen-before/", stops.seen_before, name="seen_before"),
    path("referrals/draft/<uuid:pk>/files/", files.files, name="files"),
    path("referrals/draft/<uuid:pk>/files/<uuid:file>/remove/", files.remove, name="remove_file"),
    path("referrals/draft/<uuid:pk>/<slug:page>/", views.page, name="page"),
    path("referrals/draft/<uuid:pk>/<slug:page>/save/", autosave.save, name="autosave"),
    path("referrals/<str:reference>/sent/", views.sent, name="sent"),
]
