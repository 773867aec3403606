"""Bank statements as banks write them, in every version of camt.053, for the tests."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

IBAN = "FR7630006000011234567890189"
VERSIONS = tuple(f"{number:02}" for number in range(2, 15))


@dataclass(frozen=True)
class Entry:
    """One entry; cents, negative for what left. ``parts`` makes a batch of it."""

    cents: int
    reference: str = ""
    text: tuple[str, ...] = ()
    name: str = "Diane Mercier"
    bank: str = ""
    status: str = "BOOK"
    reversal: bool = False
    returned: bool = False
    parts: tuple["Entry", ...] = ()
    currency: str = "EUR"
    iban: str = ""


def euros(cents):
    return f"{abs(cents) // 100}.{abs(cents) % 100:02}"


def side(cents):
    return f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd>"


def camt(
    *entries, version="08", opening=100_00, closing=None, number="STMT-1", iban=IBAN, extra=""
):
    total = opening + sum(entry.cents for entry in entries if entry.status == "BOOK")
    closing = total if closing is None else closing
    body = "".join(_entry(entry, at, int(version)) for at, entry in enumerate(entries))
    return f"""<?xml version="1.0" encoding="UTF-8"?>{extra}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-01T08:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{number}</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-12-01T08:00:00</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{_balance("OPBD", opening)}{_balance("CLBD", closing)}{body}</Stmt></BkToCstmrStmt></Document>
""".encode()


def _balance(code, cents):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{euros(cents)}</Amt>{side(cents)}<Dt><Dt>2026-12-01</Dt></Dt></Bal>'
    )


def _entry(entry, at, version):
    status = entry.status if version < 7 else f"<Cd>{entry.status}</Cd>"
    bank = entry.bank or f"BANK{at}"
    parts = entry.parts or (entry,)
    details = "".join(_part(part, version) for part in parts)
    return (
        f'<Ntry><Amt Ccy="{entry.currency}">{euros(entry.cents)}</Amt>{side(entry.cents)}'
        + ("<RvslInd>true</RvslInd>" if entry.reversal else "")
        + f"<Sts>{status}</Sts><BookgDt><Dt>2026-12-01</Dt></BookgDt>"
        f"<AcctSvcrRef>{bank}</AcctSvcrRef>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _part(entry, version):
    amount = f'<Amt Ccy="{entry.currency}">{euros(entry.cents)}</Amt>'
    amounts = (
        f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
        if version < 3
        else f"{amount}{side(entry.cents)}"
    )
    who = "Dbtr" if entry.cents >= 0 else "Cdtr"
    name = f"<Nm>{escape(entry.name)}</Nm>"
    party = name if version < 7 else f"<Pty>{name}</Pty>"
    account = f"<{who}Acct><Id><IBAN>{entry.iban}</IBAN></Id></{who}Acct>" if entry.iban else ""
    structured = (
        "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>ISO</Issr></Tp>"
        f"<Ref>{entry.reference}</Ref></CdtrRefInf></Strd>"
        if entry.reference
        else ""
    )
    plain = "".join(f"<Ustrd>{escape(each)}</Ustrd>" for each in entry.text)
    remittance = f"<RmtInf>{plain}{structured}</RmtInf>" if plain or structured else ""
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if entry.returned else ""
    return (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{amounts}"
        f"<RltdPties><{who}>{party}</{who}>{account}</RltdPties>{remittance}{returned}</TxDtls>"
    )
