"""
Cases: what people must look into before it has an effect, such as access lost altogether.

keeping   their numbers, and the key that seals what people wrote and sent, until it is destroyed
papers    identity papers: taken, and looked at by the worker
review    the reviewers and their places, what they see, decisions, objections, and the effect
"""
