"""The missing person: looked for at once, shown to the public only after two people agreed, withdrawn when found."""
