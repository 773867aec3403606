"""Papers of a case: taken, sealed under a key of its own, drawn for reviewers, erased."""
