"""M3 and M4: what a record must show before it moves on, and the exceptions that excuse it for a while."""
