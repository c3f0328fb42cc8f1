"""Grow a database from its first accounts to many, inside PostgreSQL: every table an account leaves rows in.

The copies have their own names, domains, owners and keys, so lists, searches and duplicate checks find a table like
any other. What is simulated: digests and codes of the trail are taken over from the row that was copied, so
`audit_verify` would name them; their outbox events count as delivered.
"""

from collections.abc import Iterator

from django.db import connection

from bench.generate import COUNTRIES, INDUSTRIES, KINDS, STATUSES, WORDS

STEP = 100_000

_DRAWN = "(n * 2654435761 % 4294967296 / 64)"


def clone(have: int, want: int, reps: list[tuple[int, int]], by: int) -> None:
    """Add accounts have+1..want, each a copy of one of the first `have`."""
    if want <= have:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        _prepare(cursor, have, reps)
        for start in range(have + 1, want + 1, STEP):
            for statement in _statements(start, min(start + STEP - 1, want), have, by):
                cursor.execute(statement)
        for table in _TABLES:
            key = "history_id" if "historical" in table else "id"
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) FROM {table}"
            )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


_TABLES = (
    "accounts_account",
    "accounts_historicalaccount",
    "accounts_accountdomain",
    "accounts_historicalaccountdomain",
    "people_ownershipinterval",
    "audit_changedrow",
    "records_searchword",
)


def _prepare(cursor, have: int, reps: list[tuple[int, int]]) -> None:
    """Keep in temporary tables which row is the n-th of the seed, and who the reps are."""
    cursor.execute(
        "CREATE TEMPORARY TABLE seed AS SELECT row_number() OVER (ORDER BY a.id) - 1 AS place, a.id AS account,"
        " d.id AS domain, i.id AS holding FROM accounts_account a JOIN accounts_accountdomain d ON d.account_id = a.id"
        " JOIN people_ownershipinterval i ON i.record_id = a.id AND i.record_type = 'accounts.account'"
    )
    cursor.execute("CREATE UNIQUE INDEX ON seed (place)")
    cursor.execute("CREATE TEMPORARY TABLE rep (place int PRIMARY KEY, person bigint, team bigint)")
    for place, (person, team) in enumerate(reps):
        cursor.execute("INSERT INTO rep VALUES (%s, %s, %s)", [place, person, team])
    cursor.execute("CREATE TEMPORARY TABLE top AS SELECT (SELECT max(id) FROM accounts_account) AS account")
    cursor.execute("ANALYZE seed")
    cursor.execute("ANALYZE rep")
    assert have == _one(cursor, "SELECT count(*) FROM seed")


def _one(cursor, statement: str) -> int:
    cursor.execute(statement)
    return cursor.fetchone()[0]


def _columns(cursor_table: str, replaced: dict[str, str], source: str) -> tuple[str, str]:
    """Return the columns of a table and what each is filled with: its source's, unless replaced."""
    with connection.cursor() as cursor:
        names = [
            column.name for column in connection.introspection.get_table_description(cursor, cursor_table)
        ]
    return (
        ", ".join(f'"{name}"' for name in names),
        ", ".join(f"{replaced.get(name, f'{source}.{name}')} AS {name}" for name in names),
    )


def _array(values: tuple[str, ...] | list[str]) -> str:
    return "(ARRAY[" + ",".join(f"'{value}'" for value in values) + "])"


def _pick(values: tuple[str, ...] | list[str], place: str) -> str:
    return f"{_array(values)}[1 + ({place} % {len(values)})]"


def _statements(first: int, last: int, have: int, by: int) -> Iterator[str]:
    """Yield the statements that add the accounts first..last. Ids go on from the seed's last one, gap by gap."""
    name = (
        f"{_pick(WORDS, _DRAWN)} || ' ' || {_pick(WORDS, _DRAWN + '/30')} || ' ' || {_pick(KINDS, _DRAWN + '/900')}"
        " || ' ' || n"
    )
    yield "DROP TABLE IF EXISTS fresh, chunk"
    yield (
        f"CREATE TEMPORARY TABLE fresh AS SELECT n, top.account + n - {have} AS id, {name} AS name, rep.person,"
        f" rep.team, seed.account, seed.domain, seed.holding, n / 1000 AS chunk,"
        f" {_pick(STATUSES, _DRAWN + '/9000')} AS status, {_pick(INDUSTRIES, _DRAWN + '/7')} AS industry,"
        f" {_pick(COUNTRIES, _DRAWN + '/11')} AS country, 'company-' || n || '.com' AS domain_name"
        f" FROM top, generate_series({first}::bigint, {last}::bigint) n"
        f" JOIN seed ON seed.place = n % {have}"
        " JOIN rep ON rep.place = n % (SELECT count(*) FROM rep)"
    )
    yield (
        "CREATE TEMPORARY TABLE chunk AS SELECT chunk, gen_random_uuid() AS event,"
        " (SELECT max(recorded_at) FROM audit_changeevent) + chunk * interval '1 second' AS at"
        " FROM (SELECT DISTINCT chunk FROM fresh) every"
    )
    yield "CREATE UNIQUE INDEX ON chunk (chunk)"
    yield "ANALYZE fresh"
    yield from _records()
    yield from _trail(by)


_JOIN = "fresh JOIN chunk USING (chunk)"


def _records() -> Iterator[str]:
    account = {
        "id": "fresh.id",
        "name": "fresh.name",
        "name_key": "lower(fresh.name)",
        "legal_name": "fresh.name || ' Inc.'",
        "status": "fresh.status",
        "industry": "fresh.industry",
        "country": "fresh.country",
        "primary_domain": "fresh.domain_name",
        "billing_account_ext": "'BA-' || fresh.n",
        "website": "'https://www.' || fresh.domain_name",
        "owner_id": "fresh.person",
        "team_id": "fresh.team",
        "created_at": "chunk.at",
        "updated_at": "chunk.at",
    }
    names, values = _columns("accounts_account", account, "old")
    yield _copy("accounts_account", names, values, "fresh.account")
    domain = {
        "id": "nextval(pg_get_serial_sequence('accounts_accountdomain', 'id'))",
        "account_id": "fresh.id",
        "domain": "fresh.domain_name",
        "created_at": "chunk.at",
        "updated_at": "chunk.at",
    }
    names, values = _columns("accounts_accountdomain", domain, "old")
    yield _copy("accounts_accountdomain", names, values, "fresh.domain")
    holding = {
        "id": "nextval(pg_get_serial_sequence('people_ownershipinterval', 'id'))",
        "record_id": "fresh.id",
        "owner_id": "fresh.person",
        "active_from": "chunk.at",
        "created_at": "chunk.at",
        "updated_at": "chunk.at",
    }
    names, values = _columns("people_ownershipinterval", holding, "old")
    yield _copy("people_ownershipinterval", names, values, "fresh.holding")
    yield (
        "INSERT INTO records_searchword (record_type, record_id, source_type, source_id, word)"
        " SELECT 'accounts.account', fresh.id, 'accounts.account', fresh.id, word FROM fresh,"
        " LATERAL (SELECT DISTINCT unnest(string_to_array(lower(fresh.name) || ' inc', ' ')) AS word) words"
    )
    yield (
        "INSERT INTO records_searchword (record_type, record_id, source_type, source_id, word)"
        " SELECT 'accounts.account', fresh.id, 'accounts.accountdomain', d.id, word FROM fresh"
        " JOIN accounts_accountdomain d ON d.account_id = fresh.id,"
        " LATERAL (SELECT DISTINCT unnest(regexp_split_to_array(fresh.domain_name, '[-.]')) AS word) words"
    )


def _copy(table: str, names: str, values: str, seed: str) -> str:
    """Return the statement that copies one row of `table` for each fresh account."""
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {_JOIN} JOIN {table} old ON old.id = {seed}"


# What the trail ties together: the record type, which rows belong to a fresh account, their tables.
_ACCOUNT = ("accounts.account", "live.id = fresh.id", "accounts_account", "accounts_historicalaccount")
_DOMAIN = (
    "accounts.accountdomain",
    "live.account_id = fresh.id",
    "accounts_accountdomain",
    "accounts_historicalaccountdomain",
)
_HOLDING = (
    "people.ownershipinterval",
    "live.record_id = fresh.id AND live.record_type = 'accounts.account'",
    "people_ownershipinterval",
    "",
)


def _trail(by: int) -> Iterator[str]:
    """Yield events, history, changed rows and outbox events of the fresh accounts."""
    event = {"id": "chunk.event", "occurred_at": "chunk.at", "recorded_at": "chunk.at", "sealed": "true"}
    names, values = _columns("audit_changeevent", event, "old")
    yield (
        f"INSERT INTO audit_changeevent ({names}) SELECT {values} FROM chunk,"
        f" (SELECT * FROM audit_changeevent WHERE action = 'account.import' AND actor_id = {by} LIMIT 1) old"
    )
    for _, key, live, history in (_ACCOUNT, _DOMAIN):
        written = {
            "history_id": f"nextval(pg_get_serial_sequence('{history}', 'history_id'))",
            "history_type": "'+'",
            "history_date": "chunk.at",
            "history_change_id": "chunk.event",
        }
        names, values = _columns(history, written, "live")
        yield f"INSERT INTO {history} ({names}) SELECT {values} FROM {_JOIN} JOIN {live} live ON {key}"
    for record_type, key, live, history in (_ACCOUNT, _DOMAIN, _HOLDING):
        written = {
            "id": "nextval(pg_get_serial_sequence('audit_changedrow', 'id'))",
            "event_id": "chunk.event",
            "record_id": "live.id",
            "history_id": "past.history_id" if history else "NULL",
        }
        names, values = _columns("audit_changedrow", written, "old")
        past = f" JOIN {history} past ON past.id = live.id" if history else ""
        yield (
            f"INSERT INTO audit_changedrow ({names}) SELECT {values} FROM {_JOIN} JOIN {live} live ON {key}{past},"
            f" (SELECT * FROM audit_changedrow WHERE record_type = '{record_type}' LIMIT 1) old"
        )
    sent = {
        "id": "gen_random_uuid()",
        "subject_id": "fresh.id",
        "occurred_at": "chunk.at",
        "created_at": "chunk.at",
        "delivered_at": "chunk.at",
        "change_id": "chunk.event",
    }
    names, values = _columns("outbox_outboxevent", sent, "old")
    yield (
        f"INSERT INTO outbox_outboxevent ({names}) SELECT {values} FROM {_JOIN},"
        " (SELECT * FROM outbox_outboxevent WHERE type = 'account.created' LIMIT 1) old"
    )
