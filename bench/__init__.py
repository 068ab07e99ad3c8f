"""Measures Cordboard beside its peers and prints the ratio; must never decide whether a test passes."""
