"""The brain: inputs go in, outputs come out, and nothing else happens here.

A tour of the nouns, in the order in which a call meets them:

* `events`     what Asterisk (and the clock, and the directory) reports. It has happened; it cannot be refused.
* `requests`   what people ask for. It may be refused, with a reason from one list.
* `commands`   what Asterisk (and the directory) is told to do. Its result comes back as an event.
* `notices`    what people are told: the ledger, the WebSocket and the metrics are built from these alone.
* `call`, `agent`, `offer`   the three things that have a life, each with its table of moves (`MOVES`).
* `customer`   who is calling, how sure we are, and whether he already called within the window.
* `skills`     expressions over what agents can. `demand`: what a call asks, and what an agent is able to.
* `lines`      who waits and who is idle, by kind and in order. `strategies`: which idle agent comes first.
* `matching`   which call is offered to which agent, after every input. `explain`: why, and why not.
* `hours`      open or closed, in spans that the edge has resolved.
* `timers`     the deadlines, owned here, fired by the shell.
* `state`      everything known now. `engine` the table of contents: which handler serves which input.
* `board`      the view of it all that can be rebuilt from notices alone, in any process.

Nothing in this package may read a clock, draw a random number, do input or output, log, or import a
library that does. Every input carries `at`: milliseconds since 1970 in UTC, stamped once at the edge.
"""
