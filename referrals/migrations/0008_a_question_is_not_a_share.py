from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_time_to_answer"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("referrals", "0007_nobody_reviews_or_lifts_their_own"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_part_names_statements",
        ),
        migrations.AlterField(
            model_name="grant",
            name="extent",
            field=models.CharField(
                choices=[
                    ("whole", "All of it"),
                    ("part", "Part of it"),
                    ("answer", "To answer a question"),
                ],
                default="whole",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("extent__in", ["whole", "answer"]), ("statements__len", 0)),
                    models.Q(("extent", "part"), ("statements__len__gte", 1)),
                    _connector="OR",
                ),
                name="grant_part_names_statements",
            ),
        ),
    ]
