"""What looks drawn by lot and is not, so that a replay draws the same; never a source of secrets."""

_WORD = (1 << 64) - 1


def lot(number: int, text: str) -> int:
    """64 bits that look random and are not: FNV-1a over the text, then splitmix64's finish. Never 0."""
    word = (number ^ 0xCBF29CE484222325) & _WORD
    for byte in text.encode():
        word = (word ^ byte) * 0x100000001B3 & _WORD
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _WORD
    return (word ^ (word >> 31)) or 1
