"""A call centre in a box: the real engine with an invented Asterisk, invented people and a virtual clock.

`agenda` is the clock, `asterisk` obeys commands with the bad manners of the real one, `office` lets
people call, pick up and hang up, `day` plays a recorded day again, `results` adds up what came of it.
Everything that happens follows from one seed. Nothing here may read
the real clock, do input or output, or decide anything that the engine decides.
"""
