"""
Delivery: the operator's own systems are asked to provide what was paid, and say when it is there.

asking       the question, sent by the worker, and sent again
answering    what the answer brings: from the receiver, the command line, or the demo itself
signing      how both sides know who speaks
"""
