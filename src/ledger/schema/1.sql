-- Whose ledger this is: one file per institution.
CREATE TABLE owner (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    code TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- Who is running. The lock itself is the operating system's, on the file beside this one; this row says whose it is.
CREATE TABLE holder (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    pid   INTEGER NOT NULL,
    host  TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT;

-- What is reported again and again: a pack, by month or by quarter. Periods are compared within a series only, where
-- the order of their texts is that of time.
CREATE TABLE series (
    id   INTEGER PRIMARY KEY,
    pack TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('month', 'quarter')),
    UNIQUE (pack, kind)
) STRICT;

CREATE TABLE unit (
    id   INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

-- `mandatory`, as of the last run: findings cannot be waived.
CREATE TABLE rule (
    id        INTEGER PRIMARY KEY,
    code      TEXT NOT NULL UNIQUE,
    mandatory INTEGER NOT NULL
) STRICT;

-- Every run ever recorded. `content` is the identity by input and rules: a run repeated on the same input has it again.
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    series     INTEGER NOT NULL REFERENCES series,
    period     TEXT NOT NULL,
    content    TEXT NOT NULL,
    recorded   TEXT NOT NULL,
    edition    TEXT NOT NULL,
    pack_hash  TEXT NOT NULL,
    program    TEXT NOT NULL,
    files      INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    records    INTEGER NOT NULL,
    flagged    INTEGER NOT NULL,
    errors     INTEGER NOT NULL,
    warnings   INTEGER NOT NULL,
    infos      INTEGER NOT NULL
) STRICT;
CREATE INDEX run_period ON run (series, period);

-- Every content ever handed in under a name; a file handed in again with another content is another line.
CREATE TABLE submission (
    series     INTEGER NOT NULL REFERENCES series,
    period     TEXT NOT NULL,
    unit       INTEGER NOT NULL REFERENCES unit,
    file       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    received   TEXT,
    unreadable TEXT,
    first_run  INTEGER NOT NULL REFERENCES run,
    last_run   INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (series, period, unit, file, sha256)
) STRICT, WITHOUT ROWID;

-- A finding across all periods. `record_key` is masked; `key_hash` is null for findings about no record, and empty for
-- records without key, which cannot be known again next month.
CREATE TABLE finding (
    id           INTEGER PRIMARY KEY,
    series       INTEGER NOT NULL REFERENCES series,
    fingerprint  TEXT NOT NULL,
    dataset      TEXT NOT NULL,
    field        TEXT NOT NULL,
    record_key   TEXT,
    key_hash     BLOB,
    first_period TEXT NOT NULL,
    last_period  TEXT NOT NULL,
    times        INTEGER NOT NULL,
    UNIQUE (fingerprint, series)
) STRICT;

-- A finding in one period, as its last run that saw it left it. Never deleted. `value` and `message` are masked.
-- `state` is what runs made of it, `status` the same with explanations and waivers taken into account.
CREATE TABLE sighting (
    finding    INTEGER NOT NULL REFERENCES finding,
    period     TEXT NOT NULL,
    series     INTEGER NOT NULL REFERENCES series,
    unit       INTEGER NOT NULL REFERENCES unit,
    rule       INTEGER NOT NULL REFERENCES rule,
    state      TEXT NOT NULL,
    status     TEXT NOT NULL,
    severity   TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    file       TEXT,
    sheet      TEXT,
    cell       TEXT,
    value      TEXT,
    value_hash BLOB NOT NULL,
    message    TEXT NOT NULL,
    first_run  INTEGER NOT NULL REFERENCES run,
    last_run   INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (finding, period)
) STRICT, WITHOUT ROWID;
-- Lists are answered from this index alone; the rows themselves are read only for the lines shown.
CREATE INDEX sighting_list ON sighting (period DESC, series, unit, rule, status, severity);

-- How each unit stood in the last run of a period.
CREATE TABLE standing (
    series      INTEGER NOT NULL REFERENCES series,
    period      TEXT NOT NULL,
    unit        INTEGER NOT NULL REFERENCES unit,
    institution INTEGER NOT NULL,
    timeliness  TEXT NOT NULL,
    received    TEXT,
    unread      INTEGER NOT NULL,
    records     INTEGER NOT NULL,
    flagged     INTEGER NOT NULL,
    run         INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (series, period, unit)
) STRICT, WITHOUT ROWID;

-- Why a value is as it is, said for one period. It holds while the value stays.
CREATE TABLE explanation (
    id         INTEGER PRIMARY KEY,
    finding    INTEGER NOT NULL REFERENCES finding,
    period     TEXT NOT NULL,
    value_hash BLOB NOT NULL,
    text       TEXT NOT NULL,
    who        TEXT NOT NULL,
    given      TEXT NOT NULL
) STRICT;
CREATE INDEX explanation_finding ON explanation (finding, period);
CREATE INDEX explanation_period ON explanation (period);

-- A finding is let pass, in every period, while its value stays and until a day.
CREATE TABLE waiver (
    id           INTEGER PRIMARY KEY,
    finding      INTEGER NOT NULL REFERENCES finding,
    value_hash   BLOB NOT NULL,
    reason       TEXT NOT NULL,
    who          TEXT NOT NULL,
    given        TEXT NOT NULL,
    until        TEXT NOT NULL,
    withdrawn    TEXT,
    withdrawn_by TEXT
) STRICT;
CREATE INDEX waiver_finding ON waiver (finding);
