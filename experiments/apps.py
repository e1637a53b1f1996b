"""Evidence: what ran, what we saw, what we learned."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "experiments"
    verbose_name = "Experiments"

    def ready(self) -> None:
        """Hand in what the backlog asks for; models can't be imported before this moment."""
        from backlog import agenda, known, tried, valued  # noqa: PLC0415  (models are not ready above)
        from backlog.flows import limits, open_work, ranking, workspace  # noqa: PLC0415
        from backlog.flows.imports import kinds  # noqa: PLC0415
        from backlog.models import Import  # noqa: PLC0415
        from experiments.flows import handing_over  # noqa: PLC0415
        from experiments.flows.health.valuing import tell_of_scores  # noqa: PLC0415
        from experiments.flows.past import PAST_EXPERIMENTS  # noqa: PLC0415
        from experiments.hooks import finishing, today  # noqa: PLC0415
        from experiments.hooks.known import known_about  # noqa: PLC0415
        from experiments.hooks.sample import remove_sample_rows  # noqa: PLC0415
        from experiments.hooks.tried import tried_before  # noqa: PLC0415
        from experiments.hooks.valued import value_words  # noqa: PLC0415

        kinds.register(Import.Kind.EXPERIMENTS, PAST_EXPERIMENTS)
        agenda.register(today.waiting_for)
        agenda.register_running(today.running_for)
        tried.register(tried_before)
        known.register(known_about)
        valued.register(value_words)
        ranking.register_reader(tell_of_scores)
        limits.register(finishing.done)
        workspace.register_removal(remove_sample_rows)
        for kind in handing_over.KINDS:
            open_work.register(kind)
