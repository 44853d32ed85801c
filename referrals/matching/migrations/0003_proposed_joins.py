"""What a decision to join would join, while it waits for a second person."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


TRIGGERS = """
    CREATE TRIGGER matching_proposedjoin_is_immutable BEFORE UPDATE ON matching_proposedjoin
    FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
    CREATE TRIGGER matching_proposedjoin_is_never_deleted BEFORE DELETE ON matching_proposedjoin
    FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
    CREATE TRIGGER matching_proposedjoin_is_never_emptied BEFORE TRUNCATE ON matching_proposedjoin
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
"""
BACK = "".join(
    f"DROP TRIGGER matching_proposedjoin_is_{what} ON matching_proposedjoin;"
    for what in ("immutable", "never_deleted", "never_emptied")
)


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0002_what_may_be_one_child"),
        ("referrals", "0025_a_join_waits_too"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProposedJoin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("reason", models.TextField()),
                ("shown_first", models.JSONField(blank=True, default=dict)),
                (
                    "leading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referrals.case",
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joining",
                        to="referrals.proposal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "\\S")),
                        name="proposed_join_has_reason",
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, BACK),
    ]
