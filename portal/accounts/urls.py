"""Addresses of identity.

allauth finds its own pages by their bare names, so those stand outside our namespace. Only what
is listed here exists: no sign-up, no e-mail management. The second factor will stand here too, at
`sign-in/code/` and `mfa/`.
"""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from portal.accounts import forms, views

_ours = [
    path("kept/<uuid:pk>/", views.kept, name="kept"),
    path("session/", views.session, name="session"),
    path("hiding/", views.hiding, name="hiding"),
    path("unlock/", views.unlock, name="unlock"),
    path("role/", views.role, name="role"),
    path("agency/contacts/", views.contacts, name="contacts"),
    path("agency/contacts/change/", views.contact, name="contact"),
    path("partnership/", views.partnership, name="partnership"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("timed-out/", views.timed_out, name="timed_out"),
]

away = ([path("hide/", views.hide, name="hide")], "away")

urlpatterns = [
    path("", include((_ours, "accounts"))),
    path(
        "sign-in/",
        views.SignInView.as_view(form_class=forms.SignInForm),
        name="account_login",
    ),
    path("sign-out/", allauth.LogoutView.as_view(), name="account_logout"),
    path(
        "confirm/",
        allauth.ReauthenticateView.as_view(form_class=forms.ConfirmPasswordForm),
        name="account_reauthenticate",
    ),
    path(
        "reset/",
        allauth.PasswordResetView.as_view(form_class=forms.ForgotPasswordForm),
        name="account_reset_password",
    ),
    path(
        "reset/sent/", allauth.PasswordResetDoneView.as_view(), name="account_reset_password_done"
    ),
    path(
        "reset/done/",
        allauth.PasswordResetFromKeyDoneView.as_view(),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.PasswordResetFromKeyView.as_view(form_class=forms.NewPasswordForm),
        name="account_reset_password_from_key",
    ),
]
