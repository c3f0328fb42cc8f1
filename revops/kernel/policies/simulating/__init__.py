"""What a version would change before it is one: how many records, which, and how past decisions would have come out.

impact = simulating.simulate("accounts.segment", body=draft, by=rita)
impact.counts, impact.rows(limit=50), impact.past
with audit.change(by=rita, action="rfc.attach_simulation"):
    simulating.keep(impact, by=rita)
"""

from revops.kernel.policies.simulating.digesting import digest, digest_of
from revops.kernel.policies.simulating.impact import ChangedRecord, Count, Impact, Past
from revops.kernel.policies.simulating.keeping import keep
from revops.kernel.policies.simulating.running import simulate

__all__ = ["ChangedRecord", "Count", "Impact", "Past", "digest", "digest_of", "keep", "simulate"]
