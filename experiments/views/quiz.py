"""The quiz of the library: predict three past experiments, then see what was measured."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in, status_of
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows.health.work import periods
from experiments.flows.quizzing import answer_quiz, answers_of, questions_for
from experiments.forms.quiz import QuizForm
from experiments.models import QuizAnswer


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def library_quiz(request: SignedIn) -> HttpResponse:
    """One's own quiz of this quarter: the questions, or, once they are answered, how one did."""
    user = request.user
    period, _ = periods()
    if QuizAnswer.objects.visible_to(user).filter(quarter_from=period.starts_on).exists():
        if request.method == "POST":
            return redirect("experiments:library_quiz")
        answers = answers_of(user, period)
        context = {"period": period, "answered": answers.rows, "result": answers.result}
        return render(request, "experiments/library_quiz_result.html", context)
    is_sent = request.method == "POST"
    form = QuizForm(request.POST if is_sent else None, experiments=questions_for(user, period))
    if is_sent and form.is_valid():
        with refusals_in(form):
            answer_quiz(user, form.answers)
            return redirect("experiments:library_quiz")
    context = {"period": period, "form": form}
    return render(request, "experiments/library_quiz.html", context, status=status_of(form))
