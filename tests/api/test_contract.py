"""The API answers what its description says: every operation, asked with what fits it."""

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from backlog.flows.tokens import make_token
from tests.test_permissions import world  # noqa: F401  (the fixture)

EXAMPLES = hypothesis_settings(
    max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
# Whether what fits the description is taken, the state of things decides as well: a version that is
# old, a rule that stands against it.
STATE_DECIDES = [positive_data_acceptance]
WRITES = {"post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def described():
    return yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text())


def operations(described):
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in {*WRITES, "get"}
    ]


def test_every_operation_says_how_it_refuses(described):
    for path, method, operation in operations(described):
        needed = {"400", "401", "403", "503"} | (
            {"409", "413", "415"} if method in WRITES else set()
        )
        assert needed <= operation["responses"].keys(), (path, method)


def test_every_write_can_be_repeated_safely_and_every_change_says_what_it_builds_on(described):
    keyless = set()
    for path, method, operation in operations(described):
        names = {one["name"] for one in operation.get("parameters", ())}
        if method in WRITES and "Idempotency-Key" not in names:
            keyless.add(path.split("/")[-2])
        if method in ("put", "patch"):
            assert "If-Match" in names, (path, method)
            assert "428" in operation["responses"], (path, method)
    assert keyless == {"assignments"}, "it only works something out"


@pytest.fixture
def one_connection():
    """A request through WSGI ends with the connection of the test closed otherwise."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.django_db
def test_it_answers_as_described(world, alice, described, one_connection):  # noqa: F811
    _, secret = make_token(by=alice, name="contract", scope="write", days=1)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = get_wsgi_application()
    headers = {"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
    wrong = []

    def ask(case):
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = 1
        try:
            case.call_and_validate(headers=headers, excluded_checks=STATE_DECIDES)
        except FailureGroup as failures:
            said = " ".join(str(one) for one in failures.exceptions)
            wrong.append(f"{case.method} {case.formatted_path}: {said}"[:400])

    for result in schema.get_all_operations():
        cases = result.ok().as_strategy(generation_mode=GenerationMode.POSITIVE)
        given(case=cases)(EXAMPLES(lambda case: ask(case)))()  # noqa: PLW0108  (decorated anew)
    assert not wrong, "\n\n".join(wrong[:20])
