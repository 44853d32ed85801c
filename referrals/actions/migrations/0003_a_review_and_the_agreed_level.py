"""A review that finds another level than agencies agreed together says why."""

from django.db import migrations, models
from django.db.models import F, Q

LEVELS = ["none_indicated", "emerging", "moderate", "significant"]
LABELS = [
    ("none_indicated", "Nothing indicated so far"),
    ("emerging", "Emerging concern"),
    ("moderate", "Moderate concern"),
    ("significant", "Significant concern"),
]
WAS = (
    "near_told_at",
    "late_told_at",
    "outcome",
    "happened",
    "level",
    "child_view",
    "reason",
    "agreed_by",
    "ended_by_id",
    "ended_at",
)


def _may_change(*columns: str) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        DROP TRIGGER actions_review_is_immutable ON actions_review;
        CREATE TRIGGER actions_review_is_immutable BEFORE UPDATE ON actions_review
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
    """


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_what_was_written_stays")]

    operations = [
        migrations.AddField(
            model_name="review",
            name="agreed",
            field=models.CharField(blank=True, choices=LABELS, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="review",
            name="differs",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                name="review_with_another_level_says_why",
                condition=Q(agreed="", differs="")
                | Q(agreed__in=LEVELS, agreed=F("level"), differs="")
                | Q(agreed__in=LEVELS, level__in=LEVELS, differs__regex=r"\S"),
            ),
        ),
        migrations.RunSQL(_may_change(*WAS, "agreed", "differs"), _may_change(*WAS)),
    ]
