"""
A database made by an earlier commit opens, migrates and serves.

``data/`` has one folder for each commit kept, named by day and commit. It holds for each engine the
database as plain SQL (``sqlite.sql.gz``, ``postgresql.sql.gz``) and, in a JSON file beside it, what
people had in hand at that moment: cookies, codes, links, the server's secret (of no use to anybody)
and the copies of the ledger's anchors. The databases are not empty: somebody is signed in, a change
of address and a hand-over wait, a case is being looked into, mails and jobs are queued.

Every release adds its own, made with its own code:

    .venv/bin/python -m tests.upgrade.make 2027-01-15-1a2b3c4
    .venv/bin/python -m tests.upgrade.make 2027-01-15-1a2b3c4 --source ../a/checkout/of/1a2b3c4

A folder is never made again: what counts is that the code of then wrote it. When the story grows, a
test of what is new skips the folders that do not have it yet; the folder of a release that nobody
may upgrade from any more is deleted.

**Time.** The data are as old as the commit, and sessions, codes and links end. Moving the times in
the database is no way out: those of the ledger are covered by its hashes and its anchors, sealed
texts hold times of their own, and what was tried would no longer be what the old code wrote. The
data stay as they are, and the product's processes are given a clock that shows the moment at which
they were kept (``clock/sitecustomize.py``).
"""
