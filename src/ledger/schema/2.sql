-- Who reported for a unit and when, what came again after corrections, and what was at stake. `at_risk_fen` is a number
-- in digits: it may have more of them than 64 bits hold.
ALTER TABLE submission ADD COLUMN channel TEXT;
ALTER TABLE standing ADD COLUMN resubmitted TEXT;
ALTER TABLE standing ADD COLUMN officer TEXT NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN reviewer TEXT NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN officer_since TEXT NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN handover TEXT NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN at_risk_fen TEXT;

-- When what was due.
CREATE TABLE deadline (
    series     INTEGER NOT NULL REFERENCES series,
    period     TEXT NOT NULL,
    submission TEXT NOT NULL,
    correction TEXT NOT NULL,
    report     TEXT NOT NULL,
    PRIMARY KEY (series, period)
) STRICT, WITHOUT ROWID;

-- Who found it. Only findings of the system come and go with runs.
ALTER TABLE finding ADD COLUMN source TEXT NOT NULL DEFAULT 'system' CHECK (source IN ('system', 'manual', 'regulator'));
CREATE INDEX finding_source ON finding (source) WHERE source <> 'system';

-- When it was last resolved.
ALTER TABLE sighting ADD COLUMN closed TEXT;

-- Who registered a finding that no run found, and when.
CREATE TABLE opening (
    finding INTEGER NOT NULL REFERENCES finding,
    period  TEXT NOT NULL,
    who     TEXT NOT NULL,
    opened  TEXT NOT NULL,
    PRIMARY KEY (finding, period)
) STRICT, WITHOUT ROWID;

-- What the second check of a finding came to.
CREATE TABLE verification (
    id      INTEGER PRIMARY KEY,
    finding INTEGER NOT NULL REFERENCES finding,
    period  TEXT NOT NULL,
    result  TEXT NOT NULL CHECK (result IN ('corrected', 'confirmed', 'withdrawn', 'wrong')),
    text    TEXT NOT NULL,
    who     TEXT NOT NULL,
    given   TEXT NOT NULL
) STRICT;
CREATE INDEX verification_finding ON verification (finding, period);

-- Every line of the lists the regulator returned. `content` is a hash of what it says: the same line of another list is
-- the same. `record_key`, `value` and `message` are masked.
CREATE TABLE feedback (
    id         INTEGER PRIMARY KEY,
    series     INTEGER NOT NULL REFERENCES series,
    period     TEXT NOT NULL,
    content    BLOB NOT NULL,
    file       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    sheet      TEXT NOT NULL,
    line       INTEGER NOT NULL,
    unit       INTEGER REFERENCES unit,
    rule       TEXT NOT NULL,
    dataset    TEXT NOT NULL,
    field      TEXT NOT NULL,
    record_key TEXT NOT NULL,
    value      TEXT NOT NULL,
    message    TEXT NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('caught', 'missed', 'unmatched')),
    reason     TEXT NOT NULL,
    finding    INTEGER REFERENCES finding,
    imported   TEXT NOT NULL,
    UNIQUE (series, period, content)
) STRICT;
CREATE INDEX feedback_finding ON feedback (finding);
