"""The demo company as pure data: who exists and what happens when, the same every time. Source: 002 §22.

Instants are distances from the first day, which lies `DAYS` before the day of loading. Nothing here writes.
"""

from revops.demo.plan.companies import Company, Contact, clusters, companies
from revops.demo.plan.deals import Deal, Step, Talk, deals
from revops.demo.plan.leads import Lead, leads

__all__ = ["Company", "Contact", "Deal", "Lead", "Step", "Talk", "clusters", "companies", "deals", "leads"]
