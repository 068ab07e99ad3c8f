"""What each input changes: `(state, input) → outputs`, one file for each part of a call's life.

* `arrivals`       a call comes, is recognised, and begins in a menu or a queue
* `menus`          the caller walks through a menu
* `waiting`        the caller waits in a queue, or is given back to the dialplan
* `announcing`     over his music he is told where he stands and how long it will take
* `offers`         an agent's phone rings, is picked up or not, and is connected
* `departures`     a call leaves, at whatever moment
* `failures`       Asterisk did not do what it was told
* `workforce`      agents log in and out, pause, wrap up; phones change their state
* `outages`        an Asterisk is lost and found; a restart falls in with what is there

A handler changes the state and says what follows; it never matches calls with agents: `matching` does
that after every input.
"""
