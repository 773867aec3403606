"""
Those through whom customers pay at once; a bank transfer needs nobody.

contract  what a provider can be asked, and what it answers
registry  which of them this installation offers
card      Stripe: cards, on its own page
trial     the test provider, for demo mode and tests
webhooks  what they tell
sending   refunds on their way
"""
