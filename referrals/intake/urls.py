"""Addresses of the question flow."""

from django.urls import path

from referrals.intake.views import autosave, delegates, lists
from referrals.intake.views import pages as views

app_name = "intake"
urlpatterns = [
    path("referrals/new/", views.new, name="new"),
    path("referrals/draft/<uuid:pk>/", views.draft, name="draft"),
    path("referrals/draft/<uuid:pk>/delete/", views.discard, name="discard"),
    path("referrals/draft/<uuid:pk>/delegate/", delegates.delegate, name="delegate"),
    path("referrals/draft/<uuid:pk>/delegate/end/", delegates.take_back, name="take_back"),
    path("referrals/draft/<uuid:pk>/danger/now/", views.danger_now, name="danger_now"),
    path("referrals/draft/<uuid:pk>/also/<slug:kind>/", lists.also, name="also"),
    path("referrals/draft/<uuid:pk>/also/<slug:kind>/<int:n>/", lists.item, name="also_item"),
    path(
        "referrals/draft/<uuid:pk>/also/<slug:kind>/<int:n>/remove/",
        lists.remove,
        name="also_remove",
    ),
    path("referrals/draft/<uuid:pk>/<slug:page>/", views.page, name="page"),
    path("referrals/draft/<uuid:pk>/<slug:page>/save/", autosave.save, name="autosave"),
    path("referrals/<str:reference>/sent/", views.sent, name="sent"),
]
