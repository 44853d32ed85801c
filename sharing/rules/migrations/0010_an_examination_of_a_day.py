"""An examination may be asked for by a day on which a line of the law begins or ends."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0009_a_set_from_the_portal_has_its_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="examination",
            name="day",
            field=models.DateField(
                help_text="The day on which a line began or ended, where only the calendar asked.",
                null=True,
                unique=True,
            ),
        ),
    ]
