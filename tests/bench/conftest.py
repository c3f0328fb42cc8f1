from tests.cast import cast, cast_of_module, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "organisation_at_once", "settled_organisation"]
