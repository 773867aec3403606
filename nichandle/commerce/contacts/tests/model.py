"""
The model of the hand-over machine that random walks compare it with.

It knows no rows and no code of the product: who has which role, which requests are open and who
has said yes, reckoned from the rules of the design alone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROLES = ("owner", "administrator", "technical", "billing")
MAY = {
    "owner": ("owner",),
    "administrator": ("owner", "administrator"),
    "technical": ("administrator", "technical"),
    "billing": ("administrator", "billing"),
}
LOWER = {"technical", "billing"}
NOBODY = "zz999999-OVH"
OPEN = {"todo", "checkValidity", "validatingByCustomers", "doing"}
SENDINGS = 4


@dataclass
class Hand:
    """What the model remembers of one request."""

    asker: str
    old: str
    new: str
    items: dict[tuple[int, str], str]
    needs: dict[str, bool]
    asked_at: datetime
    state: str = "todo"
    done: set[tuple[int, str]] = field(default_factory=set)
    ended_at: datetime | None = None
    said_at: datetime | None = None
    sent: bool = False
    mailed: dict[str, int] = field(default_factory=dict)
    disputed: bool = False
    settled: bool = False

    @property
    def disputable(self) -> bool:
        """Whoever is displaced without having asked disputes; the roles below have no say."""
        displaced = self.old != self.asker
        return displaced and any(role not in LOWER for _number, role in self.done)


class Model:
    def __init__(self, holders: dict[tuple[int, str], str], now: datetime):
        self.now = now
        self.holders = holders
        self.hands: dict[int, Hand] = {}
        self.pauses: dict[str, list[tuple[datetime, datetime]]] = {}
        self.frozen: set[int] = set()
        self.shut: set[str] = set()

    def judged(
        self, asker: str, chosen: list[int], named: dict[str, str]
    ) -> tuple[str, list[Hand]]:
        if asker in self.shut:
            return "obstacle.account_frozen", []
        if self.is_paused(asker):
            return "pause.running", []
        mine = {
            number: {role for role in ROLES if self.holders[number, role] == asker}
            for number in chosen
        }
        if not all(mine.values()):
            return "contact.not_changeable", []
        if self.frozen & set(chosen):
            return "contact.frozen", []
        groups = self.groups(asker, chosen, named, mine)
        if groups is None:
            return "contact.not_changeable", []
        if not groups:
            return "contact.nothing_to_change", []
        higher = any(self.outranked(hand) for hand in groups)
        return ("contact.higher_request_open", []) if higher else ("", groups)

    def groups(
        self,
        asker: str,
        chosen: list[int],
        named: dict[str, str],
        mine: dict[int, set[str]],
    ) -> list[Hand] | None:
        groups: dict[tuple[str, str, tuple[str, ...]], Hand] = {}
        for item in [(number, role) for number in sorted(chosen) for role in ROLES]:
            new, old = named.get(item[1]), self.holders[item]
            if new is None or new == old:
                continue
            by = next((one for one in MAY[item[1]] if one in mine[item[0]]), None)
            if by is None:
                return None
            needs = self.needs(item[1], new == asker)
            fresh = Hand(asker, old, new, {}, dict.fromkeys(needs, False), self.now)
            groups.setdefault((old, new, needs), fresh).items[item] = by
        return list(groups.values())

    def outranked(self, hand: Hand) -> bool:
        return any(
            other.state in OPEN
            and other.asker != hand.asker
            and item in other.items
            and ROLES.index(other.items[item]) < ROLES.index(by)
            and self.holders[item[0], other.items[item]] == other.asker
            for item, by in hand.items.items()
            for other in self.hands.values()
        )

    def needs(self, role: str, oneself: bool) -> tuple[str, ...]:
        if not oneself:
            return ("asker", "newcomer")
        return () if role in LOWER else ("asker",)

    def answer(self, hand: Hand, person: str, side: str, given: bool, right: bool) -> str:
        if not side or (side == "newcomer" and not hand.sent):
            return "contact.another_account"
        if side not in hand.needs:
            return "contact.request_gone"
        if hand.needs[side]:
            return "contact.already_answered"
        if hand.state != "validatingByCustomers" or self.lapsed(hand):
            return "contact.request_gone"
        if not right or (side == "asker" and not given):
            return "contact.token_not_valid" if not right else "contact.token_missing"
        if person in self.shut:
            return "obstacle.account_frozen"
        # A newcomer's yes is taken, and waits.
        return "pause.running" if side == "asker" and self.is_paused(person) else ""

    def may_refuse(self, hand: Hand, person: str) -> str:
        if person == hand.asker:
            return ""
        if not hand.sent:
            return "contact.another_account"
        if hand.state != "validatingByCustomers" or self.lapsed(hand):
            return "contact.request_gone"
        return "contact.already_answered" if hand.needs["newcomer"] else ""

    def may_send_again(self, hand: Hand, person: str, side: str) -> tuple[str, str]:
        if side == "newcomer" and not hand.sent:
            return "contact.another_account", side
        if side not in hand.needs or hand.state != "validatingByCustomers" or self.lapsed(hand):
            return "contact.request_gone", side
        if side == "asker" and hand.needs["asker"]:
            side = "newcomer" if "newcomer" in hand.needs else "asker"
        if hand.needs[side]:
            return "contact.already_answered", side
        return ("contact.sent_often" if hand.mailed[side] >= SENDINGS else ""), side

    def carry_out(self, hand: Hand) -> None:
        hand.state = "doing"
        if {hand.asker, hand.new} & self.shut:
            self.end(hand, "error")
            return
        if self.is_paused(hand.asker) or self.is_paused(hand.new):
            if self.now - hand.asked_at >= 30 * DAY:
                self.end(hand, "error")
            return
        good = {
            item
            for item in hand.items
            if self.holders[item] == hand.old
            and any(self.holders[item[0], one] == hand.asker for one in MAY[item[1]])
            and item[0] not in self.frozen
        }
        if not good:
            self.end(hand, "error")
            return
        for item in good:
            self.holders[item] = hand.new
        hand.done = good
        self.end(hand, "done")

    def replace(self, wanted: set[tuple[int, str]]) -> None:
        for hand in self.hands.values():
            if hand.state in OPEN:
                left = {item: by for item, by in hand.items.items() if item not in wanted}
                if len(left) < len(hand.items):
                    hand.items = left
                    if not left:
                        self.end(hand, "aborted")

    def end(self, hand: Hand, state: str) -> None:
        hand.state, hand.ended_at = state, self.now

    def lapsed(self, hand: Hand) -> bool:
        """Tell whether seven days have passed, hour by hour, without those that stood still."""
        counted, moment = timedelta(), hand.asked_at
        while moment < self.now and counted < 7 * DAY:
            counted += timedelta() if self.stands_still(hand, moment) else HOUR
            moment += HOUR
        return counted >= 7 * DAY

    def stands_still(self, hand: Hand, moment: datetime) -> bool:
        said = hand.said_at is not None and hand.said_at <= moment
        return self.paused_at(hand.asker, moment) or (said and self.paused_at(hand.new, moment))

    def paused_at(self, person: str, moment: datetime) -> bool:
        return any(begun <= moment < ended for begun, ended in self.pauses.get(person, []))

    def is_paused(self, person: str) -> bool:
        return self.paused_at(person, self.now)
