"""
What every room stands on; it has no rows.

errors counted text money paging   refusals, text as people type it, money, long lists
tokens codes addresses             secrets, mailed codes, and e-mail addresses
origin clock                       the world around an act, as the edge brings it
figures durations languages        what sentences say of numbers, and in which languages
database prepared fields           what differs between the two engines
postgresql                         Django's own engine, with one thing done more cheaply
uploads                            the files that people send
"""
