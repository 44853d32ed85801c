"""What every change of the law does besides: it waits its turn, and has live grants looked at."""

from portal.common.later import later
from sharing.rules import models


def one_at_a_time() -> None:
    """Wait until nobody else writes a rule set; until this transaction ends, nobody does."""
    models.RuleSet.objects.select_for_update().order_by("version").first()


def examine(
    *, rule_set: models.RuleSet | None = None, agreement: models.Agreement | None = None
) -> models.Examination:
    """Promise that every live grant that a rule gave is held against the law again."""
    asked = models.Examination.objects.create(rule_set=rule_set, agreement=agreement)
    # By name: the grants stand on a higher floor.
    later("disclosures.examine", asked.pk)
    return asked
