"""What a child is told apart by, with the keys under which it is found again."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_words_to_those_who_refer"),
        ("referrals", "0013_handover"),
    ]

    operations = [
        migrations.CreateModel(
            name="Particulars",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "given",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "family",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "also",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("born", models.DateField(blank=True, null=True)),
                ("born_about", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("nhs_number", models.CharField(blank=True, max_length=10)),
                ("upn", models.CharField(blank=True, max_length=13)),
                ("postcode", models.CharField(blank=True, max_length=8)),
                ("door", models.CharField(blank=True, max_length=200)),
                ("school", models.CharField(blank=True, max_length=300)),
                (
                    "phones",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="particulars",
                        to="referrals.case",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The first sender's agency, which holds what it is made from.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.partnership",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "particulars",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["keys"], name="particulars_by_key"
                    ),
                    models.Index(fields=["version"], name="particulars_by_version"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("nhs_number", ""), ("nhs_number__regex", "^\\d{10}$"), _connector="OR"
                        ),
                        name="particulars_nhs_number_is_ten_digits",
                    )
                ],
            },
        ),
    ]
