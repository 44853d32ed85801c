"""What whoever referred reads of a usual decision is a setting of the partnership."""

from django.db import migrations, models

import portal.accounts.vocabulary


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_reviews_and_late_actions")]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="decided_words",
            field=models.TextField(blank=True, default=portal.accounts.vocabulary.default_decided),
        ),
    ]
