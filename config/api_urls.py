"""The API's root: the nouns of both apps under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("", include("backlog.api.urls")),
    path("", include("experiments.api.urls")),
]
