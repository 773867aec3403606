"""
The versions there is a way back to, and the last migration that each has in each room.

`nichandle downgrade --state` prints the row of the version that is installed.
"""

RELEASES: dict[str, dict[str, str]] = {
    "2026-11-27-c74ac1b": {
        "accounts": "0005_address_once",
        "audit": "0003_anchors_in_a_chain",
        "cases": "0001_cases",
        "contacts": "0007_who_decided",
        "emailchange": "0002_refused_why",
        "factors": "0003_keys_of_codes",
        "handles": "0003_one_index_of_keys",
        "jobs": "0002_unique_while_waiting",
        "limits": "0001_limits",
        "notme": "0001_notme",
        "outbox": "0001_outbox",
        "pauses": "0002_caused_by",
        "recovery": "0003_used_links",
        "review": "0002_keys",
        "services": "0002_fewer_indexes",
        "signin": "0008_latest_sessions",
        "signup": "0001_signup",
    }
}
