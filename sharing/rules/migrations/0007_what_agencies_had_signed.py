"""The days on which agencies had signed become one agreement for each partnership."""

from datetime import date, timedelta

from django.db import migrations

TITLE = "Partnership information-sharing agreement"
A_YEAR = timedelta(days=365)
PURPOSES = [
    *("DANGER", "ENQUIRY", "SCREEN", "PLAN", "PANEL", "DISRUPT", "PROSECUTE", "EARLY_HELP"),
    *("QA_AUDIT", "REPORT", "RIGHTS", "TRAINING", "COMMISSION"),
]
CATEGORIES = [*(f"IC{number}" for number in range(17)), "OUTCOME"]


def register(apps, schema_editor):
    """One agreement with the agencies of a partnership that had signed, from the last signature.

    A day per agency becomes one day: the last one, on which all of them had signed. It covers
    what the agencies' signature covered, which was everything that rule 12 asked for.
    """
    agreements = apps.get_model("rules", "Agreement")
    today = date.today()
    for area in apps.get_model("accounts", "Partnership").objects.order_by("pk"):
        signed = list(area.agencies.filter(signed_agreement_on__lte=today))
        if not signed:
            continue
        row = agreements.objects.create(
            title=TITLE,
            purposes=PURPOSES,
            categories=CATEGORIES,
            signed_on=min(max(each.signed_agreement_on for each in signed), today),
            review_on=today + A_YEAR,
            ends_on=today + 2 * A_YEAR,
        )
        row.parties.set(signed)


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0006_nobody_changes_the_law_alone"),
        ("accounts", "0001_initial"),
    ]
    # It reads the column that this one removes.
    run_before = [("accounts", "0002_agreements_are_in_a_register")]

    operations = [migrations.RunPython(register, migrations.RunPython.noop)]
