"""The object definitions that are shipped, the lifecycle and the systems of record. Source: d1; addenda."""

OBJECTS: list[dict[str, str]] = [
    {
        "name": "Lead",
        "definition": "A person who may buy, with where they came from; not yet somebody at an account that we work.",
        "owner": "MKT_OPS",
        "entry": "A form, an import or a person enters it; an exact duplicate is refused.",
        "exit": "It is converted, recycled or disqualified, with a disposition.",
        "system_of_record": "RevOps",
    },
    {
        "name": "MQL",
        "definition": "A lead whose fit and intent scores have reached the thresholds in force.",
        "owner": "MKT_OPS",
        "entry": "Both scores reach their thresholds, or the person raises a hand.",
        "exit": "Sales accepts it within its time, or it goes back with a reason.",
        "system_of_record": "RevOps",
    },
    {
        "name": "SAL",
        "definition": "A lead that an SDR or AE has accepted.",
        "owner": "SALES_OPS",
        "entry": "An SDR or AE accepts it within the promised time.",
        "exit": "A conversation qualifies it, or it is recycled or disqualified.",
        "system_of_record": "RevOps",
    },
    {
        "name": "SQL",
        "definition": "A lead that a conversation has qualified: need and fit are confirmed.",
        "owner": "SALES_OPS",
        "entry": "Need and fit are confirmed and logged.",
        "exit": "It is converted into an account, a contact and a deal.",
        "system_of_record": "RevOps",
    },
    {
        "name": "Contact",
        "definition": "A person at an account, with e-mail addresses and phone numbers.",
        "owner": "SALES_OPS",
        "entry": "A lead is converted, or somebody enters or imports it.",
        "exit": "It is archived or merged; it is never deleted.",
        "system_of_record": "RevOps",
    },
    {
        "name": "Account",
        "definition": "A company we sell to, somewhere in a tree of companies, with its domains.",
        "owner": "SALES_OPS",
        "entry": "A lead is converted, or somebody enters or imports it with a free domain.",
        "exit": "It is archived or merged; it is never deleted.",
        "system_of_record": "RevOps",
    },
    {
        "name": "Opportunity",
        "definition": "A possible sale to one account, with an amount, a stage and a close date.",
        "owner": "SALES_OPS",
        "entry": "A lead is converted, or its owner opens it on an account.",
        "exit": "It is won, or lost with a reason; within its days it may be reopened.",
        "system_of_record": "RevOps",
    },
    {
        "name": "Customer",
        "definition": "An account with a contract in force.",
        "owner": "CS_LEAD",
        "entry": "The first order is signed and its billing data are complete.",
        "exit": "The last contract has ended and was not renewed.",
        "system_of_record": "Contract system",
    },
    {
        "name": "Contract",
        "definition": "What both sides have signed, with its lines, its term and its notice.",
        "owner": "LEGAL",
        "entry": "The last signature is there.",
        "exit": "Its term has ended, or it was terminated.",
        "system_of_record": "Contract system",
    },
    {
        "name": "Invoice",
        "definition": "What was billed for a contract; read here, never written.",
        "owner": "FINANCE",
        "entry": "Billing issues it.",
        "exit": "It is paid or credited.",
        "system_of_record": "Billing system",
    },
]

LIFECYCLE: list[dict[str, str]] = [
    {
        "name": "Subscriber or lead",
        "owner": "MKT_OPS",
        "entry": "A person becomes known with where they came from.",
        "exit": "Fit and intent reach their thresholds.",
    },
    {
        "name": "MQL",
        "owner": "MKT_OPS",
        "entry": "The thresholds are reached.",
        "exit": "Sales accepts or rejects it.",
    },
    {
        "name": "SAL",
        "owner": "SALES_OPS",
        "entry": "An SDR or AE accepts it within the promised time.",
        "exit": "A conversation qualifies it.",
    },
    {"name": "SQL", "owner": "SALES_OPS", "entry": "Need and fit are confirmed.", "exit": "It is converted."},
    {"name": "Opportunity", "owner": "SALES_OPS", "entry": "A deal is opened.", "exit": "It is won or lost."},
    {
        "name": "Customer",
        "owner": "CS_LEAD",
        "entry": "The first order is signed.",
        "exit": "More is bought, or the renewal begins.",
    },
    {
        "name": "Expansion or renewal",
        "owner": "CS_LEAD",
        "entry": "More is offered, or the term nears its end.",
        "exit": "It is signed, or the customer leaves.",
    },
    {
        "name": "Former",
        "owner": "CS_LEAD",
        "entry": "The last contract has ended.",
        "exit": "They buy again, and are a customer.",
    },
]

SYSTEMS: list[dict[str, str]] = [
    {"holds": "Leads and contacts", "system": "RevOps", "owner": "MKT_OPS"},
    {"holds": "Accounts", "system": "RevOps", "owner": "SALES_OPS"},
    {"holds": "Opportunities", "system": "RevOps", "owner": "SALES_OPS"},
    {"holds": "Contracts and order forms", "system": "Contract system", "owner": "LEGAL"},
    {"holds": "Invoices and payments", "system": "Billing system", "owner": "FINANCE"},
    {"holds": "Telemetry and support", "system": "Product and support systems", "owner": "CS_LEAD"},
]
