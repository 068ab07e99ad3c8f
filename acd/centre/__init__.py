"""The files of a call centre, read by what they are about; what cannot be meant is refused with its line, never mended.

`file` makes a centre of it all: queues (`queues`, with `overflow`, `repeats` and `surveys`), opening hours, calls out
and those that follow up, dispositions, reminders. `words` is what all of them share, `changes` what another version of
the files would make different.
"""
