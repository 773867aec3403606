"""
Mail: written in the transaction of the fact it tells, sent by the worker.

rendering    from a row to the message that leaves
delivery     the worker's round
transports   a mail server, or files in demo mode
signals      how rooms hear what became of their mails
"""
