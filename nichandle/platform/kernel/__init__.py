"""
What every room stands on; it has no rows.

errors counted money paging   refusals, and those that leave a trace; money, long lists
tokens codes addresses        secrets, mailed codes, and e-mail addresses
act origin clock              the world around an act, as the edge brings it
wording                       text as typed, figures, lengths of time, languages, look-alikes
upgrades                      what migrations of several rooms have in common
database fields               what differs between the two engines
postgresql sqlite3            Django's own engines: one cheaper, one that makes no file by itself
reading uploads               what several rooms know, asked together; files that people send
"""
