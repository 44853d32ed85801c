"""Addresses of the practice of sharing."""

from django.urls import path

from sharing.disclosures import views

app_name = "disclosures"
urlpatterns = [
    path("referrals/<str:reference>/why/", views.why, name="why"),
    path("rules/changes/<uuid:pk>/try/", views.simulate, name="simulate"),
    path("rules/changes/<uuid:pk>/impact/", views.impact, name="impact"),
    path("rules/examinations/<uuid:pk>/", views.examination, name="examination"),
]
