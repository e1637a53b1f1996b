"""An idea from the pasted text of an e-mail: subject and body, without what mail programs add.

Patterns are only tried on lines as short as those that mail programs write.
"""

import re

HEADER = re.compile(
    r"^(from|to|cc|bcc|date|sent|subject|reply-to|von|an|gesendet|betreff|datum|de|para|enviado|"
    r"asunto|fecha|message-id|mime-version|content-[a-z-]+)\s*:\s*(.*)$",
    re.IGNORECASE,
)
SUBJECT = {"subject", "betreff", "asunto"}
REPLY = re.compile(r"^((re|aw|fw|fwd|wg|rv)\s*:\s*)+", re.IGNORECASE)
QUOTED_FROM_HERE = re.compile(
    r"^(---.*(original|forwarded|weitergeleitet|reenviado).*|on .{6,120} wrote:|"
    r"am .{6,120} schrieb.*:|el .{6,120} escribió:)$",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"^(--|—|sent from my .*|von meinem .* gesendet|enviado desde mi .*)$", re.I)

LONGEST_TEXT, LONGEST_MARK = 50_000, 300


def read_mail(text: str) -> tuple[str, str]:
    """Subject and body of a pasted e-mail. Without a subject, the first line becomes one.

    Headers, quoted lines and what follows a signature's mark are left out.

    >>> read_mail("From: Bob\\nSubject: Re: Name the series\\n\\nThey ask.\\n> old\\n--\\nBob")
    ('Name the series', 'They ask.')
    >>> read_mail("Name the series\\n\\nThey ask.")
    ('Name the series', 'They ask.')
    """
    lines = text[:LONGEST_TEXT].replace("\0", "").replace("\r\n", "\n").strip().split("\n")
    subject, place = "", 0
    for place, line in enumerate(lines):  # noqa: B007  (the body starts where this ends)
        header = HEADER.match(line)
        if not header:
            break
        name, value = header.groups()
        subject = value.strip() if name.lower() in SUBJECT else subject
    body: list[str] = []
    for line in lines[place:]:
        if _ends_the_text(line.strip()):
            break
        if not line.lstrip().startswith(">"):
            body.append(line.rstrip())
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip("\n")
    if not subject:
        subject, _, words = words.partition("\n")
    return REPLY.sub("", subject).strip()[:200], words.strip()


def _ends_the_text(line: str) -> bool:
    is_short = len(line) <= LONGEST_MARK
    return is_short and bool(SIGNATURE.match(line) or QUOTED_FROM_HERE.match(line))
