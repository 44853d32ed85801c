"""Papers are sent out once for each change, however often the button is pressed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_as_it_was")]

    operations = [
        migrations.AlterField(
            model_name="meeting",
            name="version",
            field=models.PositiveIntegerField(
                default=1, help_text="Of its agenda, and of who is invited to what."
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="published_version",
            field=models.PositiveIntegerField(
                blank=True, help_text="The version that the papers went out with last.", null=True
            ),
        ),
    ]
