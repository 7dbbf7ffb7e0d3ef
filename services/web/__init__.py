"""The web tool: a page in TypeScript that talks to the HTTP API only, and what builds it.

src/      the page: one folder a view, `ui/` for what they share, `api/` for what they talk to
tests/    its unit tests
build.py  from these to `dist/`, the folder that the API serves
"""
