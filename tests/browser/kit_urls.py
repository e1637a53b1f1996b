"""A page of its own for the tests of the htmx kit: nothing of the application but its frame."""

import threading

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from backlog import htmx
from backlog.refusals import Refused

handler404 = "backlog.errors.page_not_found"

SHELL = {
    "backlog": [
        "today",
        "idea_list",
        "idea_new",
        "notification_choices",
        "notification_list",
        "round_list",
        "pod_switch",
        "profile",
        "settings",
        "sample_remove",
        "token_list",
        "import_list",
    ],
    "experiments": ["calendar", "experiment_list", "health", "library", "search", "standards"],
}

NOTES: list[str] = []
GATE = threading.Event()
VISITS: list[str] = []
LET_IN = threading.Event()


def notes(request: HttpRequest) -> HttpResponse:
    seen = {
        "HX-Request": request.headers.get("HX-Request", ""),
        "HX-Target": request.headers.get("HX-Target", ""),
    }
    wanted = request.GET.get("q", "")
    context = {"notes": [note for note in NOTES if wanted in note], "seen": seen}
    return htmx.render(request, "kit.html", context, partials={"notes"})


def add(request: HttpRequest) -> HttpResponse:
    """Takes its time: it answers when the gate is open."""
    NOTES.append(request.POST["text"])
    GATE.wait(timeout=10)
    messages.success(request, f"Kept: {request.POST['text']}")
    return redirect("/kit/")


def elsewhere(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect("/kit/elsewhere/")
    return htmx.render(request, "kit_elsewhere.html", {})


def follow(request: HttpRequest) -> HttpResponse:
    """A page that asks every 100 ms whether it has moved. It moves when the gate is closed."""
    if htmx.asks_for(request, "pulse"):
        return htmx.nothing_new() if GATE.is_set() else redirect("/kit/moved/")
    return htmx.render(request, "kit_follow.html", {})


def moved(request: HttpRequest) -> HttpResponse:
    """Takes its time: it answers when it is let in."""
    VISITS.append(request.path)
    LET_IN.wait(timeout=10)
    return htmx.render(request, "kit_elsewhere.html", {})


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("Ben was quicker: it is launched already.")


def page(request: HttpRequest) -> HttpResponse:
    return htmx.render(request, "kit_elsewhere.html", {})


urlpatterns = [
    path("kit/", notes),
    path("kit/add/", add),
    path("kit/elsewhere/", elsewhere),
    path("kit/follow/", follow),
    path("kit/moved/", moved),
    path("kit/refuse/", refuse),
    path("account/", include("allauth.urls")),
    *(
        path("", include(([path(f"{app}/{name}/", page, name=name) for name in names], app)))
        for app, names in SHELL.items()
    ),
]
