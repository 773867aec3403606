"""Hand-overs that the displaced contest, and warnings about an account to the reviewers."""
