"""The function that turns a case's words into search terms: exact words, and English word stems beside them."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION commonbeat_words(body text, place text) RETURNS tsvector
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT to_tsvector('simple'::regconfig, left(coalesce(body, ''), 20000) || ' ' || coalesce(place, ''))
                    || to_tsvector('english'::regconfig, left(coalesce(body, ''), 20000))
            $$
            """,
            "DROP FUNCTION commonbeat_words(text, text)",
        )
    ]
