"""
Cases: what people must look into before it has an effect, such as access lost altogether.

papers   identity papers: taken, sealed, drawn for the reviewers, erased
review   the reviewers, their decisions, objections, and the effect
"""
