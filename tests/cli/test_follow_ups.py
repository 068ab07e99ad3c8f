"""Lists on a terminal: a file becomes entries, whatever its encoding, and what is wrong with it is told."""

from pathlib import Path

import pytest
import typer
from rich.console import Console

from acd.cli.follow_ups import pieces_of, table_of_lists


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_becomes_entries(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "repairs.csv"
    rows = ["number,customer,zone,order,note", "13800138000,C-1,,S-1,冰箱", ",C-2,Asia/Tokyo,,"]
    file.write_text("\n".join(rows), encoding=encoding)
    assert list(pieces_of(file)) == [
        [
            {"number": "13800138000", "customer": "C-1", "data": {"order": "S-1", "note": "冰箱"}},
            {"customer": "C-2", "zone": "Asia/Tokyo", "data": {}},
        ]
    ]
    file.write_text("phone\n1\n")
    with pytest.raises(typer.BadParameter, match="no column number or customer"):
        list(pieces_of(file))


def test_a_quote_that_is_not_closed_takes_no_row_along(tmp_path: Path) -> None:
    file = tmp_path / "repairs.csv"
    file.write_text('number,note\n13800138000,"two\nlines"\n')
    assert list(pieces_of(file)) == [[{"number": "13800138000", "data": {"note": "two\nlines"}}]]
    file.write_text('number,note\n13800138000,"open\n13800138001,x\n')
    with pytest.raises(typer.BadParameter, match="the row from line 2 on: a quote is not closed"):
        list(pieces_of(file))


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
