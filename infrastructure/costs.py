"""The costs of the current month by stage and service, from Cost Explorer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from infrastructure.aws import Account
from infrastructure.stack import TAGS

# The only region with a Cost Explorer API; it reports the costs of all regions.
_REGION = "us-east-1"
_MIN_DOLLARS = 0.005


class _Cost(NamedTuple):
    """The costs of one service in one stage."""

    stage: str
    service: str
    dollars: float


def month_so_far(account: Account, today: date) -> str:
    """Return a table of this month's costs in US dollars. Cost Explorer charges one cent for each request."""
    start, end = today.replace(day=1), today + timedelta(days=1)
    ((tag, project),) = TAGS.items()
    report = account.client("ce", _REGION).get_cost_and_usage(
        TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"Tags": {"Key": tag, "Values": [project]}},
        GroupBy=[{"Type": "TAG", "Key": "stage"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
    )
    costs = [_cost(group) for period in report["ResultsByTime"] for group in period["Groups"]]
    return _table([cost for cost in costs if cost.dollars >= _MIN_DOLLARS], start, today)


def _cost(group: dict[str, Any]) -> _Cost:
    stage, service = group["Keys"]
    return _Cost(stage.partition("$")[2] or "(no stage)", service, float(group["Metrics"]["UnblendedCost"]["Amount"]))


def _table(costs: list[_Cost], start: date, today: date) -> str:
    heading = f"From {start} to {today}, in US dollars:"
    if not costs:
        return (
            f"{heading} nothing. If you expected costs, activate the cost allocation tags `project` and `stage` in the "
            "billing console (Billing, Cost allocation tags)."
        )
    lines = [f"  {stage:12}{service:45}{dollars:9.2f}" for stage, service, dollars in sorted(costs)]
    total = sum(cost.dollars for cost in costs)
    return "\n".join([heading, *lines, f"  {'':57}{total:9.2f}"])
