// Drafts of rules: see the guide of policies.
