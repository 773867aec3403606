"""What production refuses to start with: each a sentence for the operator."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nichandle.config.options import SettingWrong
from nichandle.platform.limits.catalogue import CATALOGUE, Limit

STRIPE = "https://api.stripe.com"
LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
OWN_NETWORKS = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
        *("169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128"),
    )
)
"""Nobody outside has an address in them: RFC 1918, 6598, 3927, 4193 and 4291."""
WIDEST_PUBLIC = {4: 12, 6: 28}
"""Prefixes no shorter than those that the great delivery networks publish."""
WIDEST_TOGETHER = {4: 2**24, 6: 2**104}
SHORTEST_SECRET = 24
MOST_LIFTED = 50
"""How many times looser than in the list a limit may be: room for a provider of any size."""


def refuse_unsafe(values: Mapping[str, Any], *, given: frozenset[str], base_url: str) -> None:
    """:raises SettingWrong: with every reason, when the settings cannot serve real customers"""
    _refuse_unsigned(values)
    if values["mode"] != "production":
        return
    reasons = list(_reasons(values, given, base_url))
    if reasons:
        raise SettingWrong("Production does not start: " + " ".join(reasons))


def _refuse_unsigned(values: Mapping[str, Any]) -> None:
    """Deliveries that nobody has signed could be asked for, and answered, by anybody."""
    secrets = values["delivery_secret"]
    if values["delivery_url"] and not secrets:
        raise SettingWrong("NICHANDLE_DELIVERY_URL needs NICHANDLE_DELIVERY_SECRET beside it.")
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise SettingWrong(
            f"NICHANDLE_DELIVERY_SECRET must be at least {SHORTEST_SECRET} characters long."
        )


def _reasons(values: Mapping[str, Any], given: frozenset[str], base_url: str) -> list[str]:
    reasons = []
    site = urlsplit(base_url)
    if not {"NICHANDLE_BASE_URL"} & given:
        reasons.append("NICHANDLE_BASE_URL is missing: give the address customers use.")
    elif site.scheme != "https" and site.hostname not in LOCAL_NAMES:
        reasons.append("NICHANDLE_BASE_URL must begin with https://.")
    if not values["mail_url"]:
        reasons.append("NICHANDLE_MAIL_URL is missing: the mail viewer is for demo mode only.")
    for name, why in (
        ("NICHANDLE_MAIL_FROM", "mails need a sender customers know"),
        ("NICHANDLE_BRAND", "pages need the provider's name"),
        ("NICHANDLE_SUFFIX", "identifiers are permanent, so choose their suffix"),
    ):
        if name not in given:
            reasons.append(f"{name} is missing: {why}.")
    if "reviewer" not in values["staff_key"]:
        reasons.append(
            "NICHANDLE_STAFF_KEY lacks reviewer: who decides about lost access needs a security "
            "key."
        )
    reasons += _payments(values, given)
    reasons += [*_proxies(values["trusted_proxies"]), *_mail(values["mail_url"])]
    return [*reasons, *_lifted(values["limits"].values())]


def _payments(values: Mapping[str, Any], given: frozenset[str]) -> Iterator[str]:
    if "test" in values["payment_means"] and "NICHANDLE_PAYMENT_MEANS" in given:
        yield "NICHANDLE_PAYMENT_MEANS offers test: with it everybody would pay without money."
    if values["stripe_url"] != STRIPE:
        yield f"NICHANDLE_STRIPE_URL must be {STRIPE}: a stand-in takes no money."
    if bool(values["stripe_key"]) != bool(values["stripe_webhook_secret"]):
        yield "NICHANDLE_STRIPE_KEY and NICHANDLE_STRIPE_WEBHOOK_SECRET go together: give both."


def _proxies(texts: Iterable[str]) -> Iterator[str]:
    """Whoever has an address in a trusted network is whoever they say they are."""
    wide: dict[int, list[str]] = {4: [], 6: []}
    for text in texts:
        network = ip_network(text)
        if any(_within(network, own) for own in OWN_NETWORKS):
            continue
        if network.prefixlen < WIDEST_PUBLIC[network.version]:
            yield (
                f"NICHANDLE_TRUSTED_PROXIES trusts {text}, in which strangers are: name the "
                "addresses of your proxies."
            )
        else:
            wide[network.version].append(text)
    for version, together in wide.items():
        networks: list[Any] = [ip_network(text) for text in together]
        if (
            sum(each.num_addresses for each in collapse_addresses(networks))
            > (WIDEST_TOGETHER[version])
        ):
            yield "NICHANDLE_TRUSTED_PROXIES trusts too much of the Internet."


def _within(network: IPv4Network | IPv6Network, own: IPv4Network | IPv6Network) -> bool:
    return network.version == own.version and (
        own.network_address <= network.network_address  # type: ignore[operator]  # same version
        and network.broadcast_address <= own.broadcast_address  # type: ignore[operator]  # likewise
    )


def _mail(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    starttls = parse_qs(parts.query).get("starttls", ["0"])[0] in {"1", "yes", "true"}
    if parts.scheme == "smtp" and not starttls and parts.hostname not in LOCAL_NAMES:
        yield (
            "NICHANDLE_MAIL_URL sends links and passwords unsealed over the network: use smtps:// "
            "or add ?starttls=1."
        )


def _lifted(limits: Iterable[Limit]) -> Iterator[str]:
    for limit in limits:
        usual = CATALOGUE[limit.name]
        times = limit.count / usual.count
        if max(times, times * (usual.window / limit.window)) > MOST_LIFTED:
            yield (
                f"NICHANDLE_LIMITS lifts {limit.name} more than {MOST_LIFTED} times above what it "
                "is without the setting, which is no limit any more."
            )
