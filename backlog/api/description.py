"""What the API's description says about every operation by rule, so that no view has to."""

from typing import Any, Final, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from backlog.api.bounded import BoundedDict
from backlog.api.validation import DAY_IN_BOUNDS, HEADERS, LARGEST_ID

HEADER: Final[Literal["header"]] = "header"
Schema = dict[str, Any]
# A required text contains a letter. No text contains a NUL.
SAYS_SOMETHING = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"
WITHOUT_NUL = r"^[^\u0000]*$"

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", HEADERS["Idempotency-Key"], HEADER,
    description="A name of your choice for this write. If you send it again within a day, with the "
    "same body to the same address, you get the first answer and nothing is written. With another "
    "body or to another address you get a 409. A write that was refused does not use up the key.",
)  # fmt: skip
IF_MATCH_FIELDS = OpenApiParameter(
    "If-Match", HEADERS["If-Match"], HEADER,
    description="The ETag of the object as you read it. A change needs this or `version`. If "
    "somebody else has changed a field that you change, nothing is written, and the answer is a "
    "412 with both values. Their changes to other fields are kept. `*` overwrites everything.",
)  # fmt: skip
IF_MATCH_WHOLE = OpenApiParameter(
    "If-Match", HEADERS["If-Match"], HEADER,
    description="The ETag of the object as you read it. The step is taken only if the object has "
    "not changed since. Otherwise the answer is a 412, and nothing is written.",
)  # fmt: skip
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", HEADERS["If-None-Match"], HEADER,
    description="The ETag that you have. The answer is a 304 if the object has not changed.",
)  # fmt: skip
ETAG = OpenApiParameter(
    "ETag", str, HEADER, response=[200, 201, 202, 304],
    description="A mark of the object as you read it. Send it in If-Match when you change the "
    "object.",
)  # fmt: skip

NOES = {
    "304": "The object has not changed.",
    "400": "The request does not match this description. There is a sentence for each name that is "
    "wrong.",
    "401": "The token or the session is missing, unknown or expired.",
    "403": "You may see this object but not do this, or the token can only read.",
    "404": "The object does not exist, or you may not see it.",
    "405": "This address takes other methods. See the header `Allow`.",
    "406": "The API answers in JSON only.",
    "409": "The request is well formed, but a rule or the current state does not allow it. The "
    "sentence says why.",
    "412": "Somebody has changed the object since you read it. `fields` has both values of each "
    "field.",
    "413": "The body is too large.",
    "415": "Send JSON, with `Content-Type: application/json`.",
    "428": "Say which version you are changing: send If-Match with the ETag that you read, or "
    "`version`.",
    "503": "The disk or the database accepts no changes now. Try again after `Retry-After` "
    "seconds.",
}
SENTENCES = {"type": "array", "items": {"type": "string"}}
COMPONENTS: Schema = {
    "Refusal": {
        "type": "object",
        "description": "A sentence that you can show to a person.",
        "properties": {"detail": {"type": "string"}},
        "required": ["detail"],
        "additionalProperties": False,
    },
    "Mistakes": {
        "type": "object",
        "description": "Sentences by the name of what is wrong. For a list or an object they are "
        "given by part. `detail` is about the request as a whole.",
        "properties": {"detail": {"type": "string"}},
        "additionalProperties": {
            "anyOf": [
                {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "object"}]}},
                {"type": "object"},
            ]
        },
        "minProperties": 1,
    },
    "NotAsRead": {
        "type": "object",
        "properties": {
            "detail": {"type": "string"},
            "fields": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": {"yours": {}, "now": {}},
                    "required": ["yours", "now"],
                },
            },
        },
        "required": ["detail", "fields"],
        "additionalProperties": False,
    },
}  # fmt: skip
BODY_OF = {"304": "", "400": "Mistakes", "409": "Mistakes", "412": "NotAsRead"}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API description names the token."""

    target_class = "backlog.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A person’s token, created under API tokens in Floe. Its scope is "
            "`read` (GET only, a write is a 403) or `write`. It acts as that person, in their "
            "pods.",
        }


class Described(AutoSchema):  # type: ignore[no-untyped-call]
    """Headers, refusals and bounds by rule: what `Nouns` does for every operation."""

    @property
    def is_write(self) -> bool:
        return self.method not in SAFE_METHODS

    def _is(self, name: str) -> bool:
        return bool(getattr(self.view, name, False))

    def get_override_parameters(self) -> list[Any]:
        schemas = self.view.parameters() if hasattr(self.view, "parameters") else {}
        parameters: list[Any] = [
            OpenApiParameter(name, {k: v for k, v in schema.items() if k != "description"},
                             description=schema.get("description", ""))
            for name, schema in schemas.items() if self.method == "GET"
        ]  # fmt: skip
        if self._keeps_something:
            parameters.append(IDEMPOTENCY_KEY)
        if self._keeps_something and self._is("detail"):
            parameters.append(IF_MATCH_FIELDS if self._is("is_change") else IF_MATCH_WHOLE)
        if getattr(self.view, "action", "") == "retrieve":
            parameters += [IF_NONE_MATCH, ETAG]
        return parameters

    @property
    def _keeps_something(self) -> bool:
        return self.is_write and not self._is("changes_nothing")

    def _noes(self) -> list[str]:
        codes = ["400", "401", "403", "405", "406", "503"]
        if self._is("detail") or self.is_write:
            codes.append("404")
        if getattr(self.view, "action", "") == "list" and self._is("filters"):
            codes.append("409")  # an id that is not there to see
        if getattr(self.view, "action", "") == "retrieve":
            codes.append("304")
        if self.is_write:
            codes += ["409", "413", "415"]
            codes += ["412"] if self._is("detail") and self._keeps_something else []
            codes += ["428"] if self._is("is_change") else []
        return codes

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)  # type: ignore[no-untyped-call]
        for code in self._noes():
            name = BODY_OF.get(code, "Refusal")
            body = {"content": {"application/json": {"schema": _ref(name)}}} if name else {}
            bodies.setdefault(code, {**body, "description": NOES[code]})
        return dict(sorted(bodies.items()))

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return {**schema, "additionalProperties": False} if direction == "request" else schema

    def _insert_field_validators(self, field: Any, schema: Schema) -> None:
        """A pattern that matches an empty text needs no alternative for it: `oneOf` would then
        fail."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        first, *others = schema.get("oneOf", [{}])
        if others and first.get("pattern") == WITHOUT_NUL:
            del schema["oneOf"]
            schema.update(first)

    def _map_serializer_field(self, field: Any, direction: Any, *args: Any, **kwargs: Any) -> Any:
        schema = super()._map_serializer_field(field, direction, *args, **kwargs)  # type: ignore[no-untyped-call]
        if direction == "request" and schema.get("type") == "array":
            # Of rows and of ids drf-spectacular does not see how many there may be.
            most = getattr(field, "max_length", None)
            return {**schema, "maxItems": most} if most is not None else schema
        is_text = isinstance(field, serializers.CharField) and schema.get("type") == "string"
        if direction == "request" and is_text and "format" not in schema:
            pattern = WITHOUT_NUL if field.allow_blank else SAYS_SOMETHING
            return {**schema, "pattern": pattern}
        if direction == "request" and isinstance(field, serializers.DateField):
            return {**schema, "pattern": DAY_IN_BOUNDS.pattern}
        if direction == "request" and isinstance(field, serializers.PrimaryKeyRelatedField):
            return {**schema, "minimum": 1, "maximum": LARGEST_ID}
        if direction == "request" and isinstance(field, BoundedDict):
            names = {"maxLength": field.longest, "pattern": WITHOUT_NUL}
            return {**schema, "maxProperties": field.most, "propertyNames": names}
        return schema


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def with_errors(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """The shapes of refusals, which every operation refers to. A hook of drf-spectacular."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(COMPONENTS)
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    _let_anything_be_null(result)
    return result


def _let_anything_be_null(part: Any) -> None:
    """“Any value, or null” is simply any value. As `oneOf` it would refuse null, which matches
    both."""
    if isinstance(part, dict):
        if part.get("oneOf") == [{}, {"type": "null"}]:
            del part["oneOf"]
        for below in part.values():
            _let_anything_be_null(below)
    elif isinstance(part, list):
        for below in part:
            _let_anything_be_null(below)
