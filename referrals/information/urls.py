"""Addresses of information reports."""

from django.urls import path

from referrals.information import views

app_name = "information"
urlpatterns = [
    path("information/", views.reports, name="reports"),
    path("information/new/", views.new, name="new"),
    path("information/mine/", views.mine, name="mine"),
    path("information/draft/<uuid:pk>/what/", views.what, name="what"),
    path("information/draft/<uuid:pk>/things/", views.things, name="things"),
    path("information/draft/<uuid:pk>/things/remove/", views.remove, name="remove"),
    path("information/draft/<uuid:pk>/things/<slug:kind>/<int:n>/", views.thing, name="thing"),
    path("information/draft/<uuid:pk>/check/", views.check, name="check"),
    path("information/draft/<uuid:pk>/delete/", views.discard, name="discard"),
    path("information/sent/<str:report>/", views.sent, name="sent"),
    path("information/<str:report>/", views.report, name="report"),
    path("information/<str:report>/read/", views.mark_read, name="mark_read"),
    path("information/<str:report>/link/<uuid:thing>/<uuid:statement>/", views.link, name="link"),
]
