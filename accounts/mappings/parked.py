"""What other systems export and nothing here imports yet: the rows are kept until an upper app brings an importer."""

from revops.kernel.exchange.drafts.order import Expected, expect

expect(
    Expected(
        "campaign_member",
        "Campaign members",
        ("campaign", "contact", "lead"),
        ("CampaignMember.csv",),
    )
)
