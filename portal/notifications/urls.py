"""Addresses of notices, and of outgoing mail for whoever operates the service."""

from django.urls import path

from portal.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.notices, name="list"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("email/", views.preferences, name="preferences"),
    path("<uuid:pk>/read/", views.mark_read, name="mark_read"),
    path("outgoing/", views.mail, name="mail"),
    path("outgoing/stop/", views.stop_mail, name="stop_mail"),
    path("outgoing/resume/", views.resume_mail, name="resume_mail"),
    path("outgoing/again/", views.try_all_again, name="try_all_again"),
    path("outgoing/<uuid:pk>/again/", views.try_again, name="try_again"),
]
