"""Why a server cannot be had here."""


class ServerUnavailable(Exception):
    """A server can be neither found nor started here; the text says why, and what would help."""
