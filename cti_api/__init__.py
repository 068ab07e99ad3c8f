"""How softphones, CRMs and web pages reach the call centre: HTTP and one WebSocket; decides nothing itself.

A request is parsed, its right is checked, and it is submitted; what comes of it is rendered. The order
in which to read:

* `ports`      what this package needs of the rest: the switchboard, users, tokens, calls that are over.
* `shapes`     the wire, every shape once: what is checked on the way in, typed and documented on the way out.
* `frames`     what the WebSocket sends, every frame once. `asyncapi` describes it.
* `rights`     who sees and may do what, as pure functions.
* `views`      what is going on, rendered for one who sees it all or one who sees a part.
* `masks`      which fields of a caller a role does not see.
* `feed`       notices become numbered frames, encoded once for all who may read them. `call_events` names a call's.
* `sockets`    the listeners of the feed; one that is too slow is dropped, never waited for.
* `event_stream`  the same for those who cannot use WebSockets.
* `routes`     the resources. `access` who is asking. `refusals` every reason with its status and sentence.
* `app`        puts it together.
"""
