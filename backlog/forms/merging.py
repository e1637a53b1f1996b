"""Forms for existing objects: two people's changes are merged, and nobody overwrites another's.

The form carries the marks of what its page showed (`backlog/versions.py`). When it comes back,
fields that only somebody else changed take their value, and a field that both changed is shown
twice and saved by a second click. `backlog/views/saving.py` is where views call it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.db.models import Model
from django.forms import BaseForm, BaseFormSet, BoundField, CheckboxInput, PasswordInput
from django.forms.forms import DeclarativeFieldsMetaclass

from backlog.refusals import SomebodyWasQuicker
from backlog.versions import LONGEST, Version, compare

CHANGED_MEANWHILE = (
    "Somebody changed this while you were editing it. Nothing is lost: compare the two versions "
    "and save again."
)
DO_NOT_FIT = (
    "Somebody changed this while you were editing it, and the two versions do not fit together. "
    "Correct what is marked and save again."
)


class Both(NamedTuple):
    """A field that two people changed: its label and both values, as people read them."""

    label: str
    theirs: str
    mine: str


class Conflict(NamedTuple):
    news: str
    both: list[Both]


class MergingForm(BaseForm, metaclass=DeclarativeFieldsMetaclass):
    """A form that knows what its page showed. `lists` are its formsets, by prefix."""

    version = forms.CharField(
        required=False, max_length=LONGEST, widget=forms.HiddenInput, strip=True
    )
    conflict: Conflict | None = None
    read = Version({})
    data: Any
    _made_with: Mapping[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> "MergingForm":
        """Remembers what it is made with, so that it can be made again of what is there now."""
        form = super().__new__(cls)
        form._made_with = {name: kwargs[name] for name in kwargs if name not in ("data", "files")}
        return form

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instance = self._made_with.get("instance")
        if instance is not None and instance.pk is None:
            self.is_of_something_new()

    def is_of_something_new(self) -> None:
        """Nobody else can have changed a new object."""
        self.fields.pop("version", None)

    @property
    def lists(self) -> "dict[str, BaseFormSet[Any]]":
        """Formsets that are a part of this form."""
        kept: dict[str, BaseFormSet[Any]] = self.__dict__.setdefault("_lists", {})
        return kept

    def of_now(self, obj: Model, fresh: Model) -> "MergingForm":
        """The same form, empty of what was typed, over `fresh` in the place of `obj`."""
        made = {
            name: fresh if isinstance(value, obj._meta.model) and value == obj else value
            for name, value in self._made_with.items()
        }
        return type(self)(**made)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == "version":
            return self.initial.get("version") or str(Version.of(self.values_shown()))
        return super().get_initial_for_field(field, field_name)

    def full_clean(self) -> None:
        super().full_clean()
        if hasattr(self, "cleaned_data"):
            self.read = Version.parse(self.cleaned_data.pop("version", "") or "")

    def is_valid(self) -> bool:
        valid = [super().is_valid(), *(rows.is_valid() for rows in self.lists.values())]
        return all(valid)

    def values_shown(self) -> dict[str, Any]:
        """What the page shows before anybody types, spelled so that it can be compared."""
        own = {one.name: plain(one.field, one.initial) for one in self._fields()}
        return own | {
            name: value
            for prefix, rows in self.lists.items()
            for name, value in _cells(prefix, _rows_shown(rows)).items()
        }

    def values_sent(self) -> dict[str, Any]:
        """What came back, spelled likewise."""
        own = {one.name: plain(one.field, one.data) for one in self._fields() if _was_sent(one)}
        return own | {
            name: value
            for prefix, rows in self.lists.items()
            for name, value in _cells(prefix, rows_sent(rows)).items()
        }

    def tell_of_conflict(self, both: list[Both]) -> None:
        """Show both versions; raises the sentence that stands above them."""
        self.conflict = Conflict(CHANGED_MEANWHILE, both)
        raise SomebodyWasQuicker(CHANGED_MEANWHILE)

    def _fields(self) -> Iterator[BoundField]:
        for name, field in self.fields.items():
            if name != "version" and not field.disabled and not isinstance(field, forms.FileField):
                yield self[name]


def merge(form: MergingForm, now: MergingForm) -> list[str]:
    """Bring what `now` shows into `form` where only others changed it; the labels of those fields.

    Raises SomebodyWasQuicker where both changed a field; `form.conflict` then shows both, and the
    form can be sent again as it stands.
    """
    mine, theirs = form.values_sent(), now.values_shown()
    apart = [prefix for prefix in form.lists if not _is_row_by_row(form, now, prefix)]
    merged = compare(form.read, _by_cell_or_whole(form, mine, apart), theirs)
    label = _labels(form, now)
    both = [Both(label(name), _shown(now, name, theirs), _shown(form, name, mine))
            for name in merged.conflicts]  # fmt: skip
    if merged.theirs:
        _take(form, now, merged.theirs)
    if both:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = str(Version.of(theirs))
        form.tell_of_conflict(both)
    if merged.theirs and not form.is_valid():
        raise SomebodyWasQuicker(DO_NOT_FIT)
    return [label(name) for name in merged.theirs]


def plain(field: forms.Field, value: Any) -> Any:
    """A value as text, number, list or True, the same for what a page shows and what it sends."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(str(field.prepare_value(one)) for one in value or ())
    value = field.prepare_value(value)
    if isinstance(field, forms.ModelChoiceField):
        return "" if value is None else str(value)
    try:
        value = field.to_python(value)
    except forms.ValidationError:
        value = str(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return "" if value is None else value


def rows_sent(rows: "BaseFormSet[Any]") -> list[dict[str, Any]]:
    """The rows that were typed, without those that were removed or left empty."""
    return [
        {one.name: plain(one.field, one.data) for one in _row(form)}
        for form in rows.forms
        if form.has_changed() and not form["DELETE"].data
    ]


def _rows_shown(rows: "BaseFormSet[Any]") -> list[dict[str, Any]]:
    shown = [form for form in rows.forms if form.initial and _says_something(form)]
    return [{one.name: plain(one.field, one.initial) for one in _row(form)} for form in shown]


def _says_something(form: Any) -> bool:
    return any(form.initial.get(name) not in (None, "", []) for name in form.typed)


def _row(form: BaseForm) -> Iterator[BoundField]:
    return (form[name] for name in form.fields if name != "DELETE")


def _cells(prefix: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Each cell of a list as a field of its own, and the list as a whole."""
    cells = {f"{prefix}-{at}-{n}": value for at, row in enumerate(rows) for n, value in row.items()}
    return cells | {prefix: rows}


def _is_row_by_row(form: MergingForm, now: MergingForm, prefix: str) -> bool:
    """Whether each row is still the one at its place, in what was read, typed and is there now.

    A row is identified by its id, or by its first text. If one was added, removed, moved or
    renamed, the place of a cell means nothing, so the list is compared as a whole.
    """
    known = _names_of_rows(form.lists[prefix], _rows_shown(now.lists[prefix]))
    typed = _names_of_rows(form.lists[prefix], rows_sent(form.lists[prefix]))
    column = _told_by(form.lists[prefix])
    has_more = f"{prefix}-{len(known)}-{column}" in form.read.marks
    return known == typed and not has_more and all(
        form.read.says(f"{prefix}-{at}-{column}", name) for at, name in enumerate(known)
    )  # fmt: skip


def _told_by(rows: "BaseFormSet[Any]") -> str:
    fields = rows.empty_form.fields
    return "id" if "id" in fields else str(rows.form.typed[0])


def _names_of_rows(rows: "BaseFormSet[Any]", values: list[dict[str, Any]]) -> list[Any]:
    return [row[_told_by(rows)] for row in values]


def _by_cell_or_whole(
    form: MergingForm, values: Mapping[str, Any], apart: list[str]
) -> dict[str, Any]:
    """Without the cells of lists that are compared as a whole, and without the others' whole."""
    return {
        name: value
        for name, value in values.items()
        if name in form.fields
        or (name in apart)
        or (name not in form.lists and name.partition("-")[0] not in apart)
    }


def _was_sent(bound: BoundField) -> bool:
    """A secret is never shown, so an empty one was not changed."""
    return bool(bound.data) or not isinstance(bound.field.widget, PasswordInput)


def _labels(form: MergingForm, now: MergingForm) -> Any:
    def label(name: str) -> str:
        if name in form.fields:
            return str(form[name].label)
        prefix, _, rest = name.partition("-")
        if not rest:
            return prefix.capitalize()
        at, _, cell = rest.partition("-")
        row = (now.lists[prefix].forms or form.lists[prefix].forms)[0]
        return f"{prefix.capitalize()}, row {int(at) + 1}: {str(row[cell].label).lower()}"

    return label


def _shown(form: MergingForm, name: str, values: Mapping[str, Any]) -> str:
    """A value as people read it: of a choice its words, of a list its rows."""
    if name in form.fields:
        return words_of(form.fields[name], values[name])
    prefix, _, rest = name.partition("-")
    if rest:
        field = form.lists[prefix].empty_form.fields[rest.partition("-")[2]]
        return words_of(field, values[name])
    rows: dict[str, list[str]] = {}
    for cell, value in values.items():
        if cell.startswith(f"{prefix}-") and value not in ("", None, []):
            _, at, column = cell.split("-", 2)
            field = form.lists[prefix].empty_form.fields[column]
            if not field.widget.is_hidden:
                rows.setdefault(at, []).append(words_of(field, value))
    return "\n".join(", ".join(row) for row in rows.values())


def words_of(field: forms.Field, value: Any) -> str:
    if isinstance(field.widget, PasswordInput):
        return "(not shown)"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(words_of(field, one) for one in value)
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None and value:
        key = field.to_field_name or "pk"
        return str(field.queryset.filter(**{key: value}).first() or value)
    choices = dict(getattr(field, "choices", ()) or ())
    return str(choices.get(value, choices.get(str(value), value)))


def _take(form: MergingForm, now: MergingForm, names: tuple[str, ...]) -> None:
    """Put their values into the form's data, and read the form again."""
    data = form.data.copy()
    for prefix in {name.partition("-")[0] for name in names} & set(form.lists):
        is_whole = prefix in names
        _write_rows(data, form, prefix, now.lists[prefix] if is_whole else None)
    for name in names:
        if name in form.fields:
            _put(data, form.add_prefix(name), now[name], now[name].value())
        elif name not in form.lists:
            prefix, at, cell = name.split("-", 2)
            bound = [f for f in now.lists[prefix].forms if f.initial and _says_something(f)]
            _put(data, name, bound[int(at)][cell], bound[int(at)][cell].value())
    form.data = data
    form.full_clean()
    for prefix, rows in form.lists.items():
        form.lists[prefix] = rows_again(rows, data)


def rows_again(rows: "BaseFormSet[Any]", data: Any) -> "BaseFormSet[Any]":
    """The same formset over other data."""
    return type(rows)(data, initial=rows.initial, prefix=rows.prefix, form_kwargs=rows.form_kwargs)


def _write_rows(
    data: Any, form: MergingForm, prefix: str, theirs: "BaseFormSet[Any] | None"
) -> None:
    """Number the rows from 0 without a gap: one's own, or all of theirs."""
    if theirs is None:
        kept = [f for f in form.lists[prefix].forms if f.has_changed() and not f["DELETE"].data]
    else:
        kept = [f for f in theirs.forms if f.initial and _says_something(f)]
    values = [[(one, one.value()) for one in _row(f)] for f in kept]
    for key in [key for key in data if key.startswith(f"{prefix}-")]:
        del data[key]
    for at, row in enumerate(values):
        for one, value in row:
            _put(data, f"{prefix}-{at}-{one.name}", one, value)
    data[f"{prefix}-TOTAL_FORMS"], data[f"{prefix}-INITIAL_FORMS"] = str(len(values)), "0"


def _put(data: Any, key: str, bound: BoundField, value: Any) -> None:
    """Write a value into the data of a form as the control would have sent it."""
    if isinstance(bound.field.widget, CheckboxInput):
        data.pop(key, None)
        if value:
            data[key] = "on"
    elif isinstance(value, (list, tuple)):
        data.setlist(key, [str(one) for one in value])
    else:
        shown = bound.field.widget.format_value(value)
        shown = shown[0] if isinstance(shown, list) and shown else shown
        data[key] = "" if shown in (None, []) else str(shown)
