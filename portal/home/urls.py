"""Addresses of the pages that anybody may read."""

from django.urls import path

from portal.home import views

app_name = "home"

urlpatterns = [
    path("", views.start, name="start"),
    path("home/", views.home, name="home"),
    path("help/", views.page, {"name": "help"}, name="help"),
    path("help/labels/", views.page, {"name": "labels"}, name="labels"),
    path("accessibility/", views.page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", views.page, {"name": "privacy"}, name="privacy"),
    path("cookies/", views.page, {"name": "cookies"}, name="cookies"),
    path("healthz/", views.healthz, name="healthz"),
    path("health/live/", views.live, name="live"),
    path("health/deep/", views.deep, name="deep"),
]
