"""What every change of the law does besides: it waits its turn, and has live grants looked at."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from portal.common.later import later
from sharing.rules import models, policies


def one_at_a_time() -> None:
    """Wait until nobody else writes a rule set; until this transaction ends, nobody does."""
    models.RuleSet.objects.select_for_update().order_by("version").first()


def examine(
    *,
    rule_set: models.RuleSet | None = None,
    agreement: models.Agreement | None = None,
    day: date | None = None,
) -> models.Examination:
    """Promise that every live grant that a rule gave is held against the law again.

    With a day, on which a line of the law began or ended, it is promised once for that day.
    """
    if day is None:
        asked = models.Examination.objects.create(rule_set=rule_set, agreement=agreement)
    else:
        asked, _ = models.Examination.objects.get_or_create(
            day=day, defaults={"rule_set": rule_set}
        )
    # By name: the grants stand on a higher floor.
    later("disclosures.examine", asked.pk)
    return asked


@transaction.atomic
def examine_today() -> models.Examination | None:
    """Have live grants looked at if a line has begun or ended since they were last looked at.

    A line may name a day long after the file or the signature that brought it. An examination that
    was asked for on a day covers that day: grants are held against the law of the moment. None
    when no such day has come. Safe to call at any time, and twice at once.
    """
    rule_set = models.RuleSet.objects.order_by("-version").first()
    if rule_set is None:
        return None
    today = timezone.localdate()
    last = models.Examination.objects.order_by("-created_at").first()
    first = models.RuleSet.objects.order_by("version").first()
    seen = timezone.localdate((last or first or rule_set).created_at)
    days = policies.turning_days(seen + timedelta(days=1), today)
    return examine(rule_set=rule_set, day=days[-1]) if days else None
