"""The API's routes of this app."""

from rest_framework.routers import SimpleRouter

from experiments.api.nouns import NOUNS

router = SimpleRouter()
for noun, viewset in NOUNS.items():
    router.register(noun, viewset, basename=f"api-{noun}")

urlpatterns = router.urls
