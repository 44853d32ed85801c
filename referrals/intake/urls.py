"""Addresses of the question flow."""

from django.urls import path

from referrals.intake.views import files
from referrals.intake.views import pages as views

app_name = "intake"
urlpatterns = [
    path("referrals/new/", views.new, name="new"),
    path("referrals/draft/<uuid:pk>/", views.draft, name="draft"),
    path("referrals/draft/<uuid:pk>/delete/", views.discard, name="discard"),
    path("referrals/draft/<uuid:pk>/danger/now/", views.danger_now, name="danger_now"),
    path("referrals/draft/<uuid:pk>/files/", files.files, name="files"),
    path("referrals/draft/<uuid:pk>/files/<uuid:file>/remove/", files.remove, name="remove_file"),
    path("referrals/draft/<uuid:pk>/<slug:page>/", views.page, name="page"),
    path("referrals/<str:reference>/sent/", views.sent, name="sent"),
]
