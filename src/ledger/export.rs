//! The tables of the ledger as they are, for other programs: nothing of it is only readable by this one.

use std::fmt;

use rusqlite::{Connection, types::ValueRef};

use super::{Ledger, LedgerError};
use crate::digest::hex;

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A whole number: a count, or the row of another table.
    Number(i64),
    /// Text, a day, a time, or a hash in hexadecimal digits.
    Text(String),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Blank => Ok(()),
            Cell::Number(number) => number.fmt(f),
            Cell::Text(text) => f.write_str(text),
        }
    }
}

/// A table with all its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows, in the order they were stored.
    pub rows: Vec<Vec<Cell>>,
}

impl Ledger {
    /// All tables, by name; all of one state, whatever is committed meanwhile.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tables(&self) -> Result<Vec<Table>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<Table>> {
            let connection = self.connection.unchecked_transaction()?;
            let mut names = connection.prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            )?;
            let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            names.iter().map(|name| table(&connection, name)).collect()
        };
        read().map_err(self.fault())
    }
}

fn table(connection: &Connection, name: &str) -> rusqlite::Result<Table> {
    // The name is one the schema has, and needs no more than quotes.
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let rows = statement.query_map([], |row| (0..width).map(|at| Ok(cell(row.get_ref(at)?))).collect())?;
    Ok(Table { name: name.to_owned(), columns, rows: rows.collect::<rusqlite::Result<_>>()? })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Blank,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Real(number) => Cell::Text(number.to_string()),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Text(hex(bytes)),
    }
}
