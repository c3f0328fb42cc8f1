"""Who asks: gives an owner, a manager of fifty and RevOps a token for each side and a session, as JSON."""

import argparse
import json

import django
from django.db import connection


def credentials(user_id: int) -> dict[str, str]:
    """Return the headers' content by which one person asks the product's API, the floor's, and the pages of both."""
    from django.conf import settings
    from django.test import Client
    from knox.models import AuthToken

    from revops.kernel.identity.models import User
    from revops.kernel.people.tokens.actions import create_token

    user = User.objects.get(pk=user_id)
    _, product = create_token(by=user, name="Measuring stand", scope="write", days=30)
    _, floor = AuthToken.objects.create(user)
    browser = Client()
    browser.force_login(user, backend="revops.kernel.people.backends.SignInBackend")
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={browser.cookies[name].value}"
    return {"product": f"Token {product}", "floor": f"Token {floor}", "cookie": cookie}


def make_floor_tables() -> None:
    """Make the two tables of the floor's create, unless they are there."""
    from bench.floor.models import MODELS

    there = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in MODELS:
            if model._meta.db_table not in there:
                editor.create_model(model)


def main() -> None:
    """Prepare the database that DATABASE_URL names; print the credentials by the names given as NAME=ID."""
    parser = argparse.ArgumentParser(prog="python -m bench.actors", description=__doc__)
    parser.add_argument("people", nargs="+", metavar="NAME=ID")
    people = dict(one.split("=") for one in parser.parse_args().people)
    django.setup()
    make_floor_tables()
    print(json.dumps({name: credentials(int(pk)) for name, pk in people.items()}))


if __name__ == "__main__":
    main()
