"""Counting the cases that are open to a team and open for a plan takes an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0030_notes")]

    operations = [
        migrations.AddIndex(
            model_name="sight",
            index=models.Index(
                condition=models.Q(("opened", True)),
                fields=["group"],
                include=("case", "only", "partnership", "from_at", "until_at"),
                name="sight_opened",
            ),
        ),
    ]
