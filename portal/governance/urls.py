"""Addresses of governance."""

from django.urls import path

from portal.governance import views

app_name = "governance"
urlpatterns = [
    path("referrals/<str:reference>/history/", views.trail, name="trail"),
    path("reports/<uuid:pk>/", views.report, name="report"),
    path("reports/<uuid:pk>/download/", views.download, name="download"),
    path("reports/<uuid:pk>/publish/", views.publish, name="publish"),
    path("board/audits/", views.reports, name="reports"),
    path("board/audits/<uuid:pk>/", views.review, name="review"),
]
