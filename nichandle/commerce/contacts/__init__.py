"""
Contacts: handing roles on services over, with the consent of both sides.

lifecycle   the states of a request: its steps, its endings, its place in the ledger, holds
requests    asking and answering, and what a request does once both have agreed
telling     whom one tells, and of which services
disputes    what the displaced may say, and warnings to the reviewers
"""
