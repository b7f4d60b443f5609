"""Registers the tables of follow-ups with Django."""

from django.apps import AppConfig


class FollowUpConfig(AppConfig):
    """Follow-ups: what somebody agreed to, the calls, the help that was offered, and referrals with their releases."""

    name = "commonbeat.kinds.follow_up"
    label = "follow_up"
    verbose_name = "Follow-ups"
