"""Practitioners who only send are in a team apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_contacts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="team",
            name="team_is_agency_and_role",
        ),
        migrations.AddField(
            model_name="team",
            name="sends_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                fields=("agency", "role", "sends_only"), name="team_is_agency_and_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sends_only", False), ("role", "practitioner"), _connector="OR"
                ),
                name="team_only_practitioners_only_send",
            ),
        ),
    ]
