"""A disagreement that went on by itself; and whose act a notice is about."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_when_people_are_told"),
        ("notifications", "0013_when_and_who_next"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_known",
        ),
        migrations.AddField(
            model_name="notice",
            name="act_of",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose own act it is about, where somebody else must attend to that.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "We have received the referral that you sent"),
                    ("acknowledged", "A referral that you sent is being checked"),
                    ("decided", "There is a decision on a referral that you sent"),
                    ("moved", "There is news of a referral that you sent"),
                    ("withdrawn", "A referral that you were to check has been withdrawn"),
                    ("changed", "Something has changed on a case that you look after"),
                    ("added", "Something has been added to a case that you look after"),
                    ("chased", "Somebody who sent a referral is waiting to hear"),
                    ("message", "There is a message for your team on a case"),
                    ("disagreed", "Somebody disagrees with a decision on a case"),
                    ("disagree_answered", "Your disagreement has been answered"),
                    ("climbed", "A disagreement of your agency has gone to the next step"),
                    ("to_triage", "There is a new referral to check"),
                    ("shared", "Information on a case has been shared with your team"),
                    ("requested", "An agency asks your team for information"),
                    ("answered", "A request for information that you sent has been answered"),
                    ("corrected", "Information that you could read has been corrected"),
                    ("stopped", "A share with your team has been stopped"),
                    ("advice_asked", "Somebody asks for your advice before they share"),
                    ("advised", "There is advice on a share that you are preparing"),
                    ("conflict", "A conflict of interest has been recorded on a case"),
                    ("emergency", "Emergency access has been used"),
                    ("emergency_reviewed", "Your emergency access has been reviewed"),
                    ("agreement_due", "An information-sharing agreement is due for review"),
                    ("change_waits", "A change of the sharing rules waits for approval"),
                    ("trail_ready", "The audit trail that you asked for is ready"),
                    ("delegated", "A colleague asks you to finish and send a referral for them"),
                    ("published", "An audit report has been published for you to read"),
                    ("draft_danger", "A draft about immediate danger has not been sent"),
                    ("draft_goes", "A draft of yours will soon be deleted"),
                    ("file_refused", "A file that you sent could not be used"),
                    ("information", "There is a new information report to read"),
                    ("information_read", "An information report that you sent has been read"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "received",
                            "acknowledged",
                            "decided",
                            "moved",
                            "withdrawn",
                            "changed",
                            "added",
                            "chased",
                            "message",
                            "disagreed",
                            "disagree_answered",
                            "climbed",
                            "to_triage",
                            "shared",
                            "requested",
                            "answered",
                            "corrected",
                            "stopped",
                            "advice_asked",
                            "advised",
                            "conflict",
                            "emergency",
                            "emergency_reviewed",
                            "agreement_due",
                            "change_waits",
                            "trail_ready",
                            "delegated",
                            "published",
                            "draft_danger",
                            "draft_goes",
                            "file_refused",
                            "information",
                            "information_read",
                        ],
                    )
                ),
                name="notice_kind_known",
            ),
        ),
    ]
