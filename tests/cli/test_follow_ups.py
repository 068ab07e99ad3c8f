"""Lists on a terminal: how each of them stands."""

from rich.console import Console

from acd.cli.follow_ups import table_of_lists


def test_a_list_is_a_line() -> None:
    one = {
        "id": "l-1",
        "rule": "check",
        "name": "Repairs",
        "created_at": 1,
        "created_by": "sue",
        "closed_at": 2,
        "states": {"open": 3, "offered": 1, "calling": 1},
        "outcomes": {"refused": 1, "reached": 2},
    }
    console = Console(width=120, record=True)
    console.print(table_of_lists([one]))  # type: ignore[list-item] # As the API says it.
    text = console.export_text()
    assert "reached 2, refused 1" in text and "closed" in text
