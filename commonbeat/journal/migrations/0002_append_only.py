"""The database itself refuses to change or delete journal entries; only personal fields may be emptied."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_tables")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND NEW.personal IS NULL AND
                   (to_jsonb(NEW) - 'personal') = (to_jsonb(OLD) - 'personal') THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'The journal is append-only.' USING ERRCODE = 'integrity_constraint_violation';
            END $$;
            CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry
                FOR EACH ROW EXECUTE FUNCTION journal_append_only();
            CREATE TRIGGER journal_seal_append_only BEFORE UPDATE OR DELETE ON journal_seal
                FOR EACH ROW EXECUTE FUNCTION journal_append_only();
            """,
            """
            DROP TRIGGER journal_entry_append_only ON journal_entry;
            DROP TRIGGER journal_seal_append_only ON journal_seal;
            DROP FUNCTION journal_append_only();
            """,
        )
    ]
