"""What an agency has signed is in the register of agreements (rules 0007), with an end."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RemoveField(model_name="agency", name="signed_agreement_on")]
