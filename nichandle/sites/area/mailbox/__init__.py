"""The mails of demo mode, readable by a newcomer without a mail server."""
