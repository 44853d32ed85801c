"""A notice may be about no case: a change of the law, an agreement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_what_they_look_after"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="case",
            field=models.UUIDField(help_text="Nothing where it is about no case.", null=True),
        ),
    ]
