"""What the month has cost so far, by stage and service, from Cost Explorer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from infrastructure.aws import Account
from infrastructure.stack import TAGS

# Cost Explorer answers here alone, whatever region the money was spent in.
_REGION = "us-east-1"
_LEAST = 0.005


def month_so_far(account: Account, today: date) -> str:
    """A table of the month's dollars. Each time it is asked Cost Explorer takes a cent."""
    start, end = today.replace(day=1), today + timedelta(days=1)
    ((tag, project),) = TAGS.items()
    found = account.client("ce", _REGION).get_cost_and_usage(
        TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"Tags": {"Key": tag, "Values": [project]}},
        GroupBy=[{"Type": "TAG", "Key": "stage"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
    )
    rows = [_row(group) for period in found["ResultsByTime"] for group in period["Groups"]]
    return _table([row for row in rows if row[2] >= _LEAST], start, today)


def _row(group: dict[str, Any]) -> tuple[str, str, float]:
    stage, service = group["Keys"]
    return stage.partition("$")[2] or "(no stage)", service, float(group["Metrics"]["UnblendedCost"]["Amount"])


def _table(rows: list[tuple[str, str, float]], start: date, today: date) -> str:
    head = f"From {start} to {today}, in US dollars:"
    if not rows:
        return (
            f"{head} nothing. If that cannot be, the tags are not switched on for billing yet: "
            "Billing, Cost allocation tags, `project` and `stage`."
        )
    lines = [f"  {stage:12}{service:45}{dollars:9.2f}" for stage, service, dollars in sorted(rows)]
    total = sum(dollars for _, _, dollars in rows)
    return "\n".join([head, *lines, f"  {'':57}{total:9.2f}"])
