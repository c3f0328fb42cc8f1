"""The kinds of notifications that come of records: being named in a text, and changes of what one follows."""

from revops.kernel.notifications import kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind

kinds.register(Kind("mention", "Mentions", "Somebody named you in a text that you may read.", mail=Mail.ONCE))
kinds.register(
    Kind(
        "followed",
        "Changes to what you follow",
        "Somebody else changed a record that you follow; told once an hour for each.",
    )
)
kinds.register(Kind("task.due", "Tasks that fall due", "What is due today and what is overdue, once a day."))
