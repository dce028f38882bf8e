//! What units said of findings without another value: that the source system is corrected (Article 14), or that the data
//! is not their own. Such findings stay open; someone at the union has to look.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rusqlite::{
    Connection,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use super::{FindingRow, history::time_at, list::Lines};
use crate::text::{Lang, Text};

/// What a unit can say about a finding without giving another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Declaration {
    /// The source system is corrected (Article 14).
    SourceCorrected,
    /// The data is another unit's.
    NotOurs,
}

impl Declaration {
    /// The name on the command line and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Declaration::SourceCorrected => "source-corrected",
            Declaration::NotOurs => "not-ours",
        }
    }

    /// What people call it.
    pub fn title(self, lang: Lang) -> String {
        let text = match self {
            Declaration::SourceCorrected => Text::new("称已改源系统", "said to be corrected in the source"),
            Declaration::NotOurs => Text::new("称非本社部", "said not to be theirs"),
        };
        text.get(lang).to_owned()
    }
}

impl FromSql for Declaration {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let known = [Declaration::SourceCorrected, Declaration::NotOurs];
        known.into_iter().find(|kind| kind.name() == name).ok_or(FromSqlError::InvalidType)
    }
}

/// What was said, by whom and in which workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What.
    pub kind: Declaration,
    /// What was said beside it.
    pub text: String,
    /// By whom.
    pub who: String,
    /// When.
    pub given: NaiveDateTime,
    /// Name of the workbook.
    pub workbook: String,
}

/// What was last said of the findings of a period in one of its series, by row of the finding.
fn last_said(connection: &Connection, series: i64, period: &str) -> rusqlite::Result<BTreeMap<i64, Declared>> {
    let mut statement = connection.prepare(
        "SELECT kind, text, who, given, workbook, declaration.finding FROM declaration \
         JOIN finding ON finding.id = declaration.finding WHERE finding.series = ?1 AND period = ?2 \
         ORDER BY declaration.id",
    )?;
    let rows = statement.query_map((series, period), |row| Ok((row.get(5)?, read(row)?)))?;
    rows.collect()
}

/// All that was said of one finding, oldest first.
pub(super) fn said_of(connection: &Connection, finding: i64) -> rusqlite::Result<Vec<Declared>> {
    let mut statement = connection
        .prepare("SELECT kind, text, who, given, workbook FROM declaration WHERE finding = ?1 ORDER BY id")?;
    let rows = statement.query_map([finding], read)?;
    rows.collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Declared> {
    Ok(Declared {
        kind: row.get(0)?,
        text: row.get(1)?,
        who: row.get(2)?,
        given: time_at(row, 3)?,
        workbook: row.get(4)?,
    })
}

/// The findings of a period of which something was said, with the last of it, in the order of the register.
pub(super) fn declared(
    connection: &Connection,
    series: i64,
    period: &str,
) -> rusqlite::Result<Vec<(FindingRow, Declared)>> {
    let mut lines = Lines::new(connection)?;
    let mut found = Vec::new();
    for (finding, said) in last_said(connection, series, period)? {
        found.push((lines.line(finding, period)?, said));
    }
    found.sort_by(|(a, _), (b, _)| {
        (&a.unit, &a.rule, &a.record_key, &a.fingerprint).cmp(&(&b.unit, &b.rule, &b.record_key, &b.fingerprint))
    });
    Ok(found)
}
