"""Promises of days are read; what keeps an agency from a case is ended by another, who is clean."""

from django.db import migrations, models
from django.db.models import Q

# As in 0007; and for a wall against an agency: never who raised it, nor who works there.
ANOTHER = """
CREATE OR REPLACE FUNCTION referrals_another_lifts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.lifted_by_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM accounts_membership m WHERE m.id = NEW.lifted_by_id AND m.user_id = NEW.user_id
    ) THEN
        RAISE EXCEPTION 'wall_is_lifted_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.agency_id IS NOT NULL
        AND NOT referrals_is_another(NEW.raised_by_id, NEW.lifted_by_id)
    THEN
        RAISE EXCEPTION 'wall_against_an_agency_takes_two_people'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.agency_id IS NOT NULL AND EXISTS (
        SELECT FROM accounts_membership lifter
        JOIN accounts_membership hat USING (user_id)
        JOIN accounts_team t ON t.group_ptr_id = hat.team_id
        WHERE lifter.id = NEW.lifted_by_id AND t.agency_id = NEW.agency_id
        AND (hat.until_at IS NULL OR hat.until_at > now())
    ) THEN
        RAISE EXCEPTION 'wall_is_not_lifted_by_the_agency_itself'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# Nobody hears today of a day that passed before anybody was promised to hear of it, or of a case on
# which the work is over.
TOLD = """
UPDATE referrals_decision d SET next_told_at = now()
FROM referrals_case c
WHERE c.id = d.case_id AND d.superseded_at IS NULL AND d.next_on IS NOT NULL
AND (
    d.next_on <= (now() AT TIME ZONE 'Europe/London')::date
    OR c.status IN ('closed', 'transferred', 'withdrawn')
);
"""

MAY_CHANGE = {
    "referrals_decision": ("superseded_at", "next_told_at"),
    "referrals_sideroute": (
        "owner_id",
        "due_at",
        "told_at",
        "done_by_id",
        "done_at",
        "done_words",
    ),
}


def _guard(table: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        DROP TRIGGER {table}_is_immutable ON {table};
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
    """


class Migration(migrations.Migration):
    dependencies = [("referrals", "0025_a_join_waits_too")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="next_told_at",
            field=models.DateTimeField(
                blank=True, help_text="When somebody heard that this day has come.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="told_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When its owner and the front door heard that it is late.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                fields=["next_on"],
                name="decision_looked_at_next",
                condition=Q(superseded_at__isnull=True, next_told_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="sideroute",
            index=models.Index(
                fields=["due_at"],
                name="side_route_late",
                condition=Q(done_at__isnull=True, told_at__isnull=True),
            ),
        ),
        migrations.RemoveConstraint(model_name="sideroute", name="side_route_once_at_a_time"),
        migrations.AddConstraint(
            model_name="sideroute",
            constraint=models.UniqueConstraint(
                fields=["case", "side", "wall"],
                condition=Q(done_at__isnull=True),
                name="side_route_once_at_a_time",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(
            ANOTHER + "".join(_guard(*each) for each in MAY_CHANGE.items()) + TOLD,
            migrations.RunSQL.noop,
        ),
    ]
