"""Each of these translates one foreign language; nothing is decided here."""
