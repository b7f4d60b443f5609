"""What the desk shows of follow-ups: what keeps somebody safe, calls and help, one's own list, and opening one."""

from commonbeat.interfaces.web.kinds.follow_up import declared  # noqa: F401  (declares panels and lists)
