"""What tells earlier scores leaves the texts that stay readable while an idea is blind again.

Numbers that an import wrote into descriptions get a field; history names a note without its words.
"""

import re

from django.db import migrations, models

LINE = re.compile(r"(?:^|\n\n)Scores in the sheet: ((?:impact|confidence|ease) [^\n]{1,300})(?=\n\n|\Z)")


def move_out(apps, schema_editor):
    ideas = apps.get_model("backlog", "Idea").objects.using(schema_editor.connection.alias)
    written = ideas.filter(came_by__isnull=False, description__contains="Scores in the sheet: ")
    for idea in written.only("description").iterator():
        found = LINE.search(idea.description)
        if found:
            rest = idea.description[: found.start()] + idea.description[found.end() :]
            ideas.filter(pk=idea.pk).update(
                description=rest.strip("\n"), imported_scores=found[1][:200]
            )


def shorten_history(apps, schema_editor):
    events = apps.get_model("backlog", "Event").objects.using(schema_editor.connection.alias)
    noted = events.filter(verb="note", sentence__contains=" noted on its scores: ")
    for event in noted.only("sentence").iterator():
        who = event.sentence.partition(" noted on its scores: ")[0]
        events.filter(pk=event.pk).update(sentence=f"{who} noted why its scores moved.")


def move_back(apps, schema_editor):
    ideas = apps.get_model("backlog", "Idea").objects.using(schema_editor.connection.alias)
    for idea in ideas.exclude(imported_scores=None).only("description", "imported_scores"):
        parts = (idea.description, f"Scores in the sheet: {idea.imported_scores}")
        ideas.filter(pk=idea.pk).update(description="\n\n".join(part for part in parts if part))


class Migration(migrations.Migration):
    dependencies = [("backlog", "0015_who_holds_a_lease")]

    operations = [
        migrations.AddField(
            model_name="idea",
            name="imported_scores",
            field=models.CharField(editable=False, max_length=200, null=True),
        ),
        migrations.RunPython(move_out, move_back),
        migrations.RunPython(shorten_history, migrations.RunPython.noop),
    ]
