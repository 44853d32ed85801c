"""Addresses of the law."""

from django.urls import path

from sharing.rules import views

app_name = "rules"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("changes/", views.changes, name="changes"),
    path("changes/new/", views.propose, name="propose"),
    path("changes/<uuid:pk>/", views.change, name="change"),
    path("changes/<uuid:pk>/edit/", views.edit, name="edit"),
    path("changes/<uuid:pk>/step/<str:action>/", views.step, name="step"),
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/new/", views.sign, name="sign"),
    path("agreements/<uuid:pk>/", views.agreement, name="agreement"),
    path("agreements/<uuid:pk>/renew/", views.renew, name="renew"),
    path("agreements/<uuid:pk>/end/", views.end, name="end"),
    path("<slug:number>/", views.rule, name="rule"),
]
