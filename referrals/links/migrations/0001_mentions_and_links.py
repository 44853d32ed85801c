"""What cases name, and what people decided of two that two cases name."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
        ("referrals", "0030_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "Person who may pose a risk"),
                            ("place", "Place"),
                            ("vehicle", "Vehicle"),
                            ("phone", "Phone"),
                            ("account", "Online account"),
                        ],
                        max_length=10,
                    ),
                ),
                ("called", models.CharField(blank=True, max_length=200)),
                (
                    "also",
                    models.CharField(
                        blank=True, help_text="Other names of a person.", max_length=200
                    ),
                ),
                (
                    "where",
                    models.CharField(blank=True, help_text="Where a place is.", max_length=200),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentions",
                        to="referrals.statement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("same", "The same one"), ("not_same", "Not the same one")],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField()),
                ("judged_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="links.mention",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="links.mention",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="mention",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["keys"], name="mention_by_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["person", "place", "vehicle", "phone", "account"])
                ),
                name="mention_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("called__regex", "\\S"), ("description__regex", "\\S"), _connector="OR"
                ),
                name="mention_is_called_or_described",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.CheckConstraint(
                condition=models.Q(("also", ""), ("kind", "person"), _connector="OR"),
                name="mention_other_names_are_of_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.CheckConstraint(
                condition=models.Q(("where", ""), ("kind", "place"), _connector="OR"),
                name="mention_where_is_of_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ended_why__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="mention_ended_says_by_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("first", "second"),
                name="link_one_current_per_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="link_of_two_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["same", "not_same"])), name="link_verdict_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")), name="link_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ended_why__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="link_ended_says_by_whom_and_why",
            ),
        ),
    ]
