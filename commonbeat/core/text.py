"""Marks words in declarations for translation, without needing a translation framework here."""


def N_(message: str) -> str:
    """Return `message` unchanged; the message extractor finds it, the web layer translates it."""
    return message
