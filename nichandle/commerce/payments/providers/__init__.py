"""
Those through whom customers pay at once; a bank transfer needs nobody.

contract  what a provider can be asked, and what it answers
registry  which of them this installation offers
card      Stripe: cards, on its own page; with it stripe_vault, what it keeps of customers,
          stripe_charges, payments with that, and stripe_api, how it is asked
trial     the test provider, for demo mode and tests; with it trial_vault
webhooks  what they tell
sending   refunds on their way
"""
