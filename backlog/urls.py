"""The routes of the backlog: name of the view = name of the route = name of the template."""

from django.urls import path, register_converter

from backlog.addresses import IdConverter
from backlog.views import (
    boards,
    bulk,
    cells,
    ideas,
    invitations,
    lists,
    planning,
    pods,
    rounds,
    saved_views,
    scoring,
    settings,
    today,
    ways_in,
)

register_converter(IdConverter, "id")

app_name = "backlog"
_item = "scoring/<id:pk>/ideas/<id:item>/"

urlpatterns = [
    path("", today.today, name="today"),
    path("ideas/", lists.idea_list, name="idea_list"),
    path("ideas/filter/", lists.idea_filter, name="idea_filter"),
    path("ideas/board/", boards.idea_board, name="idea_board"),
    path("ideas/map/", boards.idea_map, name="idea_map"),
    path("ideas/bulk/<slug:action>/", bulk.idea_bulk, name="idea_bulk"),
    path("ideas/undo/<id:pk>/", bulk.bulk_undo, name="bulk_undo"),
    path("ideas/columns/", lists.idea_columns, name="idea_columns"),
    path("ideas/views/new/", saved_views.view_new, name="view_new"),
    path("ideas/views/<id:pk>/edit/", saved_views.view_edit, name="view_edit"),
    path("ideas/views/<id:pk>/remove/", saved_views.view_remove, name="view_remove"),
    path("ideas/new/", ideas.idea_new, name="idea_new"),
    path("ideas/<id:pk>/", ideas.idea_detail, name="idea_detail"),
    path("ideas/<id:pk>/edit/", ideas.idea_edit, name="idea_edit"),
    path("ideas/<id:pk>/cell/<slug:cell>/", cells.idea_cell, name="idea_cell"),
    path("ideas/<id:pk>/move/<slug:transition>/", ideas.idea_move, name="idea_move"),
    path("scoring/", rounds.round_list, name="round_list"),
    path("scoring/new/", rounds.round_new, name="round_new"),
    path("scoring/<id:pk>/", rounds.round_detail, name="round_detail"),
    path("scoring/<id:pk>/close/", rounds.round_close, name="round_close"),
    path(_item, scoring.round_score, name="round_score"),
    path(f"{_item}reveal/", scoring.round_reveal, name="round_reveal"),
    path(f"{_item}ask-again/", scoring.round_ask_again, name="round_ask_again"),
    path("quarters/", planning.quarter_list, name="quarter_list"),
    path("quarters/new/", planning.quarter_new, name="quarter_new"),
    path("objectives/new/", planning.objective_new, name="objective_new"),
    path("objectives/<id:pk>/edit/", planning.objective_edit, name="objective_edit"),
    path("objectives/<id:pk>/remove/", planning.objective_remove, name="objective_remove"),
    path("pods/", pods.pod_list, name="pod_list"),
    path("pods/new/", pods.pod_new, name="pod_new"),
    path("pods/switch/", pods.pod_switch, name="pod_switch"),
    path("pods/<id:pk>/", pods.pod_detail, name="pod_detail"),
    path("pods/<id:pk>/members/new/", pods.member_new, name="member_new"),
    path("pods/<id:pk>/members/<id:member>/edit/", pods.member_edit, name="member_edit"),
    path("pods/<id:pk>/members/<id:member>/remove/", pods.member_remove, name="member_remove"),
    path("invitations/new/", invitations.invitation_new, name="invitation_new"),
    path(
        "invitations/<id:pk>/withdraw/",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("invitations/accept/", invitations.invitation_accept, name="invitation_accept"),
    path("invitations/<str:secret>/", invitations.invitation_open, name="invitation_open"),
    path("welcome/", ways_in.welcome, name="welcome"),
    path("profile/", ways_in.profile, name="profile"),
    path("tokens/", ways_in.token_list, name="token_list"),
    path("tokens/new/", ways_in.token_new, name="token_new"),
    path("tokens/<id:pk>/revoke/", ways_in.token_revoke, name="token_revoke"),
    path("settings/", settings.settings, name="settings"),
    path("people/", settings.user_list, name="user_list"),
    path("people/<id:pk>/role/", settings.user_role, name="user_role"),
    path("sample/remove/", settings.sample_remove, name="sample_remove"),
]
