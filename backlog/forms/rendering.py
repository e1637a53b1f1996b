"""How forms look: Floe's own templates for forms and fields, Django's for the controls."""

from html import unescape
from typing import Any

from django.forms import (
    CheckboxInput,
    CheckboxSelectMultiple,
    RadioSelect,
    Select,
    Textarea,
    Widget,
)
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils.html import strip_tags
from django.utils.safestring import SafeString


def css_class_of(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput):
        return "pick"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return ""
    if isinstance(widget, Select):
        return "select"
    return "area" if isinstance(widget, Textarea) else "input"


def plain(text: Any) -> str:
    """Help as text and nothing else: it may hold people's words, whatever type it comes in.

    Django and allauth send some of theirs as a list in HTML.

    >>> plain(SafeString("<ul><li>Not too short.</li><li>Not &lt;b&gt;.</li></ul>"))
    'Not too short. Not <b>.'
    """
    shown = str(text)
    if not isinstance(shown, SafeString):
        return shown
    return unescape(strip_tags(shown.replace("</li>", " "))).strip()


class FloeBoundField(BoundField):
    """Gives a control its class, so that forms name none; its help is plain text."""

    def __init__(self, form: Any, field: Any, name: str) -> None:
        super().__init__(form, field, name)
        self.help_text = plain(self.help_text)

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: Widget | None = None
    ) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        used = widget or self.field.widget
        if "class" not in used.attrs and (name := css_class_of(used)):
            built["class"] = name
        return built

    @property
    def is_single_check(self) -> bool:
        """A lone checkbox stands before its label."""
        return isinstance(self.field.widget, CheckboxInput)


class FloeFormRenderer(DjangoTemplates):
    """Label, help, control, error in one order, wired up for screen readers."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
    bound_field_class = FloeBoundField

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("forms/"):
            return get_template(template_name)
        if template_name.startswith("django/forms/errors/list/") and template_name.endswith("html"):
            return get_template("forms/errors.html")
        return super().get_template(template_name)
