"""The kinds of notice that the front door's own work needs."""

from django.db import migrations, models

from portal.notifications.vocabulary import Kind


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_whose_act")]

    operations = [
        migrations.RemoveConstraint(model_name="notice", name="notice_kind_known"),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=Kind.choices, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", Kind.values)), name="notice_kind_known"
            ),
        ),
    ]
