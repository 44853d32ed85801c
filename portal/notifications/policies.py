"""Who may see which notice."""

from portal.accounts.vocabulary import Principal
from portal.notifications.models import Notice, NoticeQuerySet


def visible(principal: Principal) -> NoticeQuerySet:
    """Return the principal's own notices; a person in another role has other notices."""
    return Notice.objects.filter(recipient_id=principal.membership_id)
