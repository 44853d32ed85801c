"""Addresses of the practice of sharing."""

from django.urls import path

from sharing.disclosures import views
from sharing.disclosures.views import answers, requests

app_name = "disclosures"
urlpatterns = [path("referrals/<str:reference>/why/", views.why, name="why")]

# Asking an agency, and what becomes of an answer.
urlpatterns += [
    path("requests/", requests.listed, name="requests"),
    path("requests/<uuid:pk>/", requests.opened, name="request"),
    path("requests/<uuid:pk>/answer/<str:reply>/", requests.answer, name="answer"),
    path("referrals/<str:reference>/requests/new/", requests.ask, name="ask"),
    path("referrals/<str:reference>/statements/<uuid:pk>/mark/", answers.mark, name="mark"),
    path(
        "referrals/<str:reference>/statements/<uuid:pk>/correct/", answers.correct, name="correct"
    ),
    path("referrals/<str:reference>/statements/<uuid:pk>/remove/", answers.remove, name="remove"),
]
