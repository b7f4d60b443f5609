"""The one agency row and the one site row that the sign-in library asks for."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("community", "0001_tables"), ("sites", "0002_alter_domain_unique")]
    operations = [
        migrations.RunSQL(
            "INSERT INTO django_site (id, domain, name) VALUES (1, 'localhost', 'Commonbeat') "
            "ON CONFLICT (id) DO UPDATE SET name = 'Commonbeat'",
            migrations.RunSQL.noop,
        )
    ]
