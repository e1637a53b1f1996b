"""`make check` sees what could make markup of people's words; here it is held against planted faults."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("check_markup", ROOT / "deploy" / "check_markup.py")
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)


def test_nothing_stands_there_without_a_reason(capsys):
    assert check.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "{{ idea.title|safe }}",
        "{% for tag in tags|safeseq %}",
        "{% autoescape off %}",
        """<b hx-vals='{"a": "{{ idea.title }}"}'>""",
        "<b onclick='go()'>",
        "<b class={{ idea.title }}>",
        "<script>const title = '{{ idea.title }}'</script>",
        '<b style="width: {{ idea.title }}">',
        '<form hx-post="/x">',
        '<div hx-swap-oob="true">',
        '<div hx-inherit="*">',
    ],
)
def test_a_template_that_trusts_a_text_is_seen(tmp_path, line):
    page = tmp_path / "page.html"
    page.write_text(f"<p>{line}</p>")
    assert list(check.in_text(page, check.IN_TEMPLATES))


@pytest.mark.parametrize(
    "line",
    [
        "mark_safe(idea.title)",
        "SafeString(f'<b>{title}</b>')",
        "format_html('<b>' + title + '</b>')",
        "format_html(f'<b>{title}</b>')",
        "class Title(str):\n    def __html__(self): return self",
        "@html_safe\nclass Title(str): ...",
    ],
)
def test_python_that_trusts_a_text_is_seen(tmp_path, line):
    module = tmp_path / "module.py"
    module.write_text(f"{line}\n")
    assert list(check.in_python(module))


@pytest.mark.parametrize(
    "line", ["box.innerHTML = title;", "box.insertAdjacentHTML('x', title)", "eval(title)"]
)
def test_a_script_that_trusts_a_text_is_seen(tmp_path, line):
    module = tmp_path / "module.js"
    module.write_text(line)
    assert list(check.in_text(module, check.IN_SCRIPTS))
