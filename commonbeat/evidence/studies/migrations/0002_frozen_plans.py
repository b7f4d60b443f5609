"""A frozen plan stays as it was: the database refuses to change or delete it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("studies", "0001_plans_runs_and_pages")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION studies_plan_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'A frozen plan is never changed.' USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE TRIGGER studies_planversion_frozen BEFORE UPDATE OR DELETE ON studies_planversion
                FOR EACH ROW EXECUTE FUNCTION studies_plan_is_frozen();
            """,
            """
            DROP TRIGGER studies_planversion_frozen ON studies_planversion;
            DROP FUNCTION studies_plan_is_frozen();
            """,
        )
    ]
