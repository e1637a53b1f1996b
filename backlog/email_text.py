"""An idea that came by e-mail, as its text was pasted: subject and body, without what mail adds."""

import re

HEADER = re.compile(
    r"^(from|to|cc|bcc|date|sent|subject|reply-to|von|an|gesendet|betreff|datum|de|para|enviado|"
    r"asunto|fecha|message-id|mime-version|content-[a-z-]+)\s*:\s*(.*)$",
    re.IGNORECASE,
)
SUBJECT = {"subject", "betreff", "asunto"}
REPLY = re.compile(r"^((re|aw|fw|fwd|wg|rv)\s*:\s*)+", re.IGNORECASE)
QUOTED_FROM_HERE = re.compile(
    r"^(-{3,}.*(original|forwarded|weitergeleitet|reenviado).*|on .{6,120} wrote:|"
    r"am .{6,120} schrieb.*:|el .{6,120} escribió:)$",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"^(--|—|sent from my .*|von meinem .* gesendet|enviado desde mi .*)$", re.I)


def read_mail(text: str) -> tuple[str, str]:
    """Subject and body of a pasted e-mail; without a subject the first line is one.

    Headers, quoted lines and what follows a signature's mark are left out.

    >>> read_mail("From: Bob\\nSubject: Re: Name the series\\n\\nThey ask.\\n> old\\n--\\nBob")
    ('Name the series', 'They ask.')
    >>> read_mail("Name the series\\n\\nThey ask.")
    ('Name the series', 'They ask.')
    """
    lines = text.replace("\0", "").replace("\r\n", "\n").strip().split("\n")
    subject = ""
    while lines and (found := HEADER.match(lines[0])):
        name, said = found.groups()
        subject = said.strip() if name.lower() in SUBJECT else subject
        lines.pop(0)
    body: list[str] = []
    for line in lines:
        if SIGNATURE.match(line.strip()) or QUOTED_FROM_HERE.match(line.strip()):
            break
        if not line.lstrip().startswith(">"):
            body.append(line.rstrip())
    while body and not body[0]:
        body.pop(0)
    if not subject and body:
        subject = body.pop(0)
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
    return REPLY.sub("", subject).strip()[:200], whole
