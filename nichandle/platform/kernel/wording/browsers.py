"""
Browsers and systems by their names: only those on these lists are ever said.

What a browser says of itself is whatever its user likes, and stands in mails to other people. The
parser of such texts takes parts of some over as they are, so its answer is compared with names.
"""

import re

from nichandle.platform.kernel.later import later

ua_parser = later("ua_parser")

FAMILIES = frozenset(
    """
    Amazon Silk|Android|Brave|Chrome|Chrome Mobile|Chrome Mobile WebView|Chrome Mobile iOS|Chromium|
    DuckDuckGo|DuckDuckGo Mobile|Ecosia Android|Ecosia iOS|Edge|Edge Mobile|Epiphany|Falkon|Firefox|
    Firefox Focus|Firefox Mobile|Firefox iOS|HeadlessChrome|HuaweiBrowser|IE|IE Mobile|
    Konqueror|Lynx|MiuiBrowser|Mobile Safari|Mobile Safari UI/WKWebView|Opera|Opera Mini|
    Opera Mobile|Opera Touch|Pale Moon|Python Requests|QQ Browser|QQ Browser Mobile|Safari|
    Samsung Internet|SeaMonkey|UC Browser|Vivaldi|Waterfox|Wget|Yandex Browser|curl
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
SYSTEMS = frozenset(
    """
    Android|Arch Linux|Chrome OS|Debian|Fedora|FreeBSD|HarmonyOS|KaiOS|Linux|Mac OS X|NetBSD|
    OpenBSD|Red Hat|SUSE|Tizen|Ubuntu|Windows|Windows Phone|iOS
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_VERSION = re.compile(r"[1-9][0-9]{0,2}")
_VERSIONED = re.compile(r"(?P<family>.+?)(?: [1-9][0-9]{0,2})?")


def named(agent: str) -> str:
    """Name a browser by its User-Agent: "Firefox 145, Linux"; empty when none is recognised."""
    if not agent:
        return ""
    found = ua_parser.parse(agent)
    if found.user_agent is None or found.user_agent.family not in FAMILIES:
        return ""
    major = found.user_agent.major or ""
    version = f" {major}" if _VERSION.fullmatch(major) else ""
    system = found.os.family if found.os and found.os.family in SYSTEMS else ""
    return ", ".join(filter(None, [f"{found.user_agent.family}{version}", system]))


def recognised(text: str) -> str:
    """Return a name kept by any commit if ``named`` could say it today; else nothing."""
    browser, _comma, system = text.partition(", ")
    family = _VERSIONED.fullmatch(browser)
    known = family is not None and family["family"] in FAMILIES
    return text if known and (not system or system in SYSTEMS) else ""
