"""allauth's rules of sign-in, narrowed to ours."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.accounts.http.principal import local_path
from portal.accounts.models import User

log = logging.getLogger(__name__)


def too_often(request: HttpRequest, what: str) -> HttpResponse | None:
    """Count one more time that this person does something that is limited (`settings`).

    The page that says so when it is too often; None when it is not.
    """
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action=what, user=request.user)
    return refused


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's rules of sign-in, narrowed to ours.

    One answer for every failure, nobody signs themselves up, and no way out to another site.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Check your email address and password",
        "incorrect_password": "Check your password",
        "too_many_login_attempts": "You have tried too many times. Try again in 5 minutes",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs themselves up: an agency enrols its people."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path on this site is worth a redirect."""
        return local_path(url) is not None

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Sign-in has pages only; what a request claims to accept does not change its answer."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page that follows says what happened."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person with these credentials. A closed account fails as an unknown one does."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        # allauth has just given this try back, as it does for a success: count it again.
        self.pre_authenticate(request, **credentials)
        return None

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password; the try counts like one at sign-in."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail, on the host that we know ourselves by, whatever was asked."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and keep a mail server's failure to ourselves: it would tell who is known here."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            # The message may repeat the address: log the class only.
            log.error("An account mail was not sent (%s)", type(error).__name__)  # noqa: TRY400
