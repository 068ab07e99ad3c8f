"""What the API's page says above its operations: what is so of all of them, in words and nothing else."""

ABOUT = """
Log in with `POST /v1/session`, and send the token as `Authorization: Bearer …`. Times are milliseconds
since 1970 in UTC, durations are milliseconds. Every agent and call carries `allowed`: what you may do now.
What is allowed is not refused; what is not, is refused or would change nothing. Agents carry `forcible`
besides: what a supervisor may do that they cannot. Whatever takes a number, agent or queue may be refused for that
one (`no-route`, `outside-hours`, `agent-not-free`, `queue-refuses` …). `make-call` is listed while there is somebody
whom this agent may call: not when calling out is stopped or his own cap is reached, unless the centre has emergency
numbers, which nothing holds up. The centre's cap comes and goes with the calls of others: of that only the refusal
tells (`centre-cap`). When calling out is stopped or allowed again, `deflect` of the calls that wait goes or comes,
which is told once, by `supervised` with the action `stop-outbound` or `allow-outbound`, and not for each of them.
`listen`, `whisper` and `barge` are refused while your own agent is not on shift or has something in hand.
`clear` is answered when the hanging up has begun: `call-ended` says that it is done.
Whatever is done to an agent by another is in `/v1/audit`.

| in `allowed` | how |
|---|---|
| `log-in` | `PUT /v1/agents/{agent}/shift` with no body, or `{"desk": "desk-12"}`: to sit there, on shift too |
| `log-out` | `DELETE /v1/agents/{agent}/shift` |
| `become-ready` | `PUT /v1/agents/{agent}/state` `{"state": "ready"}` |
| `become-not-ready` | `PUT /v1/agents/{agent}/state` `{"state": "not-ready", "reason": "break"}` |
| `set-do-not-disturb`, `lift-do-not-disturb` | `PUT`, `DELETE /v1/agents/{agent}/do-not-disturb` |
| `finish-wrap-up` | `DELETE /v1/agents/{agent}/wrap-up` |
| `extend-wrap-up` | `PUT /v1/agents/{agent}/wrap-up/extension` |
| `make-call` | `POST /v1/calls` `{"number": "010 6555 1234"}` |
| `accept-preview`, `skip-preview` | `PUT /v1/agents/{agent}/preview` `{"task": "t-1f3a", "answer": "accept"}` |
| `answer` | `POST /v1/calls/{call}/answer` |
| `reject` | `DELETE /v1/calls/{call}/offers/{agent}` |
| `deflect` | `POST /v1/calls/{call}/offers/{agent}/deflect` `{"queue": "sales"}` or as `transfer` |
| `deflect`, of a call that waits | `POST /v1/calls/{call}/deflect` `{"number": "010 6555 1234"}` |
| `set-requirement` | `PUT /v1/calls/{call}/requirement` `{"requires": "chinese and fridge >= 60"}` |
| `set-priority` | `PUT /v1/calls/{call}/priority` `{"priority": 5}` |
| `move-to-queue` | `PUT /v1/calls/{call}/queue` `{"queue": "sales"}` |
| `move-to-front` | `PUT /v1/calls/{call}/place` `{"place": "first"}` |
| `hold`, `retrieve` | `PUT`, `DELETE /v1/calls/{call}/hold` |
| `transfer` | `POST /v1/calls/{call}/transfer` `{"queue": "sales"}`, `{"agent": "bob"}`, `{"number": "01065551234"}` |
| `consult`, `cancel-consult` | `POST` (as `transfer`), `DELETE /v1/calls/{call}/consult` |
| `alternate` | `POST /v1/calls/{call}/consult/alternate` |
| `complete-consult` | `POST /v1/calls/{call}/consult/complete` |
| `conference` | `POST /v1/calls/{call}/conference` |
| `remove-party`, `leave` | `DELETE /v1/calls/{call}/parties/{agent}` or `DELETE /v1/calls/{call}/outsiders/{number}` |
| `mute-party`, `unmute-party` | `PUT`, `DELETE /v1/calls/{call}/parties/{agent}/mute` or `…/outsiders/{number}/mute` |
| `record`, `stop-recording` | `PUT`, `DELETE /v1/calls/{call}/recording` |
| `pause-recording`, `resume-recording` | `PUT`, `DELETE /v1/calls/{call}/recording/pause` |
| `write-data` | `PUT /v1/calls/{call}/data` `{"data": {"order": "4711"}}` |
| `listen`, `whisper`, `barge` | `PUT /v1/calls/{call}/supervision` `{"mode": "listen"}` |
| `take-over` | `POST /v1/calls/{call}/supervision/take-over` |
| `stop-supervising` | `DELETE /v1/calls/{call}/supervision` |
| `cancel-callback` | `DELETE /v1/callbacks/{callback}` |
| `send-tones` | `POST /v1/calls/{call}/tones` `{"keys": "12#"}` |
| `clear` | `DELETE /v1/calls/{call}` |
| `record-outcome` | `PUT /v1/calls/{call}/outcome` `{"outcome": "solved"}`; of an agent's `undisposed`, too |

| in `forcible` | how |
|---|---|
| `force-ready`, `force-not-ready`, `force-finish-wrap-up`, `force-log-out` | `POST /v1/agents/{agent}/force` |
| `change-duties` | `PUT`, `DELETE /v1/agents/{agent}/duties` |

Where a queue's strategy is `external`, a user of the role `router` hears `route-requested` on the WebSocket, and
says within the queue's `route_ms` who is to have the call: `PUT /v1/calls/{call}/route`
`{"route": 1, "agents": ["bob", "ana"]}` rings the first of these who still can, `{"route": 1, "again_ms": 2000}`
says: nobody yet. The candidates are kept for the call until then. With no answer the queue's own strategy decides,
and after three in a row nobody is asked for ten seconds. What you have missed is over: it is not asked again.

Send each command with an `Idempotency-Key` of your own, such as a UUID. If the line breaks, send the same again
under the same key: nothing is done twice, and you get the first answer, with `Idempotency-Replayed: true`, also
while the first is still at work, and at any process of this API. It is kept for 24 hours, or until there are too
many newer ones. Never kept are 401, 429, 5xx, and what `/v1/session`, `/v1/ws-ticket` and `/v1/keys` say.

There are limits, and beyond them the answer is 429 with `Retry-After`: a user may send 500 commands at once and 50
each second after that, and have 32 sockets; somebody who does not know the password may try five times a minute for
a user, and 20 times from one address. A body may have 16 KiB (413), where lists are brought in 2 MiB. What only asks
is not counted.

Every refusal has the body `{"error": {"reason", "message"}}`: the reason is for programs and does not
change, the message is for people and may.
"""
