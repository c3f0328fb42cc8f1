from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once  # noqa: F401
