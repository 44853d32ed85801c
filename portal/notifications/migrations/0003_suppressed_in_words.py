from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_more_kinds")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("leased", "Being sent"),
                    ("sent", "Sent"),
                    ("dead", "Given up"),
                    ("suppressed", "Not sent: the person is not to be told any more"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
    ]
