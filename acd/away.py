"""What is kept cannot be had just now: what whoever keeps things raises, and whoever asks for them may meet."""


class StoreAwayError(Exception):
    """The text says what is wrong, where, and what to do: for ops, and not for whoever asked."""
