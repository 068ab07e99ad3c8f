"""Menus that callers hear: data in YAML, and one pure walker; nothing here ever touches a call.

The nouns, in the order in which a call meets them:

**Menu** (`ivr.steps`)
    Named steps and the one to start with. A step says something (`Say`), asks for a key (`Choose`) or a score (`Ask`),
    looks at the caller (`Branch`), or ends the menu: `Enqueue`, `HangUp`, `Dialplan`.

**Facts** (`ivr.steps`)
    All that a menu may know about a caller. A `Condition` is a question about them, as data.

**Place** (`ivr.walk`)
    Where a caller stands in a menu, and all there is to remember about it. It is small and frozen,
    so the engine keeps it with the call and a journal can replay it.

**Walk** (`ivr.walk`)
    The answer to everything that happens at a place: the next place and the **actions** to perform
    (`Play`, `Listen`, `QueueCall` …). Whoever performs them tells the walker what came of it.

**Arrows** (`ivr.arrows`)
    The ways from step to step, and the two promises drawn from them: every step can be reached, and
    a caller who stays silent always reaches an end.

**BrokenFile** (`ivr.loader`)
    Everything that is wrong with a menu file, line by line. A menu which loads keeps the promises;
    the walker relies on them. The loader is the only module here that reads a file (its YAML is
    read by `ivr.plain_yaml`), and this page does not import it: the core takes the walker alone.

To change what callers hear, edit `ivr/menus/`; no Python is needed.
"""
