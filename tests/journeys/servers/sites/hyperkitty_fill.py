"""Fill HyperKitty with lists and messages: the lists by its models, the messages as the mail server hands them over."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import django

django.setup()

from hyperkitty.lib.incoming import add_to_list  # noqa: E402 - models are there after the set-up
from hyperkitty.models import ArchivePolicy, MailingList  # noqa: E402

NOW = datetime.now(UTC)


def made(name: str, title: str, description: str, policy: ArchivePolicy = ArchivePolicy.public) -> None:
    """Create a list."""
    MailingList.objects.create(
        name=f"{name}@lists.example.test",
        list_id=f"{name}.lists.example.test",
        display_name=title,
        description=description,
        archive_policy=policy.value,
        created_at=NOW - timedelta(days=900),
    )


def written(name: str, number: int, who: str, days_ago: int) -> None:
    """Have somebody write to a list."""
    message = EmailMessage()
    message["From"] = f"{who.title()} Organiser <{who}@people.example>"
    message["To"] = f"{name}@lists.example.test"
    message["Subject"] = f"Saturday {number}"
    message["Message-ID"] = f"<{name}-{number}@people.example>"
    message["Date"] = format_datetime(NOW - timedelta(days=days_ago))
    message.set_content("Hello all")
    add_to_list(f"{name}@lists.example.test", message)


made("leeds-parents", "Leeds-parents", "Parents of Leeds & around")
made("york-runners", "York-runners", "Club runs in York")
made("quiet", "", "")
made("committee", "Committee", "For the committee alone", ArchivePolicy.private)
written("leeds-parents", 1, "olga", 3)
written("leeds-parents", 2, "tariq", 2)
written("leeds-parents", 3, "olga", 1)
written("york-runners", 1, "olga", 400)
