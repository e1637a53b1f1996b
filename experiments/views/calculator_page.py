"""The calculator without an idea; what is asked stands in the address, so that it can be shared."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from backlog.htmx import render
from backlog.views.asking import SignedIn
from experiments.forms.calculator import EXAMPLE, CalculatorForm
from experiments.views.calculator import SizingInput, calculator


@require_safe
def experiment_calculator(request: SignedIn) -> HttpResponse:
    """How many, how long, and what could be seen: for every member."""
    form = CalculatorForm(request.GET if request.GET else EXAMPLE)
    question = SizingInput(**form.values(), weights=None, starts_on=None, ends_on=None)
    context = {"form": form, "calculator": calculator(question)}
    template = "experiments/experiment_calculator.html"
    return render(request, template, context, partials={"calculator"})
