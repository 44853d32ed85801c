"""Addresses of the casework's core."""

from django.urls import path

from referrals import views

app_name = "referrals"
urlpatterns = [
    path("cases/", views.cases, name="cases"),
    path("copies/<uuid:pk>/", views.copy, name="copy"),
    path("copies/<uuid:pk>/download/", views.download, name="download"),
    path("referrals/<str:reference>/", views.case, name="case"),
    path("referrals/<str:reference>/export.csv", views.csv, name="csv"),
    path("referrals/<str:reference>/pdf/", views.pdf, name="pdf"),
    path("referrals/<str:reference>/note/", views.note, name="note"),
    path("referrals/<str:reference>/documents/", views.documents, name="documents"),
    path("referrals/<str:reference>/documents/<uuid:pk>/", views.document, name="document"),
]
