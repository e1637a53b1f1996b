"""What stands in the sample workspace: a made-up newspaper, its people, ideas and tests."""

from typing import Any, NamedTuple

MAIL = "harbour.example"


class Person(NamedTuple):
    name: str
    role: str
    pods: dict[str, tuple[str, str]]  # prefix → (role, duty)
    department: str

    @property
    def email(self) -> str:
        first = self.name.split()[0].lower()
        return f"{first.translate(str.maketrans('áéïö', 'aeio'))}@{MAIL}"


PEOPLE = (
    Person("Maya Okafor", "member", {"LIF": ("lead", "strategy")}, "Marketing"),
    Person("Priya Nair", "member", {"LIF": ("member", "execution"), "PAY": ("member", "execution"), "PUS": ("member", "execution"), "ONB": ("member", "execution")}, "Editorial"),
    Person("Tomás Rey", "member", {"LIF": ("member", "execution"), "GIV": ("member", "execution")}, "Product"),
    Person("Aiko Tanaka", "member", {"LIF": ("member", "analysis"), "PAY": ("member", "analysis"), "GIV": ("member", "analysis"), "PUS": ("member", "analysis"), "ONB": ("member", "analysis")}, "Data"),
    Person("Jonas Berg", "member", {"PAY": ("lead", "strategy"), "LIF": ("member", "execution")}, "Product"),
    Person("Leïla Haddad", "member", {"GIV": ("lead", "strategy"), "PAY": ("member", "strategy")}, "Communications"),
    Person("Noor Aziz", "member", {"PUS": ("lead", "strategy"), "ONB": ("member", "strategy")}, "Product"),
    Person("Elin Dahl", "member", {"ONB": ("lead", "strategy"), "PUS": ("member", "execution")}, "Editorial"),
    Person("Sam Ford", "member", {"LIF": ("viewer", "strategy"), "PAY": ("viewer", "strategy")}, "Legal"),
    Person("Ines Costa", "owner", {}, "Central operations"),
    Person("Ben Keller", "admin", {}, "Central operations"),
)  # fmt: skip

PODS = (
    ("LIF", "Lifecycle", "More lapsed readers read again within 30 days"),
    ("PAY", "Paywall", "More trials become paying readers"),
    ("GIV", "Giving", "More readers give every month"),
    ("PUS", "Push", "More readers keep push on"),
    ("ONB", "Onboarding", "More new readers come back in their first week"),
)

# (pod or None, title, target metric, target), set in each quarter
OBJECTIVES = (
    ("LIF", "Win back readers", "Reactivated within 30 days", "from 2.1 % to 2.6 %"),
    ("PAY", "Trial to paid", "Trials paid within 14 days", "from 41 % to 44 %"),
    ("GIV", "Member gifts", "Gifts per thousand readers", "from 8.0 to 9.5"),
    ("PUS", "Push kept on", "Readers with push on after 30 days", "from 62 % to 65 %"),
    ("ONB", "First-week habit", "New readers back within a week", "from 28 % to 31 %"),
)


class Sketch(NamedTuple):
    """An idea; `scores` are what the scorers lean towards, None for one not scored yet."""

    pod: str
    title: str
    hypothesis: tuple[str, str, str, str, str]
    lever: str
    channel: str
    tags: str
    author: str
    scores: tuple[int, int, int] | None = None
    spread: int = 1


IDEAS = (
    Sketch("LIF", "Ask lapsed readers what they missed before offering them a discount",
           ("that 38 % of lapsed readers answer a one-question survey", "asking before offering", "readers lapsed 30 to 90 days", "reactivation within 30 days", "+0.5 points"),
           "offer", "e-mail", "win-back, survey", "Tomás", (8, 7, 8)),
    Sketch("LIF", "Sender name: a named editor instead of “Harbour Post”",
           ("that replies go to named editors twice as often", "sending from a named editor", "all newsletter readers", "opens", "+1 point"),
           "sender name", "e-mail", "newsletter", "Priya", (5, 5, 9)),
    Sketch("LIF", "Win-back: “pause for two months” beside “cancel”, one tap away",
           ("that a third of those who leave say “too busy right now”", "offering a pause", "readers who open the cancel page", "cancellations completed", "−8 %"),
           "offer", "web", "win-back, retention", "Maya", (8, 6, 5), 3),
    Sketch("LIF", "Weekly digest for readers with fewer than two visits a week",
           ("that light readers unsubscribe after the third daily mail", "one digest a week", "readers with under two visits a week", "unsubscribes", "−10 %"),
           "frequency", "e-mail", "newsletter", "Jonas", (7, 6, 6), 2),
    Sketch("PAY", "Paywall copy: “pays for two reporters at city hall”",
           ("that 4 in 10 who stop at the wall last read city news", "saying what a subscription pays for", "readers who meet the paywall", "paid within 7 days", "+0.7 points"),
           "copy", "web", "paywall", "Leïla", (9, 6, 8), 2),
    Sketch("PAY", "Annual plan first on the paywall, monthly behind “more options”",
           ("that annual readers stay three times as long", "showing the annual plan first", "readers who meet the paywall", "revenue per visitor", "+4 %"),
           "price", "web", "paywall, price", "Jonas", (8, 5, 6), 4),
    Sketch("PAY", "Remind trials on day 10 with the hours they have read",
           ("that readers with over two hours convert twice as often", "showing the hours read", "trials on day 10", "paid within 14 days", "+3 points"),
           "timing", "e-mail", "trial", "Priya", (7, 7, 7)),
    Sketch("GIV", "Donation ask after the third investigation read in a month, not on the first",
           ("that gifts come from readers of several investigations", "asking after the third", "readers of investigations", "gifts per thousand readers", "+1"),
           "timing", "web", "donation", "Leïla", (8, 7, 7)),
    Sketch("GIV", "Three amounts built from the last gift, the middle one marked",
           ("that most givers take a suggested amount", "amounts from the last gift", "past givers", "mean gift", "+6 %"),
           "price", "e-mail", "donation", "Tomás", (8, 7, 6), 2),
    Sketch("GIV", "Thank-you e-mail from the reporter whose piece led to the gift",
           ("that a third of givers never hear from us again", "a thank-you from the reporter", "first-time givers", "second gift within 60 days", "+2 points"),
           "sender name", "e-mail", "donation", "Aiko", (8, 5, 5)),
    Sketch("PUS", "Let readers choose three topics for push",
           ("that half of those who turn push off name one topic", "choosing topics", "readers with push on", "push still on after 30 days", "+2 points"),
           "default", "push", "push", "Noor", (8, 6, 6)),
    Sketch("ONB", "A first week of five short letters",
           ("that readers of two letters come back", "five short letters", "new readers", "came back within a week", "+2 points"),
           "length", "e-mail", "welcome", "Elin", (7, 6, 7)),
)  # fmt: skip

# On the agenda of the half-scored round of the Lifecycle pod.
IN_ROUND = (
    Sketch("LIF", "Win-back subject line: name the last series they read",
           ("that 61 % of lapsed readers finished at least one series before they left", "naming that series in the subject line", "readers lapsed 30 to 90 days", "reactivation within 30 days", "+0.6 points"),
           "subject line", "e-mail", "win-back", "Tomás", (7, 4, 8), 2),
    Sketch("LIF", "Leave out readers with an open support ticket",
           ("that complaints rise after a mailing to people who wait for an answer", "leaving them out of every mailing", "readers with an open ticket", "complaints", "−20 %"),
           "audience", "e-mail", "care", "Priya", (4, 7, 9)),
    Sketch("LIF", "Second win-back step by text message for readers without e-mail opens",
           ("that 22 % of lapsed readers open no mail at all", "a text message as the second step", "lapsed readers without opens", "reactivation within 30 days", "+0.4 points"),
           "channel", "text message", "win-back", "Jonas", (6, 5, 3), 3),
)  # fmt: skip

# Submitted with a title and little else, as people do.
NEW = (
    ("LIF", "Re-permission e-mail: choose weekly, monthly or stop", "Priya"),
    ("PAY", "Gift link for a friend at the end of the trial’s first week", "Aiko"),
    ("GIV", "Match a reader’s first gift in the last week of the year", "Leïla"),
)


class Trial(NamedTuple):
    """An experiment on an idea of its own. `starts` counts weeks from the first day of a quarter.

    `quarter` −2 and −1 are past, 0 is the present one. `rates` are the control's and the
    treatment's true values; for a mean the standard deviation stands in `sd`.
    """

    sketch: Sketch
    short: str
    arm: tuple[str, str]
    metric: tuple[str, str, str, str, str]  # name, kind, direction, unit, what they did
    baseline: float
    smallest: float
    rates: tuple[float, float]
    units: int
    weeks: int
    quarter: int
    starts: int
    choice: str = ""
    claim: str = ""
    scope: str = ""
    surprise: str = ""
    sd: float | None = None
    follow_up: str = ""
    is_written_up: bool = True  # or two people are at it


PAID = ("Paid within 14 days", "proportion", "increase", "trials", "became paying readers")
BACK = ("Reactivated in 30 days", "proportion", "increase", "lapsed readers", "read again")
OPENED = ("Opened", "proportion", "increase", "readers", "opened the mail")
GAVE = ("Gave", "proportion", "increase", "readers", "gave")
GIFT = ("Mean gift", "mean", "increase", "givers", "")
GUARDRAIL = ("Unsubscribed", "proportion", "decrease", "readers", "unsubscribed")

TRIALS = (
    Trial(Sketch("PAY", "Show the price per day on the paywall", ("that readers compare us with a coffee", "the price per day", "readers who meet the paywall", "paid within 14 days", "+3 points"), "price", "web", "paywall", "Jonas", (7, 5, 9)),
          "Price per day", ("Price per day", "“0.40 a day” under the monthly price"), PAID, 0.41, 0.08, (0.411, 0.452), 5200, 4, -2, 2, "ship",
          "A price per day sells more trials than a price per month.", "Paywall on the web, new readers", "The gain came from phones alone.", follow_up="Price per day in the app’s paywall"),
    Trial(Sketch("LIF", "Series name in the Friday newsletter’s subject line", ("that series have loyal readers", "the series’ name in the subject", "Friday readers", "opens", "+2 points"), "subject line", "e-mail", "newsletter", "Priya", (6, 6, 9)),
          "Series in the subject", ("Series name", "“Harbour noir, part 4” in the subject"), OPENED, 0.31, 0.05, (0.312, 0.303), 24000, 2, -2, 5, "roll-back",
          "A series’ name in the subject line loses opens among readers who do not follow it.", "Friday newsletter, all readers", "Readers of the series did open more, but they are too few."),
    Trial(Sketch("GIV", "A smaller first amount on the gift page", ("that half leave on the amounts", "5 instead of 10 as the first amount", "visitors of the gift page", "gave", "+1 point"), "price", "web", "donation", "Tomás", (6, 5, 8)),
          "Smaller first amount", ("From 5", "Amounts 5, 15, 30"), GAVE, 0.08, 0.10, (0.0802, 0.0811), 16000, 6, -2, 6, "stop",
          "The first amount hardly changes whether readers give.", "Gift page on the web", "We had expected smaller gifts, but they stayed the same."),
    Trial(Sketch("LIF", "Friday teaser: two stories instead of five", ("that the first two stories take 80 % of the clicks", "two stories", "Friday readers", "opens of the next issue", "+1.5 points"), "length", "e-mail", "newsletter", "Maya", (7, 6, 8)),
          "Friday teaser", ("Two stories", "Two stories, then a link to all"), OPENED, 0.31, 0.05, (0.311, 0.3265), 26000, 3, -1, 1, "ship",
          "Fewer stories in a teaser bring readers back to the next issue.", "Friday newsletter, readers of over three months", "Complaints about “less to read” did not come."),
    Trial(Sketch("PAY", "Countdown on the paywall in the last three days of a trial", ("that most trials decide on the last day", "a countdown", "trials on day 11 to 14", "paid within 14 days", "+2 points"), "urgency", "web", "trial", "Jonas", (7, 4, 7), 3),
          "Paywall countdown", ("Countdown", "Days and hours left above the price"), PAID, 0.41, 0.08, (0.414, 0.378), 6100, 4, -1, 3, "roll-back",
          "A countdown costs paying readers: pressure puts trials off.", "Trials on the web", "Support tickets about “pushy” doubled."),
    Trial(Sketch("GIV", "Monthly gift as the default on the gift page", ("that monthly givers give four times as much a year", "monthly as the default", "visitors of the gift page", "mean gift", "+6 %"), "default", "web", "donation", "Leïla", (8, 5, 9)),
          "Monthly as the default", ("Monthly first", "Monthly is ticked"), GIFT, 14.2, 0.05, (14.2, 14.31), 5200, 5, -1, 4, "stop",
          "A monthly default does not change the mean gift.", "Gift page on the web", "More chose monthly, and gave less each time.", sd=11.0),
    Trial(Sketch("LIF", "Win-back in two steps instead of three", ("that the third mail brings complaints", "two steps", "readers lapsed 30 to 90 days", "reactivated in 30 days", "+0.4 points"), "frequency", "e-mail", "win-back", "Maya", (7, 6, 8)),
          "Win-back: two steps", ("Two steps", "The second mail is the last"), BACK, 0.021, 0.25, (0.021, 0.0233), 14_000, 6, 0, 4),
    Trial(Sketch("PAY", "Hours read in the trial reminder", ("that readers with over two hours convert twice as often", "showing the hours read", "trials on day 10", "paid within 14 days", "+3 points"), "personal figures", "e-mail", "trial", "Priya", (8, 7, 7)),
          "Hours read", ("Hours read", "“You have read 3 hours” in the reminder"), PAID, 0.41, 0.08, (0.412, 0.450), 4810, 3, 0, 1),
)  # fmt: skip


class Described(NamedTuple):
    """What the catalogue says of a metric, by its name."""

    owner: str
    numerator: str
    denominator: str
    definition: str
    window_days: int | None = None
    usual_role: str = ""
    usual_margin: float | None = None
    cap_percentile: float | None = None
    is_certified: bool = False


METRICS = {
    "Paid within 14 days": Described("Jonas", "trials with a first payment", "trials that began", "A trial counts once its first payment has gone through and was not refunded within a day.", 14, "primary", is_certified=True),
    "Reactivated in 30 days": Described("Maya", "lapsed readers with a visit of a minute or more", "lapsed readers in the experiment", "A visit of at least a minute on the web or in the app. A click in an e-mail alone does not count.", 30, "primary", is_certified=True),
    "Opened": Described("Priya", "mails opened by a person", "mails delivered", "Opens by mail programs that load pictures in advance are left out.", 7, "secondary"),
    "Gave": Described("Leïla", "readers with a gift", "visitors of the gift page", "One gift or more, of any amount.", 7, "primary"),
    "Mean gift": Described("Leïla", "amount given", "givers", "A monthly gift counts with its first month.", None, "primary", cap_percentile=99),
    "Unsubscribed": Described("Priya", "readers who left the list", "readers in the experiment", "Left any list by themselves; bounces do not count.", 14, "guardrail", 0.005, is_certified=True),
}  # fmt: skip

# Who of the lapsed readers must not receive a message, why, and how many they are.
RULES: tuple[dict[str, Any], ...] = (
    {"kind": "exclude", "text": "Subscribed again on another device", "reason": "Already converted", "cost": 3_900},
    {"kind": "exclude", "text": "Has an open support ticket", "reason": "Nobody gets offers while they wait for help", "cost": 240},
    {"kind": "exclude", "text": "Opted out of experiments", "reason": "Their choice", "cost": 1_850},
)  # fmt: skip
