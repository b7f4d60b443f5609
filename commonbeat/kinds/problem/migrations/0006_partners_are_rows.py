"""Organisations of problems, which were people of the case, become rows with a role, and go back the same way."""

from django.db import migrations


def forwards(apps, schema_editor):
    Participant = apps.get_model("cases", "Participant")
    Partner = apps.get_model("problem", "Partner")
    Problem = apps.get_model("problem", "Problem")
    held = Participant.objects.filter(
        role="partner", organisation__isnull=False, case_id__in=Problem.objects.values("case_id")
    )
    pairs = dict.fromkeys(held.order_by("pk").values_list("case_id", "organisation_id"))
    Partner.objects.bulk_create(Partner(problem_id=case, organisation_id=body) for case, body in pairs)
    held.delete()


def backwards(apps, schema_editor):
    Participant = apps.get_model("cases", "Participant")
    Partner = apps.get_model("problem", "Partner")
    rows = Partner.objects.order_by("pk").values_list("problem_id", "organisation_id", "problem__case__opened_at")
    pairs = {(case, body): at for case, body, at in rows}
    Participant.objects.bulk_create(
        Participant(case_id=case, organisation_id=body, role="partner", created_at=at)
        for (case, body), at in pairs.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_promises"),
        ("problem", "0005_places_partners_and_counts"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
