"""Registers publishing with Django, and the public card as a projection of cases."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """Public cards, publications, and people who follow them."""

    name = "commonbeat.publishing"
    label = "publishing"
    verbose_name = "Publishing"

    def ready(self) -> None:
        from commonbeat.cases.importing import PROJECTIONS_OF_NEW
        from commonbeat.cases.projections import PROJECTIONS
        from commonbeat.journal.history import WATCHERS
        from commonbeat.publishing import personal_tables  # noqa: F401  (declares what they keep of people)
        from commonbeat.publishing.cards import follow_category, project_case
        from commonbeat.publishing.new_cards import project_new

        if project_case not in PROJECTIONS:
            PROJECTIONS.append(project_case)
        if follow_category not in WATCHERS.setdefault("category", []):
            WATCHERS["category"].append(follow_category)
        if project_new not in PROJECTIONS_OF_NEW:
            PROJECTIONS_OF_NEW.append(project_new)
