"""The reviewers' pages: a sign-in of their own, the list of cases, and each case to its end."""
