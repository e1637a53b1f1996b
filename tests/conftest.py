"""The cast: Alice leads the pod, Bob, Carol and Dave are members, Vera may look, Charlie is outside
(he leads another pod), Olive owns the programme, Adam is the admin."""

import os
from collections.abc import Callable

import pytest
from django.conf import settings
from django.template import Template
from django.test import Client
from django.test.utils import instrumented_test_render
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from backlog.calendar_days import quarter_around, quarter_name
from backlog.flows.tokens import make_token
from backlog.models import Membership, Objective, Pod, Quarter, User
from tests.browsing import Tab
from tests.databases import django_db_setup  # noqa: F401  (instead of pytest-django's)
from tests.trail import TRAIL, _django_db_helper  # noqa: F401  (likewise)

# At the desk few examples, and new ones in each run; where a change lands more, and always the same.
# A second engine reads what the first has read already: few of them do.
hypothesis_settings.register_profile("desk", max_examples=30, deadline=None)
hypothesis_settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
hypothesis_settings.register_profile("engine", max_examples=30, deadline=None, derandomize=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "desk"))


def pytest_configure(config):
    config.pluginmanager.register(TRAIL, "trail")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db"} & {
            *item.fixturenames
        }:
            item.add_marker("database")


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages(django_test_environment):
    """The client keeps the context of a page. Django's keeps one of each part too, which is slow."""

    def render(template, context):
        is_page = context.template is template
        return (instrumented_test_render if is_page else plain)(template, context)

    def plain(template, context):
        return template.nodelist.render(context)

    Template._render = render  # Django puts its own back when the tests are over


@pytest.fixture(autouse=True)
def _uploads_of_this_test(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


def _person(name: str, role: str = "member") -> User:
    user = User(email=f"{name.lower()}@example.com", name=name, role=role)
    user.set_password("a long password")
    user.save()
    return user


@pytest.fixture
def pod(db) -> Pod:
    return Pod.objects.create(name="Lifecycle", prefix="LIF", outcome="More readers come back")


@pytest.fixture
def other_pod(db) -> Pod:
    return Pod.objects.create(name="Paywall", prefix="PAY")


def _member(name: str, pod: Pod, role: str, duty: str = "execution") -> User:
    user = _person(name)
    Membership.objects.create(pod=pod, user=user, role=role, duty=duty)
    return user


@pytest.fixture
def alice(pod) -> User:
    return _member("Alice", pod, "lead", "strategy")


@pytest.fixture
def bob(pod) -> User:
    return _member("Bob", pod, "member")


@pytest.fixture
def carol(pod) -> User:
    return _member("Carol", pod, "member", "analysis")


@pytest.fixture
def dave(pod) -> User:
    return _member("Dave", pod, "member")


@pytest.fixture
def vera(pod) -> User:
    return _member("Vera", pod, "viewer")


@pytest.fixture
def charlie(other_pod) -> User:
    return _member("Charlie", other_pod, "lead")


@pytest.fixture
def olive(db) -> User:
    return _person("Olive", "owner")


@pytest.fixture
def adam(db) -> User:
    return _person("Adam", "admin")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser without JavaScript in which this person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


@pytest.fixture
def tab_of() -> Callable[[User], Tab]:
    """A tab of this person: `save(url, data)` opens the page and sends its form."""

    def signed_in(user: User) -> Tab:
        tab = Tab()
        tab.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return tab

    return signed_in


@pytest.fixture
def quarter(db) -> Quarter:
    starts_on, ends_on = quarter_around(timezone.localdate())
    return Quarter.objects.create(
        name=quarter_name(starts_on), starts_on=starts_on, ends_on=ends_on
    )


@pytest.fixture
def objective(quarter, pod) -> Objective:
    return Objective.objects.create(quarter=quarter, pod=pod, title="Win back readers")


@pytest.fixture
def api_of():
    def signed_in(user):
        client = APIClient()
        client.force_authenticate(user)
        return client

    return signed_in


@pytest.fixture
def token_of():
    """A client that sends a token of this scope, and the token."""

    def with_token(user, scope="write", days=30):
        token, secret = make_token(by=user, name=f"{scope} {days}", scope=scope, days=days)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client, token

    return with_token
