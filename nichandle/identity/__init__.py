"""
Who the customer is, how they come in, and how they come back in.

handles notme   identifiers; "it was not me" links
accounts        the customer's record, its rules, passwords
pauses staff    sensitive acts that wait; the provider's people
cases           what people must look into
factors         second factors
signin signup   coming in, and becoming a customer
emailchange     the change of the primary address
recovery        lost password, lost identifier, lost everything
"""
