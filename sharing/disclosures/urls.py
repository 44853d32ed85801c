"""Addresses of the practice of sharing."""

from django.urls import path

from sharing.disclosures import views

app_name = "disclosures"
urlpatterns = [path("referrals/<str:reference>/why/", views.why, name="why")]
