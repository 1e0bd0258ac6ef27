"""Fill a Spirit forum with categories and some topics, by its own models."""

from datetime import UTC, datetime

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - models are there after the set-up
from spirit.category.models import Category  # noqa: E402
from spirit.comment.models import Comment  # noqa: E402
from spirit.topic.models import Topic  # noqa: E402

WRITER = get_user_model().objects.create_user("organiser-olga", "olga@people.example", "not-secret-1")


def talked_in(category: Category, title: str, when: datetime) -> None:
    """Start a topic that was last active at a time of our choice."""
    topic = Topic.objects.create(user=WRITER, category=category, title=title, last_active=when)
    Comment.objects.create(user=WRITER, topic=topic, comment="Hello all", comment_html="<p>Hello all</p>")


parents = Category.objects.create(title="Leeds Parents", description="Shown nowhere")
toddlers = Category.objects.create(title="Toddlers & babies", parent=parents)
runners = Category.objects.create(title="York Runners")
Category.objects.create(title="Dissolved", is_removed=True)
Category.objects.create(title="Quiet corner")

talked_in(parents, "Half term", datetime(2025, 10, 20, 9, 30, tzinfo=UTC))
talked_in(toddlers, "Cots", datetime(2025, 11, 3, 16, 5, tzinfo=UTC))
talked_in(runners, "Parkrun", datetime(2025, 9, 6, 7, 45, tzinfo=UTC))
talked_in(runners, "Older than that", datetime(2024, 9, 6, 7, 45, tzinfo=UTC))
