"""What fills the sample's calendar: more past tests, what runs, what is planned, what waits for a place."""

from typing import NamedTuple

from experiments.flows.sample.content import BACK, GAVE, OPENED, PAID, Sketch, Trial

KEPT = ("Push kept on", "proportion", "increase", "readers", "kept push on")
CAME = ("Came back within a week", "proportion", "increase", "new readers", "came back")


def _sketch(
    pod: str, title: str, lever: str, channel: str, author: str, scores: tuple[int, int, int]
) -> Sketch:
    """An idea whose hypothesis is told in a sentence of its own."""
    saw, change, whom, what, much = HYPOTHESES[pod]
    return Sketch(
        pod, title, (saw, change, whom, what, much), lever, channel, "quarter", author, scores
    )


HYPOTHESES = {
    "LIF": ("that lapsed readers open what names their own reading", "saying it in the first line", "readers lapsed 30 to 90 days", "reactivation within 30 days", "+0.3 points"),
    "PAY": ("that trials pay when they see what they have used", "showing it before the price", "readers on a trial", "paid within 14 days", "+2 points"),
    "GIV": ("that givers answer to a person and not to a page", "letting a reporter ask", "readers of investigations", "gifts per thousand readers", "+0.8"),
    "PUS": ("that two late pushes in one evening turn push off", "sending one", "readers with push on", "push still on after 30 days", "+1 point"),
    "ONB": ("that those who choose topics come back twice as often", "asking on the first day", "new readers", "came back within a week", "+2 points"),
}  # fmt: skip

# Decided tests of the past three quarters, by quarter; those of the present one ended before today.
PAST = (
    Trial(_sketch("PUS", "Merge the two late pushes into one", "frequency", "push", "Noor", (7, 7, 8)),
          "Two late pushes merged", ("One push", "One push at nine in the evening"), KEPT, 0.62, 0.05, (0.62, 0.648), 6100, 3, -2, 3, "ship",
          "One late push keeps more readers than two.", "Readers with push on", "Nobody missed the second one."),
    Trial(_sketch("ONB", "Choose topics before the first article", "default", "app", "Elin", (7, 5, 6)),
          "Topics before the first article", ("Topics first", "Three topics, then the article"), CAME, 0.28, 0.10, (0.28, 0.262), 5300, 4, -2, 5, "roll-back",
          "Asking for topics before the first article costs readers.", "New readers in the app", "They left on the second screen."),
    Trial(_sketch("LIF", "A named editor as the sender of the win-back mail", "sender name", "e-mail", "Priya", (6, 6, 8)),
          "Named editor as sender", ("Named editor", "The editor’s name as the sender"), OPENED, 0.22, 0.06, (0.22, 0.2365), 9200, 3, -1, 5, "ship",
          "A named sender is opened more by lapsed readers.", "Readers lapsed 30 to 90 days", "Replies doubled, and the desk answers them now."),
    Trial(_sketch("PUS", "A quiet hour after eleven", "timing", "push", "Noor", (6, 6, 9)),
          "Quiet hour after eleven", ("Quiet hour", "No push after eleven"), KEPT, 0.62, 0.05, (0.621, 0.623), 6400, 4, -1, 2, "stop",
          "A quiet hour changes little for readers who keep push on.", "Readers with push on", "Night readers are few, and they did not mind."),
    Trial(_sketch("ONB", "A welcome series of three mails instead of five", "frequency", "e-mail", "Elin", (7, 6, 7)),
          "Welcome series: three", ("Three mails", "Three mails in the first week"), CAME, 0.28, 0.08, (0.279, 0.3045), 6800, 4, -1, 6, "ship",
          "Three welcome mails bring more new readers back than five.", "New readers", "The fourth mail was where most left the list."),
    Trial(_sketch("PAY", "A city’s name on the paywall", "copy", "web", "Jonas", (6, 4, 8)),
          "City on the paywall", ("City named", "“For the people of …” above the price"), PAID, 0.41, 0.08, (0.411, 0.414), 4700, 4, -1, 5, "stop",
          "Naming the city on the paywall changes little.", "Readers who meet the paywall", "Those from outside the city took it well."),
    Trial(_sketch("LIF", "The Friday teaser on Thursday", "timing", "e-mail", "Maya", (6, 5, 9)),
          "Teaser on Thursday", ("Thursday", "The same mail a day earlier"), OPENED, 0.31, 0.05, (0.311, 0.329), 21000, 2, 0, 1, "ship",
          "A teaser a day earlier is opened more.", "Friday newsletter, all readers", "The desk needed a new deadline.", is_written_up=False),
    Trial(_sketch("PUS", "Breaking news at most twice a day", "frequency", "push", "Noor", (7, 6, 8)),
          "Breaking news twice a day", ("At most two", "Two breaking pushes a day"), KEPT, 0.62, 0.05, (0.62, 0.595), 6300, 2, 0, 2, "roll-back",
          "A cap on breaking news loses readers who want all of it.", "Readers with push on", "We had asked those who leave, and not those who stay."),
    Trial(_sketch("GIV", "A thermometer on the gift page", "design", "web", "Leïla", (6, 4, 6)),
          "Gift thermometer", ("Thermometer", "How far the month has come"), GAVE, 0.08, 0.10, (0.0801, 0.0808), 12500, 3, 0, 3, "stop",
          "A thermometer on the gift page changes little.", "Gift page on the web", "It looked empty in the first week of the month."),
)  # fmt: skip

RUNNING = (
    Trial(_sketch("ONB", "One question per day in the first week", "content", "e-mail", "Elin", (8, 6, 6)),
          "First week: one question", ("One question", "A question per day about their city"), CAME, 0.28, 0.10, (0.28, 0.301), 4200, 5, 0, 0),
    Trial(_sketch("GIV", "Card first on the gift page", "default", "web", "Leïla", (7, 6, 8)),
          "Gift page: card first", ("Card first", "The card is the first way to pay"), GAVE, 0.08, 0.10, (0.08, 0.0862), 14000, 5, 0, 0),
)  # fmt: skip


class Plan(NamedTuple):
    """A test that has not started. `starts` counts weeks from this week; None waits for a place."""

    sketch: Sketch
    short: str
    metric: tuple[str, str, str, str, str]
    baseline: float
    smallest: float
    units_per_week: int
    starts: int | None
    weeks: int = 3
    is_ready: bool = False
    share: float | None = None
    people_days: float | None = None
    messages: float | None = None
    on_lapsed: bool = False
    reason: str = ""


PLANS = (
    Plan(_sketch("LIF", "Name the last series they read in the win-back mail", "subject line", "e-mail", "Tomás", (8, 5, 8)),
         "Win-back: name the series", BACK, 0.021, 0.25, 9000, 1, 4, True, 0.5, 3, 2, True),
    Plan(_sketch("LIF", "A weekly digest for lapsed readers", "frequency", "e-mail", "Jonas", (7, 6, 6)),
         "Weekly digest for lapsed", OPENED, 0.22, 0.06, 6000, 2, 3, False, 0.45, 4, 1, True,
         reason="Both are small, and the digest can’t wait for January."),
    Plan(_sketch("PUS", "A push at the reader’s own hour", "timing", "push", "Noor", (8, 6, 5)),
         "Push at the reader’s hour", KEPT, 0.62, 0.05, 4200, 1, 3, True, 0.3, 6, 7),
    Plan(_sketch("ONB", "Topics on the second visit", "timing", "app", "Elin", (7, 6, 7)),
         "Topics on the second visit", CAME, 0.28, 0.10, 3600, 2, 3, False, 0.4, 4),
    Plan(_sketch("GIV", "Ask after the third investigation of the month", "timing", "web", "Leïla", (8, 7, 7)),
         "Ask after the third", GAVE, 0.08, 0.10, 11000, 5, 3, False, 0.5, 5),
    Plan(_sketch("LIF", "A pause beside “cancel”", "offer", "web", "Maya", (8, 6, 5)),
         "Pause beside “cancel”", BACK, 0.021, 0.25, 7000, None, 6, False, 0.35, 8, on_lapsed=True),
    Plan(_sketch("LIF", "Ask what they missed before a discount", "offer", "e-mail", "Tomás", (8, 7, 8)),
         "Ask what they missed", BACK, 0.021, 0.25, 9000, None, 4, False, 0.4, 3, 1, True),
    Plan(_sketch("PAY", "Two reporters at city hall on the paywall", "copy", "web", "Leïla", (9, 6, 8)),
         "Two reporters at city hall", PAID, 0.41, 0.08, 2600, None, 4, people_days=3),
    Plan(_sketch("PAY", "The annual plan first", "price", "web", "Jonas", (8, 5, 6)),
         "Annual plan first", PAID, 0.41, 0.08, 2600, None, 4, people_days=6),
    Plan(_sketch("GIV", "Three amounts from the last gift", "price", "e-mail", "Tomás", (8, 7, 6)),
         "Three amounts", GAVE, 0.08, 0.10, 9000, None, 3, people_days=5, messages=1),
    Plan(_sketch("PUS", "A quiet Sunday digest", "frequency", "push", "Noor", (6, 5, 8)),
         "Quiet Sunday digest", KEPT, 0.62, 0.05, 4200, None, 4, False, 0.5, 2, 1),
    Plan(_sketch("ONB", "A letter from the editor on day three", "sender name", "e-mail", "Elin", (6, 6, 9)),
         "Letter on day three", CAME, 0.28, 0.10, 3600, None, 3, False, 0.5, 2, 1),
)  # fmt: skip

# Titles that people dropped in, as they do in most weeks.
DROPPED = {
    "LIF": ("A birthday mail with the front page of that day", "Win-back by post for long-time readers",
            "Leave out those who read in the app", "A survey of one question after the pause",
            "Series reminder when a new part is out", "Quieter colours in the newsletter",
            "“You are 3 articles from your yearly record”", "Crossword mail on Saturday",
            "Local weather above the newsletter", "Ask for the reason when somebody unsubscribes"),
    "PAY": ("A trial of 30 days instead of 14", "Price by region", "A student price with proof by mail",
            "Paywall after five articles instead of three", "A gift of a month for a friend",
            "Pay by invoice for companies", "Show the reporter’s face on the paywall",
            "Reader’s own history on the paywall", "Quarterly plan", "Paywall in the reader’s language"),
    "GIV": ("A gift in somebody’s name", "Round up the subscription", "A page of what gifts paid for",
            "Gift reminder at the end of the year", "A match by a foundation for one week",
            "Ask givers what they want investigated", "Gift by text message", "A badge in comments"),
    "PUS": ("Push with a picture", "Push about a followed reporter", "A weekly push instead of daily",
            "Push only for the own district", "Score updates for the local team",
            "A button “less of this” in each push", "Push in the morning only", "No push while driving"),
    "ONB": ("A tour of the archive", "A puzzle on the first day", "Ask for the district first",
            "A welcome call for annual readers", "Show what friends read", "A shorter sign-up form",
            "Newsletter choice with previews", "A checklist for the first week"),
}  # fmt: skip
AUTHORS = {"LIF": "Priya", "PAY": "Aiko", "GIV": "Leïla", "PUS": "Noor", "ONB": "Elin"}

# Who looks after which kind of standards, and what they found when the quarter began.
OWNERS = {
    "metrics": "Aiko", "segments": "Maya", "templates": "Maya", "rubric": "Ines", "naming": "Ben",
    "agreements": "Ines", "holdouts": "Aiko", "waivers": "Ines",
}  # fmt: skip
LOOKS = {
    "metrics": "Two that nobody used are gone.",
    "rubric": "Still right.",
    "naming": "The desk can read the names back.",
}
