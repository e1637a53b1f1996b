"""Every route × everybody: what each may open, and what each may send.

The table says the least role that a route asks for. A route that is not in it makes the test red.
"""

import datetime as dt
import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from backlog.flows import scoring
from backlog.flows.attaching import add_link
from backlog.flows.inviting import invite
from backlog.flows.own_fields import add_field
from backlog.flows.planning import save_objective
from backlog.flows.talking import comment_on
from backlog.flows.tokens import make_token
from backlog.models import Objective
from experiments.flows import deciding, learnings, templating, writing_up
from experiments.flows.agreements import save_agreement
from experiments.flows.closed_days import save_blackout, save_deadline
from experiments.flows.collecting import save_collection
from experiments.flows.connecting import save_connector
from experiments.flows.credit.counting import add_credit
from experiments.flows.holding_out import open_holdout
from experiments.flows.limiting import change_pod_limits
from experiments.flows.milestones import floes_own, save_milestone_set
from experiments.flows.naming import save_convention
from experiments.flows.overlapping import declare_overlap
from experiments.flows.process.writing import choose_units, save_process_experiment
from experiments.flows.quarter.scenarios import LIMITS
from experiments.flows.roadmap import save_roadmap_item
from experiments.flows.segmenting import save_segment
from experiments.flows.subscribing.addresses import make_feed
from experiments.flows.writing_up_comments import comment_on_section
from experiments.flows.writing_up_processes import ProcessSubject, start_process_post_mortem
from experiments.models import (
    Agreement,
    Blackout,
    Collection,
    CollectionItem,
    Connector,
    CreditRow,
    Deadline,
    Intake,
    LearningLink,
    MilestoneSet,
    NamingConvention,
    PostMortemAction,
    PostMortemImage,
    ProcessExperiment,
    RoadmapItem,
    Scenario,
    SectionConflict,
    Segment,
    WarningSign,
)
from experiments.plan.naming import FLOES_OWN
from tests.factories import (
    analysed,
    item_of,
    launched,
    make_experiment,
    make_idea,
    make_round,
    make_scored_idea,
    score,
)

EVERYBODY, SIGNED_IN, VIEWER, MEMBER, LEAD, OWNER, ADMIN = range(7)
OWNER_WHERE_SEEN = "owner, of what a pod sees"  # an outsider does not see it at all
MEMBER_SEEN_BY_ALL = "member, of what everybody sees"
LEADS_SOMETHING = "leads some pod"  # pages that ask for the pod in their form
WORKS_SOMEWHERE = "works in some pod"
ACTORS = {
    "anonymous": EVERYBODY, "charlie": SIGNED_IN, "vera": VIEWER, "bob": MEMBER, "alice": LEAD,
    "olive": OWNER, "adam": ADMIN,
}  # fmt: skip

# route → (least role to GET it, least role to POST to it); None: it knows no such method.
PAGES = {
    "backlog:today": (SIGNED_IN, None),
    "backlog:today_dismiss": (None, SIGNED_IN),
    "backlog:idea_list": (SIGNED_IN, SIGNED_IN),
    "backlog:idea_filter": (SIGNED_IN, None),
    "backlog:idea_columns": (SIGNED_IN, SIGNED_IN),
    "backlog:idea_board": (SIGNED_IN, None),
    "backlog:idea_map": (SIGNED_IN, None),
    "backlog:idea_bulk": (SIGNED_IN, SIGNED_IN),  # each idea asks for itself: test_idea_bulk.py
    "backlog:bulk_undo": (None, None),  # one's own only: test_idea_bulk.py
    "backlog:idea_cell": (MEMBER, MEMBER),
    "backlog:idea_peek": (VIEWER, None),
    "backlog:attachment_new": (MEMBER, MEMBER),
    "backlog:attachment_file": (None, None),  # of a file, not of a link: test_attachments.py
    "backlog:attachment_remove": (None, MEMBER),
    "backlog:view_new": (SIGNED_IN, SIGNED_IN),
    "backlog:view_edit": (None, None),  # by whom it is shared with: test_saved_views.py
    "backlog:view_remove": (None, None),
    "backlog:idea_similar": (SIGNED_IN, None),
    "backlog:idea_triage": (LEADS_SOMETHING, None),
    "backlog:idea_groom": (LEADS_SOMETHING, None),
    "backlog:idea_export": (SIGNED_IN, None),
    "backlog:idea_new": (SIGNED_IN, SIGNED_IN),
    "backlog:idea_detail": (VIEWER, None),
    "backlog:idea_edit": (MEMBER, MEMBER),
    "backlog:idea_move": (LEAD, LEAD),
    "backlog:import_list": (SIGNED_IN, None),
    "backlog:import_new": (SIGNED_IN, SIGNED_IN),
    "backlog:import_detail": (None, None),  # one's own only: tests/backlog/test_import_detail.py
    "backlog:import_undo": (None, None),
    "backlog:comment_new": (MEMBER, MEMBER),
    "backlog:comment_edit": (None, None),  # one's own only: test_discussion.py
    "backlog:comment_delete": (None, LEAD),
    "backlog:idea_watch": (None, VIEWER),
    "backlog:notification_list": (SIGNED_IN, None),
    "backlog:notification_read": (None, SIGNED_IN),
    "backlog:notification_choices": (SIGNED_IN, SIGNED_IN),
    "backlog:notification_open": (None, None),  # one's own only: test_notifications.py
    "backlog:round_list": (SIGNED_IN, None),
    "backlog:round_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "backlog:round_detail": (VIEWER, None),
    "backlog:round_close": (LEAD, LEAD),
    "backlog:round_score": (VIEWER, MEMBER),
    "backlog:round_reveal": (None, LEAD),
    "backlog:round_ask_again": (None, LEAD),
    "backlog:round_note": (None, LEAD),
    "backlog:round_live": (VIEWER, None),
    "backlog:round_go": (None, LEAD),
    "backlog:round_timer": (None, LEAD),
    "backlog:round_timer_pause": (None, LEAD),
    "backlog:round_hand_over": (None, LEAD),
    "backlog:round_take_over": (None, LEAD),
    "backlog:round_admit": (None, LEAD),
    "backlog:round_reorder": (None, LEAD),
    "backlog:round_summary": (VIEWER, None),
    "backlog:round_again": (None, LEAD),
    "backlog:quarter_list": (SIGNED_IN, None),
    "backlog:quarter_new": (OWNER, OWNER),
    "backlog:objective_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "backlog:objective_edit": (LEAD, LEAD),
    "backlog:objective_remove": (LEAD, LEAD),
    "backlog:own_field_list": (SIGNED_IN, None),
    "backlog:own_field_new": (OWNER, OWNER),
    "backlog:own_field_edit": (OWNER, OWNER),
    "backlog:own_field_move": (None, OWNER),
    "backlog:own_field_remove": (OWNER, OWNER),
    "backlog:pod_list": (SIGNED_IN, None),
    "backlog:pod_new": (OWNER, OWNER),
    "backlog:pod_switch": (None, SIGNED_IN),
    "backlog:pod_detail": (VIEWER, None),
    "backlog:pod_people": (VIEWER, None),
    "backlog:pod_limit": (None, LEAD),
    "backlog:pod_scoring": (LEAD, LEAD),
    "backlog:pod_influence": (VIEWER, None),
    "backlog:rubric_list": (SIGNED_IN, None),
    "backlog:rubric_edit": (OWNER, OWNER),
    "backlog:rubric_detail": (SIGNED_IN, None),
    "backlog:member_new": (LEAD, LEAD),
    "backlog:member_edit": (LEAD, LEAD),
    "backlog:member_remove": (None, LEAD),
    "backlog:invitation_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "backlog:invitation_withdraw": (None, LEAD),
    "backlog:invitation_accept": (EVERYBODY, EVERYBODY),
    "backlog:invitation_open": (EVERYBODY, None),
    "backlog:welcome": (
        None,
        None,
    ),  # for an empty installation only: tests/backlog/test_welcome.py
    "backlog:profile": (SIGNED_IN, SIGNED_IN),
    "backlog:token_list": (SIGNED_IN, None),
    "backlog:token_new": (SIGNED_IN, SIGNED_IN),
    "backlog:token_revoke": (None, None),  # one's own only: see below
    "backlog:settings": (SIGNED_IN, ADMIN),
    "backlog:user_list": (ADMIN, None),
    "backlog:user_role": (None, ADMIN),
    "backlog:user_deactivate": (ADMIN, ADMIN),
    "backlog:user_reactivate": (ADMIN, ADMIN),
    "backlog:user_sign_out": (ADMIN, ADMIN),
    "backlog:sign_out_elsewhere": (SIGNED_IN, SIGNED_IN),
    "backlog:sample_remove": (ADMIN, ADMIN),
    "experiments:calendar": (SIGNED_IN, None),
    "experiments:calendar_export": (SIGNED_IN, None),
    "experiments:calendar_wall": (SIGNED_IN, None),
    "experiments:calendar_slips": (SIGNED_IN, None),
    "experiments:quarter_sign_off": (OWNER, OWNER),
    "experiments:calendar_subscribe": (SIGNED_IN, SIGNED_IN),
    "experiments:feed_revoke": (None, None),  # one's own only: test_calendar_subscribe.py
    "experiments:feed_calendar": (EVERYBODY, None),  # by its token: test_calendar_subscribe.py
    "experiments:quarter_limits": (OWNER, OWNER),
    "experiments:pod_limits": (LEAD, LEAD),
    "experiments:pod_newcomer": (VIEWER, None),
    "experiments:blackout_list": (SIGNED_IN, None),
    "experiments:blackout_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:blackout_edit": (LEAD, LEAD),
    "experiments:blackout_remove": (LEAD, LEAD),
    "experiments:deadline_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:deadline_edit": (LEAD, LEAD),
    "experiments:deadline_remove": (LEAD, LEAD),
    "experiments:calendar_pulse": (SIGNED_IN, None),
    "experiments:move_undo": (None, MEMBER),
    "experiments:health": (SIGNED_IN, None),
    "experiments:sign_mute": (None, LEAD),
    "experiments:expected_value": (None, OWNER),
    "experiments:report": (SIGNED_IN, None),
    "experiments:report_share": (None, None),  # by its pod: test_quarter_report.py
    "experiments:report_mail": (None, None),  # by its pod: test_report_mail.py
    "experiments:report_end": (None, None),  # one's own only: test_quarter_report.py
    "experiments:shared_report": (None, None),  # by its token: test_quarter_report.py
    "experiments:scenario_list": (SIGNED_IN, None),  # the form asks for the pod
    "experiments:scenario_compare": (SIGNED_IN, None),
    "experiments:scenario_detail": (VIEWER, None),
    "experiments:scenario_accept": (None, LEAD),
    "experiments:scenario_leave": (None, LEAD),
    "experiments:scenario_stop": (None, LEAD),
    "experiments:scenario_discard": (None, LEAD),
    "experiments:experiment_place": (MEMBER, MEMBER),
    "experiments:experiment_booking": (MEMBER, MEMBER),
    "experiments:experiment_take_off": (None, MEMBER),
    "experiments:experiment_list": (SIGNED_IN, None),
    "experiments:library": (SIGNED_IN, None),
    "experiments:library_quiz": (SIGNED_IN, SIGNED_IN),
    "experiments:evidence": (SIGNED_IN, None),
    "experiments:library_follow": (None, SIGNED_IN),
    "experiments:learning_detail": (VIEWER, None),
    "experiments:learning_link": (None, MEMBER),
    "experiments:learning_scope": (MEMBER, MEMBER),
    "experiments:learning_collect": (VIEWER, None),  # by its collection: test_collections.py
    "experiments:collection_list": (SIGNED_IN, None),
    "experiments:collection_new": (WORKS_SOMEWHERE, WORKS_SOMEWHERE),
    "experiments:collection_detail": (SIGNED_IN, None),
    "experiments:collection_edit": (MEMBER_SEEN_BY_ALL, MEMBER_SEEN_BY_ALL),
    "experiments:collection_item_move": (None, MEMBER_SEEN_BY_ALL),
    "experiments:collection_item_remove": (None, MEMBER_SEEN_BY_ALL),
    "experiments:collection_remove": (None, MEMBER_SEEN_BY_ALL),
    "experiments:idea_cite": (MEMBER, MEMBER),
    "experiments:citation_remove": (None, MEMBER),
    "experiments:search": (SIGNED_IN, None),
    "experiments:experiment_calculator": (SIGNED_IN, None),
    "experiments:metric_list": (SIGNED_IN, None),
    "experiments:metric_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:metric_detail": (VIEWER, None),
    "experiments:metric_edit": (LEAD, LEAD),
    "experiments:metric_certify": (None, OWNER_WHERE_SEEN),
    "experiments:idea_promote": (LEAD, LEAD),
    "experiments:plan_size": (None, VIEWER),
    "experiments:experiment_detail": (VIEWER, None),
    "experiments:experiment_edit": (MEMBER, MEMBER),
    "experiments:experiment_move": (LEAD, LEAD),
    "experiments:experiment_activity": (VIEWER, None),
    "experiments:experiment_ready": (VIEWER, MEMBER),
    "experiments:experiment_approve": (None, MEMBER),
    "experiments:experiment_waive": (None, LEAD),
    "experiments:milestone_edit": (MEMBER, MEMBER),
    "experiments:milestone_reach": (None, MEMBER),
    "experiments:experiment_dry_run": (MEMBER, MEMBER),
    "experiments:segment_list": (SIGNED_IN, None),
    "experiments:segment_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:segment_edit": (LEAD, LEAD),
    "experiments:overlap_new": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:overlap_estimate": (LEADS_SOMETHING, LEADS_SOMETHING),
    "experiments:overlap_edit": (LEAD, LEAD),
    "experiments:overlap_remove": (None, LEAD),
    "experiments:template_list": (SIGNED_IN, None),
    "experiments:template_edit": (LEAD, LEAD),
    "experiments:template_remove": (None, LEAD),
    "experiments:template_keep": (LEAD, LEAD),
    "experiments:experiment_clone": (LEAD, LEAD),
    "experiments:waiver_list": (SIGNED_IN, None),
    "experiments:milestone_list": (SIGNED_IN, None),
    "experiments:milestone_set_new": (OWNER, OWNER),
    "experiments:milestone_set_edit": (OWNER, OWNER),
    "experiments:milestone_set_default": (None, OWNER),
    "experiments:milestone_set_remove": (None, OWNER),
    "experiments:standards": (SIGNED_IN, None),
    "experiments:standard_detail": (SIGNED_IN, OWNER),
    "experiments:standard_look": (None, OWNER),
    "experiments:naming": (SIGNED_IN, SIGNED_IN),
    "experiments:naming_edit": (OWNER, OWNER),
    "experiments:agreement_list": (SIGNED_IN, None),
    "experiments:agreement_detail": (SIGNED_IN, None),
    "experiments:agreement_version": (SIGNED_IN, None),
    "experiments:agreement_edit": (OWNER, OWNER),  # and its own owner: test_agreements.py
    "experiments:agreement_look": (None, OWNER),
    "experiments:agreement_drill": (None, OWNER),
    "experiments:library_credit": (SIGNED_IN, None),
    "experiments:library_credit_new": (WORKS_SOMEWHERE, WORKS_SOMEWHERE),
    "experiments:library_credit_add": (None, WORKS_SOMEWHERE),
    "experiments:library_credit_undo": (None, MEMBER),
    "experiments:process_experiment_list": (SIGNED_IN, None),
    "experiments:process_experiment_new": (WORKS_SOMEWHERE, WORKS_SOMEWHERE),
    "experiments:process_experiment_detail": (VIEWER, None),
    "experiments:process_experiment_edit": (MEMBER, MEMBER),
    "experiments:process_experiment_units": (MEMBER, MEMBER),
    "experiments:process_experiment_outcomes": (MEMBER, MEMBER),
    "experiments:process_experiment_paste": (None, MEMBER),
    "experiments:process_experiment_move": (None, LEAD),
    "experiments:process_experiment_decide": (LEAD, LEAD),
    "experiments:process_experiment_note": (None, MEMBER),
    "experiments:roadmap": (SIGNED_IN, None),
    "experiments:roadmap_new": (WORKS_SOMEWHERE, WORKS_SOMEWHERE),
    "experiments:roadmap_edit": (MEMBER, MEMBER),
    "experiments:roadmap_done": (None, MEMBER),
    "experiments:roadmap_remove": (None, MEMBER),
    "experiments:quarter_turn": (OWNER, None),
    "experiments:quarter_turn_slip": (None, OWNER),
    "experiments:quarter_turn_carry": (None, OWNER),
    "experiments:quarter_turn_running": (None, OWNER),
    "experiments:quarter_turn_open": (None, OWNER),
    "experiments:quarter_turn_objective": (None, OWNER),
    "experiments:quarter_turn_copy": (None, OWNER),
    "experiments:quarter_turn_look": (None, OWNER),
    "experiments:quarter_turn_close": (None, OWNER),
    "experiments:experiment_amend": (MEMBER, MEMBER),
    "experiments:experiment_assignment": (VIEWER, MEMBER),
    "experiments:experiment_split": (None, MEMBER),
    "experiments:connector_list": (ADMIN, None),
    "experiments:connector_new": (ADMIN, ADMIN),
    "experiments:connector_edit": (ADMIN, ADMIN),
    "experiments:connector_remove": (None, ADMIN),
    "experiments:experiment_feed": (OWNER, OWNER),
    "experiments:holdout_list": (SIGNED_IN, OWNER),
    "experiments:holdout_detail": (SIGNED_IN, OWNER),
    "experiments:holdout_tell_apart": (None, OWNER),
    "experiments:data_drop": (SIGNED_IN, SIGNED_IN),
    "experiments:past_new": (SIGNED_IN, SIGNED_IN),
    "experiments:past_detail": (None, None),  # one's own only: experiments/test_past_detail.py
    "experiments:past_undo": (None, None),
    "experiments:experiment_data": (VIEWER, MEMBER),
    "experiments:intake_map": (MEMBER, MEMBER),
    "experiments:intake_reading": (MEMBER, None),
    "experiments:intake_confirm": (MEMBER, MEMBER),
    "experiments:intake_rejected": (VIEWER, None),
    "experiments:intake_again": (None, MEMBER),
    "experiments:intake_remove": (MEMBER, MEMBER),  # their own; any other needs a lead
    "experiments:experiment_results": (VIEWER, None),
    "experiments:analysis_download": (VIEWER, None),
    "experiments:analysis_methods": (VIEWER, None),
    "experiments:alarm_mute": (None, MEMBER),
    "experiments:experiment_unveil": (None, LEAD),
    "experiments:experiment_decide": (VIEWER, MEMBER),
    "experiments:decision_confirm": (None, MEMBER),
    "experiments:decision_withdraw": (None, MEMBER),
    "experiments:decision_send": (None, MEMBER),
    "experiments:experiment_summary": (VIEWER, None),
    "experiments:postmortem_detail": (VIEWER, None),
    "experiments:postmortem_start": (None, MEMBER),
    "experiments:postmortem_edit": (MEMBER, MEMBER),
    "experiments:postmortem_section": (None, MEMBER),
    "experiments:postmortem_writing": (MEMBER, None),
    "experiments:postmortem_settle": (None, MEMBER),
    "experiments:postmortem_publish": (None, MEMBER),
    "experiments:postmortem_read": (None, VIEWER),
    "experiments:postmortem_note": (None, MEMBER),
    "experiments:postmortem_tree": (VIEWER, None),
    "experiments:postmortem_highlights": (MEMBER, None),
    "experiments:highlight_choose": (None, MEMBER),
    "experiments:postmortem_image_new": (None, MEMBER),
    "experiments:postmortem_image": (VIEWER, None),
    "experiments:section_comment_new": (None, MEMBER),
    "experiments:section_comment_resolve": (None, MEMBER),
    "experiments:action_new": (None, MEMBER),
    "experiments:action_done": (None, MEMBER),
    "experiments:action_remove": (None, MEMBER),
    "experiments:learning_new": (None, MEMBER),
    "experiments:learning_remove": (None, MEMBER),
    "experiments:follow_up_new": (None, MEMBER),
    "experiments:process_postmortem_new": (WORKS_SOMEWHERE, WORKS_SOMEWHERE),
    "experiments:process_postmortem_detail": (VIEWER, None),
    "experiments:process_postmortem_edit": (MEMBER, MEMBER),
    "experiments:process_postmortem_section": (None, MEMBER),
    "experiments:process_postmortem_writing": (MEMBER, None),
    "experiments:process_postmortem_settle": (None, MEMBER),
    "experiments:process_postmortem_publish": (None, MEMBER),
    "experiments:process_postmortem_read": (None, VIEWER),
    "experiments:process_postmortem_note": (None, MEMBER),
    "experiments:process_postmortem_image_new": (None, MEMBER),
    "experiments:process_postmortem_image": (VIEWER, None),
    "experiments:process_section_comment_new": (None, MEMBER),
    "experiments:process_section_comment_resolve": (None, MEMBER),
    "experiments:process_action_new": (None, MEMBER),
    "experiments:process_action_done": (None, MEMBER),
    "experiments:process_action_remove": (None, MEMBER),
    "experiments:process_follow_up_new": (None, MEMBER),
    "healthz": (EVERYBODY, None),
    "readyz": (EVERYBODY, None),
}


def our_routes() -> set[str]:
    """Names of the pages of both apps and of the probes; sign-in and API have tests of their own."""
    routes: set[str] = set()

    def walk(patterns, namespace=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(
                    pattern.url_patterns,
                    f"{pattern.namespace}:" if pattern.namespace else namespace,
                )
            elif isinstance(pattern, URLPattern) and pattern.name:
                routes.add(namespace + pattern.name)

    walk(get_resolver().url_patterns)
    return {name for name in routes if not re.match(r"account_|api-", name)}


def test_every_route_is_in_the_table():
    assert our_routes() == set(PAGES)


@pytest.fixture
def world(alice, bob, carol, vera, charlie, olive, adam, pod, objective):
    """One object for each route, and the arguments that lead to it."""
    scored = make_scored_idea(alice, pod, {bob: (7, 7, 7)}, title="Scored")
    first, second = make_idea(alice, pod, "Blind"), make_idea(alice, pod, "Revealed")
    round_ = make_round(alice, pod, first, second)
    score(item_of(round_, second), bob)
    scoring.reveal(item_of(round_, second), by=alice)
    score(item_of(round_, first), bob)
    draft = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Drafted")
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Running"), alice
    )
    analysed(running, bob)
    decided = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Decided"), alice
    )
    analysed(decided, bob)
    deciding.decide(decided, by=bob, choice="ship")
    written = writing_up.start_post_mortem(decided, by=bob)
    conflict = SectionConflict.objects.create(post_mortem=written, section="lucky", both="x")
    remark = comment_on_section(written, by=bob, section="lucky", text="Why?")
    doubt = comment_on(decided.idea, by=carol, text="Is it the season?")
    image = PostMortemImage(post_mortem=written, kind="png", width=1, height=1, size=3)
    image.file.save("x.png", ContentFile(b"png"))
    action = PostMortemAction.objects.create(
        post_mortem=written, title="x", owner=bob, due_on=timezone.localdate()
    )
    learning = learnings.add_learning(
        written, by=bob, claim="A", scope="B",
        expires_on=timezone.localdate() + dt.timedelta(days=9),
    )  # fmt: skip
    other = learnings.add_learning(written, by=bob, claim="C", scope="B")
    link = LearningLink.objects.create(newer=learning, older=other, kind="replicates")
    citation = learnings.cite(scored, learning, by=bob)
    attached = add_link(scored, by=bob, url="https://example.org/")
    collection = save_collection(Collection(), by=bob, pod=pod, name="First reads", about="")
    collected = CollectionItem.objects.create(collection=collection, learning=learning, place=1)
    intake = Intake.objects.create(
        experiment=running, by=bob, filename="a.csv", state="replaced",
        understood={"units": {}, "rejected": [], "warnings": []},
    )  # fmt: skip
    template = templating.keep_template(draft, by=alice, name="Mailing", pod=pod)
    segment = save_segment(Segment(), by=alice, pod=pod, name="Lapsed")
    actives = save_segment(Segment(), by=alice, pod=pod, name="Active")
    overlap = declare_overlap(
        by=alice, first=segment, second=actives, share=0.2, share_of_second=0.1
    )
    today = timezone.localdate()
    blackout = save_blackout(
        Blackout(), by=alice, pod=pod, name="Freeze",
        starts_on=today + dt.timedelta(days=300), ends_on=today + dt.timedelta(days=330),
    )  # fmt: skip
    change_pod_limits(pod, by=alice, people_days=8, tests_at_once=2)
    deadline = save_deadline(Deadline(), by=alice, pod=pod, name="Last edits", day=today)
    goal = save_objective(Objective(quarter=objective.quarter), by=alice, pod=pod, title="Another")
    invitation, secret = invite(by=alice, email="new@example.com", pod=pod)
    token, _ = make_token(by=alice, name="one", scope="read", days=3)
    comment = comment_on(scored, by=carol, text="Why?")
    blind, shown = item_of(round_, first), item_of(round_, second)
    feed, feed_token = make_feed(by=alice, kind="workspace")
    holdout = open_holdout(by=olive, quarter=objective.quarter, share=5)
    connector = save_connector(
        Connector(), by=adam, name="Shop", address="sqlite:////nowhere", seconds=5, most_rows=9
    )
    move = draft.calendar_moves.first()
    milestone_set = save_milestone_set(MilestoneSet(), by=olive, name="E-mail", rows=floes_own())
    rule = {"channel": "push", "number": 2}
    save_agreement(Agreement(kind="contact"), by=olive, terms=[rule], partner="Brand")
    item = save_roadmap_item(
        RoadmapItem(), by=alice, title="Bounce data", pod=pod, quarter=objective.quarter,
        starts_on=timezone.localdate(), ends_on=timezone.localdate() + dt.timedelta(days=60),
    )  # fmt: skip
    process = save_process_experiment(
        ProcessExperiment(), by=alice, pod=pod, title="Score on Mondays", hypothesis="x",
        as_now="On Fridays", other_way="On Mondays", measure="Days to score", unit="ideas",
    )  # fmt: skip
    choose_units(process, by=alice, ideas=[first, second])
    october = CreditRow(
        segment=segment, channel="push", model="last-touch", conversions=9,
        starts_on=dt.date(2026, 10, 1), ends_on=dt.date(2026, 11, 1),
    )  # fmt: skip
    credit = add_credit([october], by=alice, pod=pod, metric=draft.primary.metric)
    save_convention(
        NamingConvention(), by=olive, tokens=FLOES_OWN.tokens, separator="_", letter_case="mixed",
        longest=80,
    )  # fmt: skip
    turn = {"pk": objective.quarter_id}
    scenario = Scenario.objects.create(
        quarter=objective.quarter, pod=pod, name="A proposal", by=alice, state="solved",
        limits=dict(LIMITS),
    )  # fmt: skip
    scenario.rows.create(experiment=draft)
    sign = WarningSign.objects.create(pod=pod, code="late", count=3)
    back = start_process_post_mortem(ProcessSubject(quarter=objective.quarter, of_pod=pod), by=bob)
    clash = SectionConflict.objects.create(post_mortem=back, section="lucky", both="x")
    doubted = comment_on_section(back, by=bob, section="lucky", text="Why?")
    chart = PostMortemImage(post_mortem=back, kind="png", width=1, height=1, size=3)
    chart.file.save("y.png", ContentFile(b"png"))
    step = PostMortemAction.objects.create(
        post_mortem=back, title="y", owner=bob, due_on=timezone.localdate()
    )
    process_action = {"pk": back.pk, "action": step.pk}
    one = {"pk": running.pk}
    return {
        "holdout": {"pk": holdout.pk}, "connector": {"pk": connector.pk},
        "comment_new": {"pk": scored.pk}, "comment_delete": {"pk": comment.pk},
        "idea": {"pk": scored.pk}, "round": {"pk": round_.pk},
        "round_score": {"pk": round_.pk, "item": blind.pk},
        "round_reveal": {"pk": round_.pk, "item": blind.pk},
        "round_ask_again": {"pk": round_.pk, "item": shown.pk},
        "attachment": {"pk": scored.pk, "attachment": attached.pk}, "attachment_new": {"pk": scored.pk},
        "idea_bulk": {"action": "snooze"}, "idea_cell": {"pk": scored.pk, "cell": "title"},
        "rubric_detail": {"pk": round_.rubric_id},
        "round_note": {"pk": round_.pk, "item": shown.pk},
        "idea_move": {"pk": scored.pk, "transition": "snooze"},
        "objective": {"pk": goal.pk}, "pod": {"pk": pod.pk},
        "own": {"pk": add_field(by=olive, name="Market", kind="text").pk},
        "member_new": {"pk": pod.pk},
        "member_edit": {"pk": pod.pk, "member": carol.memberships.get().pk},
        "member_remove": {"pk": pod.pk, "member": carol.memberships.get().pk},
        "invitation_withdraw": {"pk": invitation.pk}, "invitation_open": {"secret": secret},
        "token": {"pk": token.pk}, "user": {"pk": carol.pk},
        "experiment_approve": {"pk": draft.pk, "kind": "qa"},
        "milestone_reach": {"pk": draft.pk, "milestone": draft.milestones.first().pk},
        "milestone_edit": {"pk": draft.pk},
        "experiment": one, "decision": one, "experiment_edit": {"pk": draft.pk},
        "experiment_move": {"pk": draft.pk, "transition": "launch"},
        "experiment_place": {"pk": draft.pk},
        "experiment_take_off": {"pk": draft.pk}, "move": {"pk": move.pk},
        "intake": {"pk": running.pk, "intake": intake.pk},
        "alarm": {"pk": running.pk, "alarm": running.alarms.get().pk},
        "analysis_methods": {"pk": running.pk, "number": 1},
        "analysis_download": {"pk": running.pk, "number": 1},
        "postmortem_section": {"pk": decided.pk, "section": "surprises"},
        "postmortem_settle": {"pk": decided.pk, "conflict": conflict.pk},
        "highlight_choose": {"pk": decided.pk, "comment": doubt.pk},
        "postmortem_image_new": {"pk": decided.pk},
        "postmortem_image": {"pk": decided.pk, "image": image.pk},
        "action_new": {"pk": decided.pk}, "section_comment_new": {"pk": decided.pk},
        "section_comment_resolve": {"pk": decided.pk, "comment": remark.pk},
        "action": {"pk": decided.pk, "action": action.pk},
        "postmortem": {"pk": decided.pk}, "learning_new": {"pk": decided.pk},
        "follow_up_new": {"pk": decided.pk},
        "metric": {"pk": draft.primary.metric_id},
        "template": {"pk": template.pk}, "template_keep": {"pk": draft.pk},
        "overlap": {"pk": overlap.pk}, "feed_revoke": {"pk": feed.pk}, "feed_calendar": {"token": feed_token},
        "blackout": {"pk": blackout.pk}, "deadline": {"pk": deadline.pk},
        "segment": {"pk": segment.pk}, "milestone_list": {}, "milestone": {"pk": milestone_set.pk},
        "standards": {}, "standard": {"kind": "metrics"}, "agreement_list": {},
        "agreement": {"kind": "contact"}, "agreement_version": {"kind": "contact", "number": 1},
        "roadmap": {}, "roadmap_edit": {"pk": item.pk}, "roadmap_done": {"pk": item.pk},
        "roadmap_remove": {"pk": item.pk}, "quarter": turn, "scenario": {"pk": scenario.pk},
        "sign_mute": {"pk": sign.pk}, "process_experiment_list": {}, "process_experiment_new": {},
        "library_credit": {}, "library_credit_new": {}, "library_credit_add": {},
        "library_credit_undo": {"pk": credit.pk},
        "process": {"pk": process.pk}, "process_postmortem_new": {},
        "process_postmortem_section": {"pk": back.pk, "section": "surprises"},
        "process_postmortem_settle": {"pk": back.pk, "conflict": clash.pk},
        "process_postmortem_image": {"pk": back.pk, "image": chart.pk},
        "process_section_comment_resolve": {"pk": back.pk, "comment": doubted.pk},
        "process_action_done": process_action, "process_action_remove": process_action,
        **{f"process_{name}": {"pk": back.pk} for name in OF_A_PROCESS},
        "process_experiment_move": {"pk": process.pk, "transition": "start"},
        "scenario_list": turn, "scenario_compare": turn,
        "scenario_leave": {"pk": scenario.pk, "row": scenario.rows.get().pk},
        "quarter_turn_slip": {**turn, "experiment": running.pk},
        "quarter_turn_carry": {**turn, "experiment": running.pk},
        "quarter_turn_look": {**turn, "kind": "metrics"},
        "learning_detail": {"pk": learning.pk}, "learning_scope": {"pk": learning.pk}, "idea_cite": {"pk": scored.pk},
        "learning_link": {"pk": learning.pk, "link": link.pk},
        "learning_collect": {"pk": learning.pk}, "collection_list": {}, "collection_new": {},
        "collection_item_move": {"pk": collected.collection_id, "item": collected.pk},
        "collection_item_remove": {"pk": collected.collection_id, "item": collected.pk},
        "collection": {"pk": collected.collection_id},
        "citation_remove": {"pk": scored.pk, "citation": citation.pk},
        "learning_remove": {"pk": decided.pk, "learning": learning.pk},
        "plan_size": {"pk": scored.pk}, "idea_export": {"kind": "csv"},
        "calendar_export": {"kind": "csv"}, "pod_limit": {"pk": pod.pk},
    }  # fmt: skip


OF_A_PROCESS = (
    "postmortem_detail", "postmortem_edit", "postmortem_writing", "postmortem_publish",
    "postmortem_read", "postmortem_note", "postmortem_image_new", "section_comment_new", "action_new",
    "follow_up_new",
)  # fmt: skip


def address(route: str, world: dict) -> str:
    name = route.partition(":")[2] or route
    for key in (name, name.partition("_")[0]):
        if key in world:
            try:
                return reverse(route, kwargs=world[key])
            except NoReverseMatch:  # a list page takes no arguments
                continue
    return reverse(route)


@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_gets_just_what_their_role_allows(world, actor, request, client_of):
    rank = ACTORS[actor]
    person = None if actor == "anonymous" else request.getfixturevalue(actor)
    client, wrong = client_of(person) if person else Client(), []
    for route, least in PAGES.items():
        for method, needed in zip(("get", "post"), least, strict=True):
            if needed is None:
                continue
            answer = getattr(client, method)(address(route, world))
            if person and outcome(answer) == "sign in":  # a step before has ended the session
                person.refresh_from_db()
                client = client_of(person)
                answer = getattr(client, method)(address(route, world))
            if outcome(answer) != expected(rank, needed, route):
                wrong.append((method, route, answer.status_code, expected(rank, needed, route)))
    assert not wrong, "\n".join(map(str, wrong))


def outcome(answer) -> str:
    if answer.status_code == 302 and "/account/login/" in answer["Location"]:
        return "sign in"
    return {403: "no", 404: "unseen"}.get(answer.status_code, "yes")


def expected(rank: int, needed: int, route: str) -> str:
    """Nobody unknown gets in; outsiders do not see a pod's things; the others see and may not."""
    if needed == LEADS_SOMETHING:
        needed = SIGNED_IN if rank == SIGNED_IN else LEAD  # Charlie leads another pod
        return "yes" if rank >= needed else ("sign in" if rank == EVERYBODY else "no")
    if needed == WORKS_SOMEWHERE:
        needed = SIGNED_IN if rank == SIGNED_IN else MEMBER  # Charlie leads another pod
        return "yes" if rank >= needed else ("sign in" if rank == EVERYBODY else "no")
    if needed == OWNER_WHERE_SEEN:
        return "unseen" if rank == SIGNED_IN else expected(rank, OWNER, route)
    if needed == MEMBER_SEEN_BY_ALL:
        return "no" if rank == SIGNED_IN else expected(rank, MEMBER, route)
    if rank >= needed:
        return "yes"
    if rank == EVERYBODY:
        return "sign in"
    of_a_pod = VIEWER <= needed <= LEAD
    return "unseen" if rank == SIGNED_IN and of_a_pod else "no"


def test_a_token_can_be_revoked_by_its_owner_only(world, client_of, adam, alice):
    path = address("backlog:token_revoke", world)
    assert client_of(adam).post(path).status_code == 404
    assert client_of(alice).post(path).status_code == 302


@pytest.mark.parametrize("actor", ["charlie", "vera", "bob"])
def test_the_api_keeps_to_the_same_roles(world, actor, request, client_of, pod):
    """What a pod's outsider, viewer and member meet under /api/v1/."""
    client = client_of(request.getfixturevalue(actor))
    sees = actor != "charlie"
    one = {
        "ideas": world["idea"]["pk"], "rounds": world["round"]["pk"],
        "round-ideas": world["round_score"]["item"], "experiments": world["experiment"]["pk"],
        "pods": pod.pk, "objectives": world["objective"]["pk"],
    }  # fmt: skip
    for noun, pk in one.items():
        assert client.get(f"/api/v1/{noun}/{pk}/").status_code == (200 if sees else 404), noun
        shown = [row["id"] for row in client.get(f"/api/v1/{noun}/").json()["results"]]
        assert (pk in shown) == sees, noun
    for path, allowed in (
        (f"ideas/{one['ideas']}/moves/", False),
        (f"rounds/{one['rounds']}/close/", False),
        (f"rounds/{one['rounds']}/ideas/", False),
        (f"round-ideas/{one['round-ideas']}/reveal/", False),
        (f"round-ideas/{one['round-ideas']}/score/", actor == "bob"),
        (f"experiments/{one['experiments']}/observations/", actor == "bob"),
        (f"experiments/{one['experiments']}/decision/", actor == "bob"),
    ):
        code = client.post(f"/api/v1/{path}", {}, content_type="application/json").status_code
        assert code in ((400, 409) if allowed else (403 if sees else 404,)), path


def test_every_page_has_a_whole_frame(world, olive, client_of):
    """A view whose context takes a name of the frame's own leaves the rail empty."""
    client, bare = client_of(olive), []
    for route, (get, _) in PAGES.items():
        if get is None:
            continue
        answer = client.get(address(route, world))
        body = b"" if answer.streaming else answer.content
        if b'class="rail"' in body and not (
            b">Library</span>" in body and b">All pods</span>" in body
        ):
            bare.append(route)
    assert not bare
