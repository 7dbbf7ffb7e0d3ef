"""A text that nobody is to see: a service asks for one by the annotation of an option."""


class Secret:
    """A password, a token. Only `reveal` shows it: it is `***` in logs, errors and tracebacks."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for whom it is meant."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")
