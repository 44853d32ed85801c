"""Risk tools are data, and what was loaded is never rewritten."""

import uuid
from django.db import migrations, models


GUARD = """
CREATE FUNCTION assessments_tool_is_not_rewritten() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'A risk tool is never deleted: assessments are read with it'
            USING ERRCODE = '23001';
    END IF;
    IF OLD.approved_on IS NOT NULL
        OR ROW(OLD.id, OLD.created_at, OLD.code, OLD.version, OLD.body, OLD.digest)
           IS DISTINCT FROM ROW(NEW.id, NEW.created_at, NEW.code, NEW.version, NEW.body, NEW.digest)
    THEN
        RAISE EXCEPTION 'A risk tool is never rewritten: load the changed file as a new version'
            USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_tool_is_not_rewritten BEFORE UPDATE OR DELETE ON assessments_toolversion
    FOR EACH ROW EXECUTE FUNCTION assessments_tool_is_not_rewritten();
CREATE TRIGGER assessments_tool_is_not_emptied BEFORE TRUNCATE ON assessments_toolversion
    FOR EACH STATEMENT EXECUTE FUNCTION assessments_tool_is_not_rewritten();
"""
UNGUARD = """
DROP TRIGGER assessments_tool_is_not_rewritten ON assessments_toolversion;
DROP TRIGGER assessments_tool_is_not_emptied ON assessments_toolversion;
DROP FUNCTION assessments_tool_is_not_rewritten();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ToolVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("code", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                (
                    "body",
                    models.TextField(
                        help_text="The whole file as JSON: points, caps, edges, floors, words."
                    ),
                ),
                ("digest", models.CharField(help_text="SHA-256 of the body.", max_length=64)),
                (
                    "approved_by",
                    models.CharField(
                        blank=True, help_text="The body that approved.", max_length=150
                    ),
                ),
                (
                    "minute",
                    models.CharField(blank=True, help_text="Where that is minuted.", max_length=80),
                ),
                ("approved_on", models.DateField(blank=True, null=True)),
                (
                    "review_on",
                    models.DateField(
                        blank=True,
                        help_text="The day by which the body looks at it again.",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="tool_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "\\S"), ("version__regex", "\\S")),
                        name="tool_has_code_and_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_by", ""),
                                ("approved_on", None),
                                ("minute", ""),
                                ("review_on", None),
                            ),
                            models.Q(
                                ("approved_by__regex", "\\S"),
                                ("minute__regex", "\\S"),
                                ("approved_on__isnull", False),
                                ("review_on__isnull", False),
                                ("review_on__gt", models.F("approved_on")),
                            ),
                            _connector="OR",
                        ),
                        name="tool_approval_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
