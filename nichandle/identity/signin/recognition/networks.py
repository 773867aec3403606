"""
Network rules: from where an account may be opened.

The narrowest rule that holds an address decides, else what holds for the others. Nobody is locked
out by a changed address: outside the rules the right password needs a factor, or a mailed code
where there is none, and that suspends the rules for a day, which every address is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.queries import lock_account, profile
from nichandle.identity.pauses.operations import require
from nichandle.identity.signin.models import NetworkPolicy, NetworkRule
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.reading.questions import question

SUSPENDED_FOR = timedelta(hours=24)
AT_MOST = 50


class NotANetwork(Refused):
    code = "network_rule.not_a_network"
    message = _("Give an address such as 203.0.113.7, or a network such as 203.0.113.0/24.")
    field = "network"


class RuleKnown(Refused):
    code = "network_rule.known"
    message = _("There is a rule for this network already. Remove it first.")
    field = "network"


class TooManyRules(Refused):
    code = "network_rule.too_many"
    message = _("You have fifty rules. Remove one first.")
    field = "network"


class ShutsYouOut(Refused):
    code = "network_rule.shuts_you_out"
    message = _("This would shut out the network you are in now. Allow it first.")
    field = "network"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an account's rules say of an address."""

    allowed: bool
    notice: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as one reckons with it."""

    network: IPv4Network | IPv6Network
    allowed: bool
    notice: bool


def judge(ip: str | None, rules: Iterable[Rule], *, allow_others: bool) -> Verdict:
    """Return what the narrowest rule says that holds an address; what holds for others if none."""
    address = ip_address(ip) if ip else None
    if address is None:
        return Verdict(allow_others, notice=False)
    holding = [
        rule
        for rule in rules
        if rule.network.version == address.version and address in rule.network
    ]
    if not holding:
        return Verdict(allow_others, notice=False)
    narrowest = max(holding, key=lambda rule: rule.network.prefixlen)
    return Verdict(narrowest.allowed, narrowest.notice)


def verdict(account_id: UUID, act: Act) -> Verdict:
    """Return what an account's rules say of where a sign-in comes from; two statements."""
    policy = NetworkPolicy.objects.filter(account_id=account_id).first()
    if policy is None:
        return Verdict(allowed=True, notice=False)
    found = judge(act.origin.ip, _rules(policy), allow_others=_allows_others(policy))
    resting = policy.suspended_until is not None and act.now < policy.suspended_until
    return Verdict(found.allowed or resting, found.notice)


@transaction.atomic
def add_rule(
    *,
    account_id: UUID,
    network: str,
    allowed: bool,
    notice: bool,
    act: Act,
) -> None:
    """
    Add a rule; the caller has seen a fresh sign-in.

    :raises NotANetwork: when it is neither an address nor a network
    :raises RuleKnown: when there is one for this network
    :raises TooManyRules: beyond fifty
    :raises ShutsYouOut: when the network of ``origin`` would be outside
    :raises pauses.Paused: while a pause runs
    """
    parsed = _parsed(network)
    policy = _begin(account_id, act.now)
    if policy.rules.filter(network=str(parsed)).exists():
        raise RuleKnown
    if policy.rules.count() >= AT_MOST:
        raise TooManyRules
    _stay_inside(policy, [*_rules(policy), Rule(parsed, allowed, notice)], act.origin)
    policy.rules.create(network=str(parsed), allowed=allowed, notice=notice, made_at=act.now)
    record(
        "network_rules.added",
        account_id=account_id,
        act=act,
        network=str(parsed),
        allowed=allowed,
    )
    _changed(policy, act)


@transaction.atomic
def remove_rule(*, account_id: UUID, rule_id: int, act: Act) -> None:
    """
    Remove a rule; one that is gone already is no error.

    :raises ShutsYouOut: when the network of ``origin`` would be outside
    :raises pauses.Paused: while a pause runs
    """
    policy = _begin(account_id, act.now)
    row = policy.rules.filter(pk=rule_id).first()
    if row is None:
        return
    left = [rule for rule in _rules(policy) if str(rule.network) != row.network]
    _stay_inside(policy, left, act.origin)
    row.delete()
    record(
        "network_rules.removed",
        account_id=account_id,
        act=act,
        network=row.network,
    )
    _changed(policy, act)


@transaction.atomic
def set_default(*, account_id: UUID, allow_others: bool, act: Act) -> None:
    """
    Say what holds where no rule does.

    :raises ShutsYouOut: when the network of ``origin`` would be outside
    :raises pauses.Paused: while a pause runs
    """
    policy = _begin(account_id, act.now)
    if policy.allow_others == allow_others and not policy.default_rests:
        return
    policy.allow_others, policy.default_rests = allow_others, False
    policy.default_changed_at = act.now
    _stay_inside(policy, _rules(policy), act.origin)
    record(
        "network_rules.default_changed",
        account_id=account_id,
        act=act,
        allowed=allow_others,
    )
    _changed(policy, act)


def suspend(account_id: UUID, *, caused_by: str = "", act: Act) -> None:
    """
    Let the rules rest for a day, in the transaction of a sign-in from outside them.

    ``caused_by`` is the address whose mailed code that sign-in has used, if one.
    """
    NetworkPolicy.objects.filter(account_id=account_id).update(
        suspended_until=act.now + SUSPENDED_FOR
    )
    record("network_rules.suspended", account_id=account_id, act=act)
    write(
        profile(account_id),
        "signin/mail/rules_suspended",
        event="network_rules.suspended",
        caused_by=caused_by,
        act=act,
    )


def take_back(account_id: UUID, *, since: datetime, act: Act) -> None:
    """
    Let the rules set since a disowned act rest; those from before stay in force.

    None is deleted, for the owner may have set it: removed and added again, it holds again.
    """
    policy = NetworkPolicy.objects.filter(account_id=account_id).first()
    if policy is None:
        return
    resting = policy.rules.filter(made_at__gte=since, rests=False).update(rests=True)
    changed_at = policy.default_changed_at
    if changed_at is not None and changed_at >= since and not policy.default_rests:
        policy.default_rests, resting = True, resting + 1
        policy.save(update_fields=["default_rests"])
    if resting:
        record("network_rules.suspended", account_id=account_id, act=act)


def remove_all(account_id: UUID) -> None:
    """Remove every rule, inside the transaction of the act that asks for it."""
    NetworkPolicy.objects.filter(account_id=account_id).delete()


def _parsed(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise NotANetwork from None


def _begin(account_id: UUID, now: datetime) -> NetworkPolicy:
    lock_account(account_id)
    require(account_id, "network_rule.change", now=now)
    policy, _made = NetworkPolicy.objects.get_or_create(
        account_id=account_id, defaults={"changed_at": now}
    )
    return policy


def _rules(policy: NetworkPolicy) -> list[Rule]:
    rows = policy.rules.filter(rests=False)
    return [Rule(ip_network(row.network), row.allowed, row.notice) for row in rows]


def _allows_others(policy: NetworkPolicy) -> bool:
    return policy.allow_others or policy.default_rests


def _stay_inside(policy: NetworkPolicy, rules: Iterable[Rule], origin: Origin) -> None:
    if not judge(origin.ip, rules, allow_others=_allows_others(policy)).allowed:
        raise ShutsYouOut


def _changed(policy: NetworkPolicy, act: Act) -> None:
    policy.changed_at = act.now
    policy.save()
    write(
        profile(policy.account_id),
        "signin/mail/rules_changed",
        event="network_rules.added",
        act=act,
    )


@question
def rules_asked(account_id: UUID) -> QuerySet[NetworkRule, int]:
    """Ask for the keys of an account's rules."""
    rows = NetworkRule.objects.filter(policy__account_id=account_id)
    return rows.values_list("pk", flat=True)


def rules_of(account_id: UUID) -> tuple[NetworkPolicy | None, list[NetworkRule]]:
    """Return an account's policy and its rules as they were given, newest last."""
    policy = NetworkPolicy.objects.filter(account_id=account_id).first()
    return policy, list(policy.rules.order_by("pk")) if policy else []
