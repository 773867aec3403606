"""
The reviewers' pages: a sign-in of their own, the list of cases, and each case to its end.

keys browsers       what signs a reviewer in besides the password
reviewer_sessions   what signing in opens
visits              what passes between the door and operations
"""
