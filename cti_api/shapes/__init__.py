"""What goes over the wire, every shape once: checked on the way in, typed and documented on the way out.

Answers are typed dicts: mypy checks what makes them, OpenAPI describes them, and nothing but the encoder
runs when they are sent. Times are milliseconds since 1970 in UTC, durations are milliseconds. A shape says how
things look, never who may see them. A new one is found in its module by the documentation, and needs no list.
"""
