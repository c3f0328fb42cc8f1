from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "opportunities"
    verbose_name = "Opportunities"

    def ready(self) -> None:
        from opportunities import api, facts, mappings, metrics, permissions, policies, receivers, records  # noqa: F401
        from opportunities.actions import gate_alerts, lapses, transitions  # noqa: F401
        from opportunities.policies import deal_desk, evidence, reasons  # noqa: F401
        from opportunities.queries import home, verifying, work  # noqa: F401
        from opportunities.views import reports  # noqa: F401

        _keep_next_steps()
        _hold_categories()
        _sweep()
        _inspect()


def _keep_next_steps() -> None:
    """Let every change keep the next steps of deals, and what is done about one go through its deal (INV-2.3)."""
    from opportunities.actions.next_steps import jobs, keeping, through  # noqa: F401
    from opportunities.policies import next_steps  # noqa: F401
    from revops.kernel import audit
    from revops.kernel.packets import kept
    from revops.kernel.packets.enums import ObligationKind

    audit.on_change(keeping.OWNER, keeping.keep, first=True)
    kept.kept_by(ObligationKind.NEXT_STEP, through.KEEPER)


def _inspect() -> None:
    """Let deals be inspected every week, and their pipelines be frozen for the weekly review (§10.3)."""
    from opportunities.actions import reviewing  # noqa: F401
    from opportunities.actions.inspecting import excusing  # noqa: F401
    from opportunities.metrics import inspections  # noqa: F401
    from opportunities.queries.inspections import waiting  # noqa: F401


def _sweep() -> None:
    """Let deals with silent buyers be swept, and those that stand still be told of (ALG-2.2, ALG-2.3)."""
    from opportunities.actions import aging, sweeping  # noqa: F401
    from opportunities.policies import aging as ages  # noqa: F401
    from opportunities.policies import stale  # noqa: F401


def _hold_categories() -> None:
    """Let every change bring down the deals that show less than they are forecast as (d2); after the next steps."""
    from opportunities.actions.categories import clamping, keeping, telling  # noqa: F401
    from revops.kernel import audit

    audit.on_change(keeping.OWNER, keeping.settle, first=True)
