"""Parameters that several operations take."""

from typing import Annotated

from fastapi import Path

from services.api.encoded_path import Decoded

# What documents cannot be compared with never was a name.
NO_NUL = r"^[^\x00]+$"

User = Annotated[Decoded, Path(min_length=1, max_length=200, pattern=NO_NUL)]
PostId = Annotated[Decoded, Path(min_length=1, max_length=200, pattern=NO_NUL)]
