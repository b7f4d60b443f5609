"""The function that turns the words of a case into search terms, and how it treats words."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            """
            CREATE TEXT SEARCH DICTIONARY commonbeat_stem (TEMPLATE = snowball, LANGUAGE = english);
            CREATE TEXT SEARCH CONFIGURATION commonbeat (COPY = simple);
            ALTER TEXT SEARCH CONFIGURATION commonbeat
                ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH commonbeat_stem;
            CREATE FUNCTION commonbeat_words(body text, place text) RETURNS tsvector
            LANGUAGE sql IMMUTABLE PARALLEL SAFE
            RETURN to_tsvector(
                'commonbeat'::regconfig, left(coalesce(body, ''), 20000) || ' ' || coalesce(place, '')
            )
            """,
            """
            DROP FUNCTION commonbeat_words(text, text);
            DROP TEXT SEARCH CONFIGURATION commonbeat;
            DROP TEXT SEARCH DICTIONARY commonbeat_stem
            """,
        )
    ]
