"""Following a record: hear when somebody changes it. Public names stand in this list."""

from revops.kernel.records.following.choosing import (
    Followed,
    follow,
    follow_many,
    followed,
    following,
    follows_owned,
    ids_of,
    titles_of,
    unfollow,
    unfollow_many,
    use_owned,
)

__all__ = [
    "Followed",
    "follow",
    "follow_many",
    "followed",
    "following",
    "follows_owned",
    "ids_of",
    "titles_of",
    "unfollow",
    "unfollow_many",
    "use_owned",
]
