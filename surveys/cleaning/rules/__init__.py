"""The checks as plain arithmetic on arrays: no Django, no database.

Not here yet, because the data they need are not collected yet: `interviewer` (call-back results,
audio durations) and the signals of gaming per employee (invitations, store networks). Both open a
case for a person and never change a verdict, so nothing below depends on them.
"""
