"""Registers the cases floor with Django."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases and everything that belongs to one."""

    name = "commonbeat.cases"
    label = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        from commonbeat.cases import personal_tables, tracked  # noqa: F401  (declare what they keep of people and of changes)
        from commonbeat.cases.redating import follow_rule
        from commonbeat.journal.history import WATCHERS

        if follow_rule not in WATCHERS.setdefault("retentionrule", []):
            WATCHERS["retentionrule"].append(follow_rule)
