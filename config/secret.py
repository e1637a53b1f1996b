"""The signing key of an installation that was given none: made once, kept on disk, readable by its owner."""

import os
import secrets
from pathlib import Path


def secret_kept_in(path: Path) -> str:
    """The key in `path`, made at the first call; two processes that start at once agree on one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text()
        while not key:  # the other process has made the file and is about to write it
            key = path.read_text()
        return key
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key
