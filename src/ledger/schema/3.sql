-- The customer whose record a finding is about: the same error in another record of the same customer is the same error
-- again. Null where the record names none.
ALTER TABLE finding ADD COLUMN customer_hash BLOB;
CREATE INDEX finding_customer ON finding (customer_hash, series, field) WHERE customer_hash IS NOT NULL;

-- Values that stand in place of those handed in, while the file still has the old one. `old` and `new` are in full: later
-- runs need them. `record` is the hash the record handed in is known by, `record_key` what people call it, masked. `fate`
-- is what the last run made of it: applied, adopted (the file has the new value by now), changed (it has a third one), gone
-- (the record is); replaced and withdrawn ones have ended.
CREATE TABLE correction (
    id             INTEGER PRIMARY KEY,
    series         INTEGER NOT NULL REFERENCES series,
    period         TEXT NOT NULL,
    unit           INTEGER NOT NULL REFERENCES unit,
    dataset        TEXT NOT NULL,
    record         BLOB NOT NULL,
    field          TEXT NOT NULL,
    record_key     TEXT NOT NULL,
    old            TEXT,
    kind           TEXT NOT NULL,
    new            TEXT NOT NULL,
    flagged        INTEGER NOT NULL,
    source_changed INTEGER NOT NULL,
    suspicions     TEXT NOT NULL,
    who            TEXT NOT NULL,
    given          TEXT NOT NULL,
    workbook       TEXT NOT NULL,
    sha256         TEXT NOT NULL,
    fate           TEXT NOT NULL,
    ended          TEXT
) STRICT;
CREATE INDEX correction_cell ON correction (series, period, unit, dataset, record, field);

-- Which findings a correction answers.
CREATE TABLE correction_finding (
    correction INTEGER NOT NULL REFERENCES correction,
    finding    INTEGER NOT NULL REFERENCES finding,
    PRIMARY KEY (correction, finding)
) STRICT, WITHOUT ROWID;

-- What a unit said about a finding without giving another value: the source system is corrected, or the data is not its own.
CREATE TABLE declaration (
    id       INTEGER PRIMARY KEY,
    finding  INTEGER NOT NULL REFERENCES finding,
    period   TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('source-corrected', 'not-ours')),
    text     TEXT NOT NULL,
    who      TEXT NOT NULL,
    given    TEXT NOT NULL,
    workbook TEXT NOT NULL,
    sha256   TEXT NOT NULL
) STRICT;
CREATE INDEX declaration_finding ON declaration (finding, period);

-- Every workbook that came back, and what was in it; `refused` says why it was not taken.
CREATE TABLE returned (
    id        INTEGER PRIMARY KEY,
    series    INTEGER NOT NULL REFERENCES series,
    period    TEXT NOT NULL,
    unit      INTEGER REFERENCES unit,
    workbook  TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    taken     TEXT NOT NULL,
    findings  INTEGER NOT NULL,
    answered  INTEGER NOT NULL,
    corrected INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    unflagged INTEGER NOT NULL,
    refused   TEXT
) STRICT;

-- What a unit last handed in for a period, and what it had handed in before that: by hashes, so that the next file can be
-- compared. `findings` is the fingerprints of the last run on it, `records` for each record its id, the marks of its cells
-- and which of them a finding was about.
CREATE TABLE handed_in (
    series   INTEGER NOT NULL REFERENCES series,
    period   TEXT NOT NULL,
    unit     INTEGER NOT NULL REFERENCES unit,
    slot     TEXT NOT NULL CHECK (slot IN ('last', 'before')),
    content  BLOB NOT NULL,
    findings BLOB NOT NULL,
    records  BLOB NOT NULL,
    PRIMARY KEY (series, period, unit, slot)
) STRICT;
