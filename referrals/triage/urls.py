"""Addresses of triage. The verb in the path is the verb of the transition table."""

from django.urls import path

from referrals.triage import views

app_name = "triage"
urlpatterns = [
    path("triage/", views.board, name="board"),
    path("triage/<str:reference>/", views.workspace, name="workspace"),
    path("triage/<str:reference>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("triage/<str:reference>/decide/", views.decide, name="decide"),
    path("referrals/<str:reference>/step/<slug:action>/", views.move, name="move"),
]
