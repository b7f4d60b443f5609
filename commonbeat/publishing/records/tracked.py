"""The list of exemptions is kept with its history."""

from commonbeat.journal.history import TRACKED, Tracked
from commonbeat.publishing.records.models import Exemption

EXEMPTION = TRACKED.add(Tracked("exemption", Exemption, ("code", "title", "basis", "sorts", "retired_at")))
