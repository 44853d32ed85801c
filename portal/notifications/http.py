"""The frame of every page: where one can go, as whom one is working, what one has not read."""

from functools import cached_property
from typing import Final, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.http import seconds_left
from portal.accounts.policies import may_hide
from portal.accounts.vocabulary import IDLE_MINUTES, NO_PHONES, Phones, Principal
from portal.notifications import policies
from portal.notifications.vocabulary import NAVIGATION

MOST_SAID: Final = 100
"""How far unread notices are counted: the page says "99+" from there."""


class Entry(NamedTuple):
    """One entry of the navigation."""

    label: str
    url: str
    current: bool


class Frame:
    """What stands around the content of a page. It costs one query, and only when it is shown.

    Nobody signed in, no role chosen, an error before the role was known: a frame without
    navigation, without a query.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._principal: Principal | None = getattr(request, "principal", None)

    @property
    def service_name(self) -> str:
        """What this installation calls itself."""
        return str(settings.SERVICE_NAME)

    @property
    def working_as(self) -> str:
        """Say the role and the agency, or nothing."""
        return self._principal.working_as if self._principal else ""

    @property
    def may_hide(self) -> bool:
        """Whether the page offers to be hidden at once."""
        return self._principal is not None and may_hide(self._principal)

    @property
    def seconds_left(self) -> int:
        """How long the session lasts from here if nobody presses anything."""
        return seconds_left(self._request.session)

    @property
    def idle_minutes(self) -> int:
        """How long a session lasts without a press in this partnership."""
        return self._principal.idle_minutes if self._principal else IDLE_MINUTES

    @cached_property
    def navigation(self) -> tuple[Entry, ...]:
        """The pages that this role's work begins with."""
        if self._principal is None:
            return ()
        match = self._request.resolver_match
        here = match.view_name if match else ""
        return tuple(
            Entry(label, reverse(name), name == here)
            for label, name in NAVIGATION[self._principal.role]
        )

    @cached_property
    def unread(self) -> int:
        """How many notices the person has not read; past the most that the page says, no more."""
        if self._principal is None:
            return 0
        unread = policies.visible(self._principal).unread().order_by()
        return len(unread.values_list("pk")[:MOST_SAID])  # to have them counted takes Django longer

    @cached_property
    def mail_is_stopped(self) -> bool:
        """Whether to tell the operator that no mail goes out. Costs a query for them alone."""
        principal = self._principal
        return (
            principal is not None
            and policies.operates(principal)
            and policies.stopped() is not None
        )

    @property
    def phones(self) -> Phones:
        """Whom to ring about a child in this partnership."""
        return self._principal.phones if self._principal else NO_PHONES


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: give every page its frame."""
    return {"frame": Frame(request)}
