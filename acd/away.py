"""What is kept or known elsewhere cannot be had just now: what its keeper raises, and who asks for it may meet."""


class StoreAwayError(Exception):
    """The text says what is wrong, where, and what to do: for ops, and not for whoever asked."""

    passes = False  # Whether the same may succeed a moment later.


class IssuerAwayError(Exception):
    """Who says who people are cannot be asked now, so nobody can be believed; the text says which it is."""
