"""Who may see which notice."""

from django.conf import settings
from django.utils.module_loading import import_string

from portal.accounts.vocabulary import Principal
from portal.notifications.models import Notice, NoticeQuerySet


def reachable() -> NoticeQuerySet:
    """Return the notices whose reader may know of what they are about, at this moment.

    What keeps a person from a case stands above this floor, so settings name who is asked:
    NOTICE_MAY_REACH gives the condition, from where a notice holds its reader and its case.
    """
    may_reach = import_string(settings.NOTICE_MAY_REACH)
    reader = {"user": "recipient__user", "agency": "recipient__team__agency"}
    return Notice.objects.filter(may_reach(**reader, case="case"))


def visible(principal: Principal) -> NoticeQuerySet:
    """Return the principal's own notices; a person in another role has other notices."""
    return reachable().filter(recipient_id=principal.membership_id)
