"""Asterisk's two languages, ARI and AMI, and a lab of its own to try them on."""
