"""Addresses of joint risk assessment: the page of a case, and what follows from it."""

from django.urls import path

from referrals.assessments import views

app_name = "assessments"
_ONE = "referrals/<str:reference>/risk/<uuid:pk>"
urlpatterns = [
    path("risk/", views.asked, name="asked"),
    path("referrals/<str:reference>/risk/", views.risk, name="risk"),
    path("referrals/<str:reference>/risk/start/", views.start, name="start"),
    path(f"{_ONE}/score/", views.score, name="score"),
    path(f"{_ONE}/score/<slug:page>/", views.part, name="part"),
    path(f"{_ONE}/open/", views.reveal, name="reveal"),
    path(f"{_ONE}/compare/", views.compare, name="compare"),
    path(f"{_ONE}/agree/", views.agree, name="agree"),
    path(f"{_ONE}/call-off/", views.call_off, name="call-off"),
    path(f"{_ONE}/confirm/", views.confirm, name="confirm"),
    path(f"{_ONE}/sign/", views.sign, name="sign"),
    path(f"{_ONE}/withdraw/", views.withdraw, name="withdraw"),
]
