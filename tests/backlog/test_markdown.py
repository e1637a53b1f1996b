"""What people write becomes safe HTML."""

import re

import pytest

from backlog.markdown import render


def test_it_renders_what_a_write_up_needs() -> None:
    html = render(
        "## What we saw\n\nTwo **arms**:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    for part in ("<h4>What we saw</h4>", "<strong>arms</strong>", "<li>one</li>", "<td>1</td>"):
        assert part in html


def test_a_link_passes_nothing_on() -> None:
    assert render("[here](https://example.org)") == (
        '<div class="prose" hx-disable>'
        '<p><a href="https://example.org" rel="nofollow noopener">here</a></p>\n</div>'
    )


@pytest.mark.grooming("E10")
@pytest.mark.parametrize(
    ("text", "address", "after"),
    [
        ("see https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2", "."),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)", ")"),
        ("HTTP://example.org/*now*, please", "HTTP://example.org/", "<em>now</em>"),
        ("https://example.org/ä/", "https://example.org/%C3%A4/", ""),
    ],
)
def test_an_address_in_a_text_is_a_link_without_what_ends_the_sentence(
    text: str, address: str, after: str
) -> None:
    html = str(render(text))
    assert f'<a href="{address}" rel="nofollow noopener">' in html
    assert f"</a>{after}" in html


@pytest.mark.parametrize(
    "text",
    [
        "`https://example.org`",
        "javascript://example.org/%0aalert(1)",
        "xhttps://example.org",
        "https://",
        "    https://example.org",
    ],
)
def test_what_is_no_address_of_a_page_is_no_link(text: str) -> None:
    assert "<a " not in render(text)


def test_links_never_stand_in_each_other() -> None:
    assert render("[https://b.org](https://a.org)").count("<a ") == 1


def test_markup_in_an_address_stays_text() -> None:
    html = str(render('https://example.org/"onmouseover="alert(1) https://e.org/<b>x</b>'))
    assert " onmouseover=" not in html.replace("&quot;", "")
    assert "<b>" not in html


def test_a_name_in_an_address_is_nobodys() -> None:
    assert "mention" not in render("https://example.org/@Ana", people=[(1, "Ana Ruiz")])


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](https://example.org/pixel.gif)",
        '<p style="position:fixed">x</p>',
        "<svg/onload=alert(1)>",
        "[x](vbscript:msgbox)",
    ],
)
def test_nothing_active_comes_out(text: str) -> None:
    html = str(render(text))
    for risk in (
        "<script",
        "<img",
        "<svg",
        "<p style",
        'href="javascript',
        'href="data',
        'href="vb',
    ):
        assert risk not in html


@pytest.mark.parametrize(
    "text",
    [
        '<b hx-post="/people/2/role/" hx-trigger="load">x</b>',
        '<b data-hx-get="/x" data-open="quick-idea" data-key="e" id="main" class="btn">x</b>',
        '[x](/y "hx-get=/z"){hx-get=/z data-key=e}',
        '<form name="htmx" action="/x"><input name="body"></form>',
    ],
)
def test_nothing_that_a_script_of_ours_obeys_comes_out(text: str) -> None:
    names = re.findall(
        r"<[^<>]*?\s([\w-]+)(?:=|>|\s)", str(render(text)).split("hx-disable>", 1)[1]
    )
    assert set(names) <= {"href", "title", "rel"}
    assert "<form" not in render(text)


def test_line_breaks_are_kept_and_nothing_gives_nothing() -> None:
    assert "<br" in render("one\ntwo")
    assert render("") == ""
