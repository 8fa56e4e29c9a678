"""The clinic's own evidence: what became of its sessions, in counts, shares and minutes, each with how sure it is.

`went` says of one session what counts, and is kept in its brief; `groups` gathers sessions by month, protocol and
route; `intervals` says how far a number may be off; `outside` what of it may leave the clinic. Nobody is compared with
anybody: no group is of a person.
"""
