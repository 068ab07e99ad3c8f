"""The brain: inputs go in, outputs come out, and nothing else happens here.

A tour of the nouns, in the order in which a call meets them:

* `events`     what Asterisk (and the clock, and the directory) reports. It has happened; it cannot be refused.
* `requests`   what people ask for. It may be refused, with a reason from one list.
* `commands`   what Asterisk (and the directory) is told to do. Its result comes back as an event.
* `notices`    what people are told: the ledger, the WebSocket and the metrics are built from these alone.
* `call`, `agent`, `offer`, `queue`   the four things that have a life; the first three each carry their
  table of moves (`MOVES`), the fourth keeps two lists in order: who waits, and who is idle.
* `customer`   who is calling, how sure we are, and whether he already called within the window.
* `strategies` which idle agent comes first. `matching` which call is offered to which agent, after every input.
* `timers`     the deadlines, owned here, fired by the shell.
* `state`      everything known now. `engine` the table of contents: which handler serves which input.
* `board`      the view of it all that can be rebuilt from notices alone, in any process.

Nothing in this package may read a clock, draw a random number, do input or output, log, or import a
library that does. Every input carries `at`: milliseconds since 1970 in UTC, stamped once at the edge.
"""
