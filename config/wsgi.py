"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from backlog.flows.readiness import keep_looking  # noqa: E402  (the apps are loaded above)

keep_looking()
