"""Every change of a public card gets a new, ever-growing version: caches compare it (count and sum) to stay true."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_tables")]
    operations = [
        migrations.RunSQL(
            """
            CREATE SEQUENCE publishing_card_version;
            CREATE FUNCTION publishing_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.version := nextval('publishing_card_version'); RETURN NEW; END $$;
            CREATE TRIGGER publishing_card_version BEFORE INSERT OR UPDATE ON publishing_publiccase
                FOR EACH ROW EXECUTE FUNCTION publishing_next_version();
            """,
            """
            DROP TRIGGER publishing_card_version ON publishing_publiccase;
            DROP FUNCTION publishing_next_version();
            DROP SEQUENCE publishing_card_version;
            """,
        )
    ]
