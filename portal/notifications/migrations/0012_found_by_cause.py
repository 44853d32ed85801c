"""Reminders ask every minute whether anybody was told of the same before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_delegated")]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["cause"], name="notice_by_cause"),
        ),
    ]
