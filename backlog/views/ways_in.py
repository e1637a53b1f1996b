"""One's own account: the very first one, signing in, profile, tokens."""

from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.deactivating import sign_out_elsewhere as sign_out
from backlog.flows.founding import found_workspace
from backlog.flows.people import change_profile
from backlog.flows.tokens import make_token, revoke_token
from backlog.forms.confirming import NAME, ConfirmForm
from backlog.forms.invitations import WelcomeForm
from backlog.forms.people import ProfileForm, TokenForm
from backlog.forms.refusing import refusals_in
from backlog.models import ApiToken, User
from backlog.views.asking import SignedIn
from backlog.views.confirming import is_confirmed
from backlog.views.saving import saving

BACKEND = "backlog.permissions.FloeBackend"


@login_not_required
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The person with the set-up token of an empty installation becomes its admin."""
    if User.objects.exists():
        return redirect("account_login")
    form = WelcomeForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            user = found_workspace(**form.cleaned_data)
            login(request, user, backend=BACKEND)
            return redirect("backlog:pod_new")
    context = {"form": form}
    return render(request, "backlog/welcome.html", context, status=422 if form.errors else 200)


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """allauth's page, or the welcome page if nobody has set up Floe yet."""
    if not User.objects.exists():
        return redirect("backlog:welcome")
    goes_on = request.GET.get("next", "/") != "/"
    response: HttpResponse = LoginView.as_view(extra_context={"goes_on": goes_on})(request)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedIn) -> HttpResponse:
    me = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, me) as held:
            change_profile(by=held, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("backlog:profile")
    context = {"form": form}
    return render(request, "backlog/profile.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_elsewhere(request: SignedIn) -> HttpResponse:
    """End the person's sessions in all other browsers. The current one continues with a new key.

    Asks for the password, so that a stolen session can't lock its owner out.
    """
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_confirmed(request, form):
        update_session_auth_hash(request, sign_out(by=request.user))
        messages.success(request, "You are now signed out of all other browsers.")
        return redirect("backlog:profile")
    status = 422 if form.errors else 200
    return render(request, "backlog/sign_out_elsewhere.html", {"form": form}, status=status)


@require_safe
def token_list(request: SignedIn) -> HttpResponse:
    tokens = request.user.api_tokens.filter(revoked_at=None)
    return render(request, "backlog/token_list.html", {"tokens": tokens})


@sensitive_post_parameters(NAME)
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: SignedIn) -> HttpResponse:
    """The answer to the POST shows the secret. It is stored nowhere, so a redirect could not show
    it."""
    form = TokenForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid() and _may_make(request, form):
        with refusals_in(form):
            token, secret = make_token(by=request.user, **form.cleaned_data)
            context |= {"token": token, "secret": secret}
    return render(request, "backlog/token_new.html", context, status=422 if form.errors else 200)


def _may_make(request: SignedIn, form: TokenForm) -> bool:
    """Only tokens that write ask for the password, because pages show all that other tokens can
    read."""
    return form.cleaned_data["scope"] == ApiToken.Scope.READ or is_confirmed(request, form)


@require_POST
def token_revoke(request: SignedIn, pk: int) -> HttpResponse:
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    revoke_token(token, by=request.user)
    messages.success(request, f"The token “{token.name}” no longer works.")
    return redirect("backlog:token_list")


@login_not_required
def not_here(request: HttpRequest) -> HttpResponse:
    """An address that a library would answer but Floe does not offer."""
    raise Http404
