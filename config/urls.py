"""Where everything is; the apps hold their own routes."""

from django.urls import include, path, re_path

from backlog.views import probes, ways_in

handler400 = "backlog.errors.bad_request"
handler403 = "backlog.errors.permission_denied"
handler404 = "backlog.errors.page_not_found"
handler500 = "backlog.errors.server_error"

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("account/login/", ways_in.sign_in),  # allauth's, but for an empty installation
    # Of allauth's pages those about several e-mail addresses are not Floe's.
    re_path(r"^account/(?:email|confirm-email)/", ways_in.not_here),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("config.api_urls")),
    path("", include("backlog.urls")),
    path("", include("experiments.urls")),
]
