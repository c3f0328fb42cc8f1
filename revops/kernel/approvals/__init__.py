"""M6: who must agree to what, bound to its content."""
