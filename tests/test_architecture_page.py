"""ARCHITECTURE.md says what the code says."""

from tests.diagrams import PAGE, with_diagrams


def test_the_diagrams_are_those_of_the_tables():
    page = PAGE.read_text()
    assert with_diagrams(page) == page, "run: make diagrams"
