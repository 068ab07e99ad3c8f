"""Text on its way through spreadsheets: how a file is encoded, and cells that none of them runs; knows no column.

A spreadsheet would run a cell that begins with =, +, - or @, and makes 8.6E+12 of +8613800138000. Where we write a
file, such a cell has an apostrophe before it; where we read one, that apostrophe is taken off.
"""

import codecs
from typing import BinaryIO

SEPARATORS = ",;\t"
# For Excel, which else takes a file for one in the code page of its country.
MARK = "\ufeff"
# A spreadsheet of an East Asian office takes the wide ones for the narrow ones.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PIECE = 1 << 20


class BadFile(Exception):
    """The file cannot be read at all; the text says why, and what to do."""


def guarded(cell: str) -> str:
    """The cell as no spreadsheet runs it."""
    return f"'{cell}" if _is_touched(cell) else cell


def bare(cell: str) -> str:
    """The cell without the apostrophe of `guarded`."""
    return cell[1:] if cell[:1] == "'" and _is_touched(cell[1:]) else cell


def _is_touched(cell: str) -> bool:
    """Whether one would run it, or it looks as if we had guarded it."""
    return cell.lstrip(" ").startswith((*_RUNS, "'"))


def encoding_of(file: BinaryIO) -> str:
    """How this is encoded: UTF-8, with or without a mark, UTF-16 with one, or GB18030. Raises BadFile.

    A text in UTF-8 with a broken byte in it is still UTF-8, and its broken rows are told; so GB18030 is only
    what breaks before it has held a character as UTF-8.
    """
    mark = file.read(3)
    file.seek(0)
    if mark == b"\xef\xbb\xbf":
        return "utf-8-sig"
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            begins = error.object[: error.start]
            if encoding == "utf-8" and len(begins.decode("utf-8").encode("ascii", "ignore")) < len(
                begins
            ):
                file.seek(0)
                return "utf-8"
        else:
            file.seek(0)
            return encoding
    raise BadFile("is neither UTF-8 nor GB18030. Save it as UTF-8, or name it: --encoding")
