"""The API's routes of this app, and its description."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from backlog.api import description  # noqa: F401  (registers how a token is described)
from backlog.api.nouns import NOUNS

router = SimpleRouter()
for noun, viewset in NOUNS.items():
    router.register(noun, viewset, basename=f"api-{noun}")


urlpatterns = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(api_version="v1"), name="api-schema"),
]
