"""
Orders: from the basket to what is paid and delivered, and back.

basket           what somebody is about to order, and what it costs them
lifecycle        placed, paid, checked, delivered, ended
delivery         the operator's systems are asked to provide what was paid
plans            a service becomes a larger plan now, or a smaller one with its renewal
withdrawal       a consumer gives a contract up
words            the closed lists, as customers read them
months period    how long a contract runs, and until when it can be given up
numbers          drawn at random
"""
