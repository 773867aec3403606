"""
Statements in ISO 20022 camt.053, versions .02 to .14.

Only what is booked counts (``BOOK``). An entry that stands for many (a batch) is taken apart where
the parts add up to it. The file comes from outside: no entity is resolved, nothing is fetched, no
document type is read, and it is bounded.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.statements.reading import (
    LARGEST,
    MOST_LINES,
    BankStatement,
    StatementLine,
    StatementRefused,
    day,
    money,
)
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.text import clean

etree = later("lxml.etree", seldom=True)

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-4])")
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
LONGEST_TEXT = 500
NO_NUMBER = {"", "NONREF", "NOTPROVIDED"}
"""What banks write where they have no number of their own for an entry."""
Node = Any


def read(data: bytes) -> list[BankStatement]:
    """
    Read all statements of a file.

    :raises StatementRefused: when it is no camt.053, or not one we can be sure of
    """
    root = _parsed(data)
    name = etree.QName(root)
    if name.localname != "Document" or not NAMESPACE.fullmatch(name.namespace or ""):
        raise StatementRefused(_("it is no camt.053 of the versions 02 to 14."))
    ns = {"c": name.namespace}
    found = [_statement(node, ns) for node in root.iterfind("c:BkToCstmrStmt/c:Stmt", ns)]
    if not found:
        raise StatementRefused(_("there is no statement in it."))
    return found


def _parsed(data: bytes) -> Node:
    if len(data) > LARGEST:
        raise StatementRefused(_("it is too large."))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise StatementRefused(_("it is no well-formed XML.")) from None
    if root.getroottree().docinfo.doctype:
        raise StatementRefused(_("it has a document type, which no bank writes."))
    return root


def _statement(node: Node, ns: dict[str, str]) -> BankStatement:
    iban = _text(node, "c:Acct/c:Id/c:IBAN", ns) or _text(node, "c:Acct/c:Id/c:Othr/c:Id", ns)
    number = _text(node, "c:Id", ns)
    if not iban or not number:
        raise StatementRefused(_("a statement names no account, or has no number."))
    sequence = _sequence(node, ns)
    opening, closing = _balance(node, OPENING, ns), _balance(node, CLOSING, ns)
    if opening is None or closing is None:
        raise StatementRefused(_("a statement has no opening or no closing balance."))
    lines = list(_lines(node, iban, ns))
    if len({line.key for line in lines}) != len(lines):
        raise StatementRefused(_("two of its entries have one and the same number."))
    return BankStatement(
        iban="".join(iban.split()),
        number=f"{number}/{sequence}"[:80],
        currency=opening.currency,
        lines=lines,
        opening=opening,
        closing=closing,
    )


def _sequence(node: Node, ns: dict[str, str]) -> str:
    return _text(node, "c:LglSeqNb", ns) or _text(node, "c:ElctrncSeqNb", ns)


def _balance(node: Node, codes: tuple[str, ...], ns: dict[str, str]) -> Money | None:
    for code in codes:
        for each in node.iterfind("c:Bal", ns):
            if _text(each, "c:Tp/c:CdOrPrtry/c:Cd", ns) == code:
                return _signed(each, each.find("c:Amt", ns), ns)
    return None


def _lines(node: Node, iban: str, ns: dict[str, str]) -> Iterator[StatementLine]:
    count = 0
    for position, entry in enumerate(node.iterfind("c:Ntry", ns)):
        # Until .06 the state is text, later a code below it.
        status = _text(entry, "c:Sts/c:Cd", ns) or _text(entry, "c:Sts", ns)
        if status != "BOOK":
            continue
        for line in _of_entry(entry, position, node, iban, ns):
            count += 1
            if count > MOST_LINES:
                raise StatementRefused(_("it has too many lines."))
            yield line


def _of_entry(
    entry: Node, position: int, statement: Node, iban: str, ns: dict[str, str]
) -> Iterator[StatementLine]:
    total = _signed(entry, entry.find("c:Amt", ns), ns)
    booked = _text(entry, "c:BookgDt/c:Dt", ns) or _text(entry, "c:BookgDt/c:DtTm", ns)
    bank = _text(entry, "c:AcctSvcrRef", ns)
    if bank.upper() in NO_NUMBER:
        # Its place in its statement: NtryRef counts anew in each, or is the same for all.
        bank = f"{_text(statement, 'c:Id', ns)} {_sequence(statement, ns)} {booked} {position}"
    known = f"{iban} {bank}"
    reversal = _text(entry, "c:RvslInd", ns) in {"true", "1"}
    parts = entry.findall("c:NtryDtls/c:TxDtls", ns)
    amounts = [_amount_of(part, total, len(parts), ns) for part in parts]
    whole = [amount for amount in amounts if amount is not None]
    if not parts or len(whole) != len(parts) or sum(part.minor for part in whole) != total.minor:
        text = " ".join(filter(None, (_text(entry, "c:AddtlNtryInf", ns), *_texts(parts, ns))))
        line = StatementLine(
            f"{known} {total.minor}",
            total,
            day(booked),
            text=text[:LONGEST_TEXT],
            returned=reversal,
        )
        yield line
        return
    for at, (part, amount) in enumerate(zip(parts, whole, strict=True)):
        yield _line(part, f"{known} {at}", amount, booked, reversal, entry, ns)


def _line(
    part: Node,
    key: str,
    amount: Money,
    booked: str,
    reversal: bool,
    entry: Node,
    ns: dict[str, str],
) -> StatementLine:
    side = "Dbtr" if amount.minor >= 0 else "Cdtr"
    people = f"c:RltdPties/c:{side}"
    reference = _text(part, "c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref", ns)
    end_to_end = _text(part, "c:Refs/c:EndToEndId", ns)
    text = "".join(_raw(each) for each in part.iterfind("c:RmtInf/c:Ustrd", ns))
    return StatementLine(
        key=f"{key} {amount.minor}",
        amount=amount,
        booked_on=day(booked),
        reference=reference[:35],
        text=clean(text or _text(entry, "c:AddtlNtryInf", ns))[:LONGEST_TEXT],
        # From .07 on who paid stands one step deeper.
        name=(_text(part, f"{people}/c:Nm", ns) or _text(part, f"{people}/c:Pty/c:Nm", ns))[:140],
        iban=_text(part, f"c:RltdPties/c:{side}Acct/c:Id/c:IBAN", ns)[:34],
        end_to_end="" if end_to_end == "NOTPROVIDED" else end_to_end[:35],
        returned=reversal or part.find("c:RtrInf", ns) is not None,
    )


def _amount_of(part: Node, total: Money, parts: int, ns: dict[str, str]) -> Money | None:
    """Return what one part of an entry comes to; None where the file does not say."""
    # Under AmtDtls in .02, of its own later.
    found = part.find("c:Amt", ns)
    if found is None:
        found = part.find("c:AmtDtls/c:TxAmt/c:Amt", ns)
    if found is None or found.get("Ccy") != total.currency:
        return total if parts == 1 else None
    amount = money(_raw(found), total.currency)
    side = _text(part, "c:CdtDbtInd", ns)
    negative = side == "DBIT" if side else total.minor < 0
    signed = -amount if negative else amount
    return total if parts == 1 and signed != total else signed


def _signed(node: Node, amount: Node | None, ns: dict[str, str]) -> Money:
    side = _text(node, "c:CdtDbtInd", ns)
    if amount is None or side not in {"CRDT", "DBIT"} or not amount.get("Ccy"):
        raise StatementRefused(_("an amount is missing, or does not say whether it came or left."))
    read_ = money(_raw(amount), amount.get("Ccy", ""))
    return -read_ if side == "DBIT" else read_


def _texts(parts: list[Node], ns: dict[str, str]) -> Iterator[str]:
    for part in parts:
        yield from (_raw(each) for each in part.iterfind("c:RmtInf/c:Ustrd", ns))


def _text(node: Node, path: str, ns: dict[str, str]) -> str:
    found = node.find(path, ns)
    return clean(_raw(found)) if found is not None else ""


def _raw(node: Node) -> str:
    return node.text or ""
