"""Running our own code in processes of its own, on the database of the test that runs now."""

import os
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


def environment() -> dict[str, str]:
    """Return the environment in which a child finds the test's database."""
    if connection.vendor == "sqlite":
        url = f"sqlite:///{connection.settings_dict['NAME']}"
    else:
        server = connection.get_connection_params()
        who = quote(server.get("user", "")) + (
            f":{quote(server['password'])}" if server.get("password") else ""
        )
        url = f"postgres://{who}@/{connection.settings_dict['NAME']}?host={server.get('host', '')}"
        url += f"&port={server['port']}" if server.get("port") else ""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "DATABASE_URL": url, "PYTHONPATH": path}
