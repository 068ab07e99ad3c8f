"""One engine, any number of API processes: what is told and what is asked goes through Redis, and no call waits for it.

* `link`       the connection, its time-outs, the names of the keys, and how things are written.
* `broadcast`  the engine's side: holds the lease, publishes what it tells, answers what it is asked.
* `remote`     the other side: a switchboard as the API knows it, fed from the stream.
* `log_ins`    log-ins and tickets, known to all processes.
"""
