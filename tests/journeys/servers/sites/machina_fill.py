"""Fill a django-machina forum with a deep tree of boards and some posts, by its own models."""

from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.contrib.auth.models import AnonymousUser, User  # noqa: E402 - models are there after the set-up
from machina.apps.forum.models import Forum  # noqa: E402
from machina.apps.forum_conversation.models import Post, Topic  # noqa: E402
from machina.apps.forum_permission.shortcuts import assign_perm  # noqa: E402

CATEGORY, BOARD, LINK = Forum.FORUM_CAT, Forum.FORUM_POST, Forum.FORUM_LINK
WRITER = User.objects.create_user("organiser-olga", "olga@people.example", "not-secret-1")


def made(
    name: str, kind: int, parent: Forum | None = None, description: str = "", *, seen: bool = True, **more: Any
) -> Forum:
    """Create a category, board or link that everybody sees, unless `seen` is false."""
    forum = Forum(name=name, type=kind, parent=parent, description=description, **more)
    forum.save()
    for right in ("can_see_forum", "can_read_forum") if seen else ():
        assign_perm(right, AnonymousUser(), forum)
    return forum


def talked_in(forum: Forum, subject: str, when: datetime, posts: int = 1) -> None:
    """Start a topic of so many posts, the last of them at a time of our choice."""
    topic = Topic(forum=forum, subject=subject, poster=WRITER, type=Topic.TOPIC_POST, status=Topic.TOPIC_UNLOCKED)
    topic.approved = True
    topic.save()
    for number in range(posts):
        post = Post(topic=topic, poster=WRITER, subject=f"{subject} {number}", content="Hello all", approved=True)
        post.save()
        Post.objects.filter(pk=post.pk).update(created=when)


leeds = made("Leeds", CATEGORY, description="All about the city")
parents = made("Parents of Leeds", BOARD, leeds, "Playgroups, schools & swaps")
toddlers = made("Toddler groups", BOARD, parents, "Where to take a two-year-old")
tuesdays = made("Tuesday mornings", BOARD, toddlers, "In church halls")
made("Armley hall", BOARD, tuesdays, "Ten o'clock, bring a cushion")
made("Council", LINK, leeds, "Leads away", link="https://council.example/")
sport = made("Sport", CATEGORY, leeds)
cyclists = made("Leeds Cyclists", BOARD, sport, "Weekly rides")
notices = made("Noticeboard", BOARD)
made("Lost and found", BOARD, notices, "Keys, cats", display_sub_forum_list=False)
made("Committee", BOARD, description="For the committee alone", seen=False)

talked_in(parents, "Half term", datetime(2025, 10, 20, 9, 30, tzinfo=UTC), posts=2)
talked_in(tuesdays, "Is it on?", datetime(2025, 11, 3, 16, 5, tzinfo=UTC))
talked_in(cyclists, "Sunday ride", datetime(2025, 9, 6, 12, 0, tzinfo=UTC), posts=3)
