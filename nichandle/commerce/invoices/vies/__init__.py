"""
VIES, the register of VAT numbers of the member states: the worker asks it, no page waits.

register   its REST service, and the stand-in of the demo
answers    what it has said, and what it is to be asked
asking     the worker's round
"""
