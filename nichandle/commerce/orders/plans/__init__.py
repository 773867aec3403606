"""
Plans: a service becomes a larger one now, or a smaller one with its next renewal.

proration    what the days that are left cost, to the day
offering     which plans a service can change to, each with its figures
changing     asking for a change: an order for a larger plan, a wish for a smaller one
"""
