-- Tiers decided by people, by name and until a day. Nothing is ever changed but the two columns of a withdrawal, and
-- every day is kept, so that a past quarter sees the decisions as they stood on its last day. `shown` is the customer's
-- key, masked; `key_hash` is of the key in full. `withdrawn` is the first day it holds no more.
CREATE TABLE tier_override (
    id           INTEGER PRIMARY KEY,
    pack         TEXT NOT NULL,
    scheme       TEXT NOT NULL,
    key_hash     BLOB NOT NULL,
    shown        TEXT NOT NULL,
    tier         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    who          TEXT NOT NULL,
    since        TEXT NOT NULL,
    until        TEXT NOT NULL,
    given        TEXT NOT NULL,
    withdrawn    TEXT,
    withdrawn_by TEXT
) STRICT;
