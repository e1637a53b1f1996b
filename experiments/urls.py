"""The routes of the experiments: name of the view = name of the route = name of the template."""

from django.urls import path

from experiments.views import (
    alarms,
    amendment,
    calendar,
    data,
    decision,
    experiment,
    library,
    lists,
    metrics,
    plan,
    postmortem,
    ready,
    results,
)

app_name = "experiments"
_one = "experiments/<id:pk>/"
_intake = f"{_one}data/<id:intake>/"

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("experiments/", lists.experiment_list, name="experiment_list"),
    path("library/", library.library, name="library"),
    path("search/", library.search, name="search"),
    path("metrics/", metrics.metric_list, name="metric_list"),
    path("metrics/new/", metrics.metric_new, name="metric_new"),
    path("metrics/<id:pk>/", metrics.metric_detail, name="metric_detail"),
    path("metrics/<id:pk>/edit/", metrics.metric_edit, name="metric_edit"),
    path("metrics/<id:pk>/certify/", metrics.metric_certify, name="metric_certify"),
    path("ideas/<id:pk>/promote/", plan.idea_promote, name="idea_promote"),
    path("ideas/<id:pk>/promote/size/", plan.plan_size, name="plan_size"),
    path(_one, experiment.experiment_detail, name="experiment_detail"),
    path(f"{_one}edit/", plan.experiment_edit, name="experiment_edit"),
    path(f"{_one}move/<slug:transition>/", experiment.experiment_move, name="experiment_move"),
    path(f"{_one}ready/", ready.experiment_ready, name="experiment_ready"),
    path(f"{_one}ready/tick/", ready.experiment_tick, name="experiment_tick"),
    path(f"{_one}ready/approve/<slug:kind>/", ready.experiment_approve, name="experiment_approve"),
    path(f"{_one}ready/waive/", ready.experiment_waive, name="experiment_waive"),
    path(f"{_one}ready/milestones/", ready.milestone_edit, name="milestone_edit"),
    path(f"{_one}ready/milestones/<id:milestone>/", ready.milestone_reach, name="milestone_reach"),
    path("waivers/", ready.waiver_list, name="waiver_list"),
    path(f"{_one}activity/", experiment.experiment_activity, name="experiment_activity"),
    path(f"{_one}amend/", amendment.experiment_amend, name="experiment_amend"),
    path(f"{_one}dates/", calendar.experiment_dates, name="experiment_dates"),
    path(f"{_one}data/", data.experiment_data, name="experiment_data"),
    path(f"{_intake}map/", data.intake_map, name="intake_map"),
    path(f"{_intake}confirm/", data.intake_confirm, name="intake_confirm"),
    path(f"{_intake}rejected.csv", data.intake_rejected, name="intake_rejected"),
    path(f"{_one}results/", results.experiment_results, name="experiment_results"),
    path(f"{_one}results/<id:number>.json", results.analysis_download, name="analysis_download"),
    path(f"{_one}alarms/<id:alarm>/mute/", alarms.alarm_mute, name="alarm_mute"),
    path(f"{_one}unveil/", results.experiment_unveil, name="experiment_unveil"),
    path(f"{_one}decide/", decision.experiment_decide, name="experiment_decide"),
    path(f"{_one}decide/confirm/", decision.decision_confirm, name="decision_confirm"),
    path(f"{_one}decide/withdraw/", decision.decision_withdraw, name="decision_withdraw"),
    path(f"{_one}decide/send/", decision.decision_send, name="decision_send"),
    path(f"{_one}summary/", decision.experiment_summary, name="experiment_summary"),
    path(f"{_one}postmortem/", postmortem.postmortem_detail, name="postmortem_detail"),
    path(f"{_one}postmortem/start/", postmortem.postmortem_start, name="postmortem_start"),
    path(f"{_one}postmortem/edit/", postmortem.postmortem_edit, name="postmortem_edit"),
    path(f"{_one}postmortem/publish/", postmortem.postmortem_publish, name="postmortem_publish"),
    path(f"{_one}postmortem/learnings/new/", postmortem.learning_new, name="learning_new"),
    path(
        f"{_one}postmortem/learnings/<id:learning>/remove/",
        postmortem.learning_remove,
        name="learning_remove",
    ),
    path(f"{_one}postmortem/follow-ups/new/", postmortem.follow_up_new, name="follow_up_new"),
]
