"""Approvals over the API: what waits for one, what is asked and who decides, deciding, a preview, delegations.

Lists, one request and taking it back stand with the record type, under the same address.
"""
