"""A file becomes one statement of one case; only a correction of it is another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0011_who_only_sends")]

    operations = [
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", True), ("upload__isnull", False)),
                fields=("upload",),
                name="statement_joins_a_file_once",
            ),
        ),
    ]
