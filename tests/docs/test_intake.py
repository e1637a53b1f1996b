"""docs/intake.md says what the reader does: its tables are written from the code."""

from deploy import write_intake


def test_the_tables_of_the_page_are_what_the_reader_does():
    assert write_intake.page() == write_intake.PAGE.read_text()


def test_every_table_of_the_page_has_rows():
    for name, make in write_intake.TABLES.items():
        assert len("\n".join(make())) > 50, name
