"""The HTTP API of the screening, and the pages of the web tool, which talks to it alone."""
