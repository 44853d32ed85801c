import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("referrals", "0004_walls_stand"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(help_text="Infinity when there is no end.")),
                ("reference", models.CharField(max_length=10)),
                ("received_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        help_text="0 for immediate danger, 1 for the rest."
                    ),
                ),
                ("waiting", models.BooleanField()),
                ("unassigned", models.BooleanField()),
                ("opened", models.BooleanField()),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="referrals.case",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="auth.group",
                    ),
                ),
                (
                    "only",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="The one person who sees it; empty for the whole team.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.partnership",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["group", "-received_at", "reference"],
                        include=("case", "only", "partnership", "from_at", "until_at", "opened"),
                        name="sight_by_receipt",
                    ),
                    models.Index(
                        condition=models.Q(("waiting", True)),
                        fields=["group", "rank", "due_at", "reference"],
                        include=(
                            "case",
                            "only",
                            "partnership",
                            "from_at",
                            "until_at",
                            "unassigned",
                        ),
                        name="sight_by_deadline",
                    ),
                    models.Index(fields=["until_at"], name="sight_by_end"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "group", "from_at", "only"),
                        include=("partnership", "until_at"),
                        name="sight_once_at_a_time",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
