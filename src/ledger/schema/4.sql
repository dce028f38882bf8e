-- A calculation of tiers for a quarter: one line for each pack, the last calculation of the quarter. `content` is its
-- identity by input and rules, `params` the parameters it was made with.
CREATE TABLE tier_run (
    id         INTEGER PRIMARY KEY,
    pack       TEXT NOT NULL,
    quarter    TEXT NOT NULL,
    data_date  TEXT NOT NULL,
    content    TEXT NOT NULL,
    recorded   TEXT NOT NULL,
    edition    TEXT NOT NULL,
    pack_hash  TEXT NOT NULL,
    program    TEXT NOT NULL,
    params     TEXT NOT NULL,
    UNIQUE (pack, quarter)
) STRICT;

-- A customer's tier in a quarter. Key and name are masked; `key_hash` is of the key in full. `tier` is null for a
-- customer that could not be classed, `by_data` what its data alone gives. Amounts are digits in the field's unit.
CREATE TABLE tier (
    run      INTEGER NOT NULL REFERENCES tier_run,
    scheme   TEXT NOT NULL,
    key_hash BLOB NOT NULL,
    shown    TEXT NOT NULL,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    manager  TEXT NOT NULL,
    tier     TEXT,
    by_data  TEXT,
    since    TEXT NOT NULL,
    amount   TEXT,
    reason   TEXT NOT NULL,
    PRIMARY KEY (run, scheme, key_hash)
) STRICT, WITHOUT ROWID;
