"""People, teams, queues, territories and absences over REST: read by resource, written by one table of actions."""
