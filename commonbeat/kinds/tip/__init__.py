"""The tip: anonymous, sealed, answered through a code; what comes of it leaves by a sanitised promotion only."""
