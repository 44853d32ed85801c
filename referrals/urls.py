"""Addresses of the casework's core."""

from django.urls import path

from referrals import views

app_name = "referrals"
urlpatterns = [
    path("referrals/", views.mine, name="mine"),
    path("cases/", views.cases, name="cases"),
    path("referrals/<str:reference>/", views.case, name="case"),
]
