"""What Reddit shows in place of an author or a text that is gone."""

import re

# "[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]", and each with a reason, which may
# hold a link in brackets of its own.
_NOTICE = re.compile(
    r"""
    [\s*_\u200b]* \\?\[ [\s*_]*
    (?: deleted | removed | unavailable )
    (?: [\s:,–—-]+ (?:by|on|in|for|from|due|because|following|under|at|after|as|per|pending|via|and) \b
        [^][]* (?: \[ [^][]* \] [^][]* )*
    )?
    [\s*_.]* \\?\] [\s*_.\u200b]*
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_notice(text: str) -> bool:
    """Say whether a text is a notice of deletion or removal, and nothing beside it."""
    # Hardly any text has a bracket, and to look for one costs next to nothing.
    return "[" in text and _NOTICE.fullmatch(text) is not None
