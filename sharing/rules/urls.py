"""Addresses of the law."""

from django.urls import path

from sharing.rules import views

app_name = "rules"
urlpatterns = [path("", views.rules, name="rules")]
