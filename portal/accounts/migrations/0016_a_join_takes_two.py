"""A partnership may want a second person when two cases are joined."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_chased_before_it_is_late")]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="join_takes_two",
            field=models.BooleanField(default=False),
        ),
    ]
