//! Calendar days.

use super::{Notes, Typing, not_a};
use crate::{
    ingest::{Normaliser, cell::Cell, characters::cleaned, date, number},
    table::FaultKind,
};

impl Typing<'_> {
    /// The day of a date field.
    pub fn date(&self, cell: Cell<'_>, notes: &mut Notes) -> Option<i32> {
        match cell {
            Cell::Date(point) => {
                if point.second != 0 {
                    notes.repair(Normaliser::DateText);
                    notes.submit(&date::shown(point));
                }
                Some(point.day)
            }
            Cell::Number(_) | Cell::Formatted(..) | Cell::Digits(_) => {
                let value = cell.number()?;
                let shown = number::shown(value);
                let (day, repair) = match date::from_plain_serial(value, self.is_1904) {
                    Some(day) => (Some(day), Normaliser::DateSerial),
                    None => (date::from_digits(value), Normaliser::DateText),
                };
                if day.is_none() {
                    return notes.destroy(FaultKind::NotADate, &shown);
                }
                notes.repair(repair);
                notes.submit(&shown);
                day
            }
            Cell::Text(text) => self.date_text(text, notes),
            other => not_a(FaultKind::NotADate, other, notes),
        }
    }

    fn date_text(&self, text: &str, notes: &mut Notes) -> Option<i32> {
        if let Some((day, iso)) = date::from_text(text) {
            if !iso || text.len() != 10 {
                notes.repair(Normaliser::DateText);
                notes.submit(text);
            }
            return Some(day);
        }
        let found = cleaned(text);
        if notes.nothing_entered(&found, text) {
            return None;
        }
        let serial = || found.text.parse().ok().and_then(|serial| date::from_plain_serial(serial, self.is_1904));
        let (day, repair) = match date::from_text(&found.text) {
            Some((day, _)) => (Some(day), Normaliser::DateText),
            None if found.text.len() == 5 => (serial(), Normaliser::DateSerial),
            None => (None, Normaliser::DateText),
        };
        if day.is_none() {
            return notes.destroy(FaultKind::NotADate, text);
        }
        notes.cleaning(&found);
        notes.repair(repair);
        notes.submit(text);
        day
    }
}
