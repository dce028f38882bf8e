//! The layout of a ledger and how an older one is brought up to date, step by step.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{Fault, LedgerError};

/// The steps from an empty file to today's layout. A step that was handed out is never changed: a change is a new step.
pub const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
];

/// Marks the file as a ledger of this program (`PRAGMA application_id`); the bytes spell "baos".
const APPLICATION: i64 = 0x6261_6f73;

/// Brings the file up to the last of `steps`, each step in one transaction. The version, `PRAGMA user_version`, is the
/// number of steps taken.
///
/// # Errors
/// If the file is no ledger, is newer than `steps`, or cannot be written.
pub fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), LedgerError> {
    let storage = |error| LedgerError::storage(path, error);
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    loop {
        let version = version(connection, path)?;
        if version > known {
            return Err(LedgerError::new(path, Fault::Newer { file: version, known }));
        }
        if version == known {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(storage)?;
        // Another program may have taken the step while this one waited.
        let version = self::version(&transaction, path)?;
        let step = usize::try_from(version).ok().and_then(|version| steps.get(version));
        if let Some(step) = step {
            transaction.execute_batch(step).map_err(storage)?;
            transaction.pragma_update(None, "application_id", APPLICATION).map_err(storage)?;
            transaction.pragma_update(None, "user_version", version + 1).map_err(storage)?;
        }
        transaction.commit().map_err(storage)?;
    }
}

/// How many steps the file has taken; none for an empty one.
fn version(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let number = |sql| {
        let read = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        read.map_err(|error| LedgerError::storage(path, error))
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let empty = application == 0 && version == 0 && tables == 0;
    if application != APPLICATION && !empty {
        return Err(LedgerError::new(path, Fault::NotALedger));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_once_and_a_failing_one_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("l.sqlite");
        let mut connection = Connection::open(&path).expect("open");
        let first = "CREATE TABLE a (x); INSERT INTO a VALUES (1);";
        migrate(&mut connection, &path, &[first]).expect("first step");
        // Taking it again would fail: the table is there.
        migrate(&mut connection, &path, &[first]).expect("nothing to do");
        migrate(&mut connection, &path, &[first, "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);"])
            .expect_err("a step that fails");
        let tables = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).expect("count")
        };
        assert_eq!((tables(&connection), version(&connection, &path).expect("version")), (1, 1));
        migrate(&mut connection, &path, &[first, "CREATE TABLE b (x);"]).expect("second step");
        assert_eq!((tables(&connection), version(&connection, &path).expect("version")), (2, 2));
        let error = migrate(&mut connection, &path, &[first]).expect_err("a newer file");
        assert!(matches!(error.fault, Fault::Newer { file: 2, known: 1 }), "{error}");
        assert!(error.to_string().contains("请升级程序") && error.to_string().contains("update the program"));
    }

    #[test]
    fn a_ledger_of_the_first_layout_keeps_what_it_holds() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("l.sqlite");
        let mut connection = Connection::open(&path).expect("open");
        migrate(&mut connection, &path, &STEPS[..1]).expect("the first layout");
        let rows = "INSERT INTO owner VALUES (1, '150100', '示例联社');
            INSERT INTO series VALUES (1, 'large-credit', 'month');
            INSERT INTO unit VALUES (1, '150102', '城关社部');
            INSERT INTO rule VALUES (1, 'LOAN-AMT-001', 0);
            INSERT INTO run VALUES (1, 1, '2026-10', 'a', '2026-11-04T10:00:00', '1', '', '', 1, 0, 1, 1, 1, 0, 0);
            INSERT INTO standing VALUES (1, '2026-10', 1, 0, 'late', NULL, 0, 1, 1, 1);
            INSERT INTO finding VALUES (1, 1, 'f1', 'loans', 'amount', 'JJ1', x'07', '2026-10', '2026-10', 1);
            INSERT INTO sighting VALUES (1, '2026-10', 1, 1, 1, 'new', 'new', 'error', NULL, NULL, NULL, '0',
                x'00010203040506070809', 'x', 1, 1);";
        connection.execute_batch(rows).expect("filled");
        drop(connection);
        let ledger = super::super::Ledger::open(&path).expect("brought up to date");
        let listed = ledger.list(&super::super::Filter::default()).expect("listed");
        assert_eq!((listed.rows[0].origin, listed.rows[0].fingerprint.as_str()), (super::super::Origin::System, "f1"));
        let period = "2026-10".parse().expect("a period");
        let now = chrono::NaiveDateTime::default();
        let register = ledger.register("large-credit", period, super::super::Bounds::default(), now);
        let register = register.expect("read").expect("it was run");
        // What the first layout did not keep is not known, and nothing is made up for it.
        assert_eq!((register.deadlines, register.units[0].people.officer.as_str()), (None, ""));
        assert_eq!(register.units[0].months.len(), 1);
    }

    #[test]
    fn other_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("other.sqlite");
        let mut connection = Connection::open(&path).expect("open");
        connection.execute_batch("CREATE TABLE theirs (x)").expect("a table");
        let error = migrate(&mut connection, &path, STEPS).expect_err("no ledger");
        assert!(matches!(error.fault, Fault::NotALedger), "{error}");
        let text = folder.path().join("text.sqlite");
        std::fs::write(
            &text,
            "just a text that is longer than a header of SQLite would be, which has 100 bytes in all; so",
        )
        .expect("written");
        let error = super::super::Ledger::open(&text).expect_err("no ledger");
        assert!(matches!(error.fault, Fault::NotALedger), "{error}");
    }
}
