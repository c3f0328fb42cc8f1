// My work, tasks, home.
