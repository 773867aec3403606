"""
The basket: what somebody is about to order, and what it costs them.

content   what the browser keeps: products, periods, answers
pricing   each line judged against the catalogue, all of them quoted together
buyers    who buys, as far as prices ask
"""
