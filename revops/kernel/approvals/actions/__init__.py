"""The only writes of approvals: requests submitted, decided, recalled; steps escalated; delegations."""
