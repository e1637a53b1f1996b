"""The password of the sample accounts: made once for each installation, printed at its start.

Sample accounts work in DEBUG only (see FloeBackend.user_can_authenticate).
"""

from django.conf import settings

from config.secret import secret_kept_in


def sample_password() -> str:
    return "floe-" + secret_kept_in(settings.VAR_DIR / "sample_password")[:8].replace("_", "x")
