"""The demo company: a small, deterministic organisation written through the actions, with one sign-in a role."""
