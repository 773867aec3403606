"""
A transaction that a counted refusal commits: what it counted stays although it refuses.

A wrong code is counted, with the row locked, in the transaction that would have let the right one
in. Raised through a plain ``atomic`` block the refusal would roll its own count back, and whoever
guesses could go on for ever. Through this one it goes after the commit.
"""

from types import TracebackType

from django.db import connection, transaction


class TraceLost(Exception):
    """A bug: a refusal that says it was counted would be rolled back together with its count."""


class _Counting(transaction.Atomic):
    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if getattr(raised, "counted", False):
            kind = raised = traceback = None
        # It returns nothing, so that what was raised goes on to the caller in either case.
        super().__exit__(kind, raised, traceback)


def counting() -> transaction.Atomic:
    """
    Begin a transaction that a refusal which is ``counted`` commits; all else rolls it back.

    It is the outermost (durable, in Django's word): inside another block the commit would be a
    savepoint's, and the other would still roll back.
    """
    return _Counting(using=None, savepoint=True, durable=True)


def expect_commit() -> None:
    """
    Make sure that what was written until now will stay when a refusal is raised here.

    :raises TraceLost: inside an ``atomic`` block that is not ``counting``
    """
    blocks = connection.atomic_blocks
    # Tests run in a transaction of their own, which stands for no transaction at all.
    if blocks and not isinstance(blocks[-1], _Counting) and not _of_a_test(blocks[-1]):
        raise TraceLost("a counted refusal is raised inside counting(), not inside atomic()")


def _of_a_test(block: transaction.Atomic) -> bool:
    return bool(getattr(block, "_from_testcase", False))
