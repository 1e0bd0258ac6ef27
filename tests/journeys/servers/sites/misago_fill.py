"""Fill a Misago forum with a tree of categories and some threads, by its own models."""

from datetime import UTC, datetime

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - models are there after the set-up
from misago.acl.cache import clear_acl_cache  # noqa: E402
from misago.categories.models import Category  # noqa: E402
from misago.conf.cache import clear_settings_cache  # noqa: E402
from misago.conf.models import Setting  # noqa: E402
from misago.faker.categories import copy_acl_to_fake_category  # noqa: E402
from misago.threads.models import Post, Thread  # noqa: E402

FIRST = Category.objects.get(slug="first-category")
WRITER = get_user_model().objects.create_user("OrganiserOlga", "olga@people.example", "not-secret-1")
WRITER.avatars = [{"size": 400, "url": "/static/misago/img/blank-avatar.png"}]
WRITER.save()


def made(name: str, parent: Category, description: str | None = None, *, seen: bool = True) -> Category:
    """Create a category that everybody sees as they see the first, unless `seen` is false."""
    parent.refresh_from_db()  # its place in the tree moves with each that is put in
    category = Category(description=description)
    category.set_name(name)
    category.insert_at(parent, position="last-child", save=True)
    if seen:
        copy_acl_to_fake_category(FIRST, category)
    return category


def talked_in(category: Category, title: str, when: datetime, posts: int = 1) -> None:
    """Start a thread of so many posts, the last of them at a time of our choice."""
    named = {"starter_name": WRITER.username, "starter_slug": WRITER.slug, "starter": WRITER}
    last = {"last_poster_name": WRITER.username, "last_poster_slug": WRITER.slug, "last_poster": WRITER}
    thread = Thread(category=category, started_on=when, last_post_on=when, **named, **last)
    thread.set_title(title)
    thread.save()
    for _ in range(posts):
        text = {"original": "Hello all", "parsed": "<p>Hello all</p>"}
        Post.objects.create(
            category=category,
            thread=thread,
            poster=WRITER,
            poster_name=WRITER.username,
            posted_on=when,
            updated_on=when,
            **text,
        )
    thread.synchronize()
    thread.save()


root = Category.objects.root_category()
leeds = made("Leeds", root, "Everything in the city & around")
parents = made("Parents of Leeds", leeds, "Playgroups, schools, swaps")
toddlers = made("Toddler groups", parents, "Where to take a two-year-old")
tuesdays = made("Tuesday mornings", toddlers, "In church halls")
cyclists = made("Leeds Cyclists", leeds)
york = made("York", root)
made("Committee", root, "For the committee alone", seen=False)

talked_in(leeds, "Welcome to the Leeds boards", datetime(2025, 8, 1, 8, 0, tzinfo=UTC))
talked_in(parents, "Half term ideas", datetime(2025, 10, 20, 9, 30, tzinfo=UTC), posts=2)
talked_in(tuesdays, "Is it on this week", datetime(2025, 11, 3, 16, 5, tzinfo=UTC))
talked_in(cyclists, "Sunday ride to Otley", datetime(2025, 9, 6, 7, 45, tzinfo=UTC), posts=3)

for each in Category.objects.all_categories():
    each.synchronize()
    each.save()
Setting.objects.filter(setting="forum_name").update(dry_value="Yorkshire Talk")
clear_settings_cache()
clear_acl_cache()
