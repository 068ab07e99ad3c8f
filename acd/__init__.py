"""Cordboard: the engine of a call centre, and what connects it to Asterisk, to a database and to people."""
