"""How static files leave the server outside DEBUG: stylesheets minified, all hashed and compressed."""

from typing import Any

import rcssmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class SmallStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage, with comments and spaces taken out of each stylesheet first."""

    def _save(self, name: str, content: Any) -> str:
        if name.endswith(".css"):
            content.seek(0)  # it was read to its end for the hash in its name
            content = ContentFile(rcssmin.cssmin(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved
