//! Texts, names, identifiers and codes.

use std::borrow::Cow;

use super::{Notes, Typing, bool_text, no_value, shown};
use crate::{
    ingest::{
        Normaliser,
        cell::Cell,
        characters::{cleaned, has_lost, is_blank, is_dash, is_error, is_invisible, is_scientific},
        date,
    },
    pack::FieldKind,
    table::FaultKind,
};

/// Numbers from here on have more digits than spreadsheet programs keep.
const FIRST_INEXACT: f64 = 1e15;

impl Typing<'_> {
    /// The text of a text, name, identifier or code field.
    pub fn text<'c>(&self, cell: Cell<'c>, notes: &mut Notes) -> Option<Cow<'c, str>> {
        let kind = self.field.kind;
        match cell {
            Cell::Text(text) if matches!(kind, FieldKind::Text | FieldKind::Name) => {
                free_text(text, kind == FieldKind::Name, notes).map(Cow::Borrowed)
            }
            Cell::Text(text) => self.identifier(text, notes),
            Cell::Number(_) | Cell::Formatted(..) | Cell::Digits(_) => {
                let shown = shown(cell);
                let kept = cell.number().is_some_and(|value| value.abs() < FIRST_INEXACT);
                match kind {
                    FieldKind::Identifier => notes.destroy(FaultKind::NumericIdentifier, &shown),
                    FieldKind::Code => self.numeric_code(shown.into_owned(), notes).map(Cow::Owned),
                    _ if kept => Some(shown),
                    _ => notes.destroy(FaultKind::NumericIdentifier, &shown),
                }
            }
            Cell::Date(point) => {
                let shown = date::shown(point);
                match kind {
                    FieldKind::Identifier | FieldKind::Code => notes.destroy(FaultKind::CodeBecameDate, &shown),
                    _ => Some(Cow::Owned(shown)),
                }
            }
            Cell::Bool(value) => Some(Cow::Borrowed(bool_text(value))),
            Cell::Error(text) => notes.destroy(FaultKind::ErrorCell, text),
            Cell::NoValue => no_value(notes),
        }
    }

    fn numeric_code(&self, digits: String, notes: &mut Notes) -> Option<String> {
        let short = self.field.width.is_some_and(|width| length(&digits) < width);
        if short || self.codes.as_ref().is_some_and(|codes| codes.lost_zeros(&digits)) {
            return notes.destroy(FaultKind::LostLeadingZeros, &digits);
        }
        notes.repair(Normaliser::NumericCode);
        Some(digits)
    }

    fn identifier<'c>(&self, text: &'c str, notes: &mut Notes) -> Option<Cow<'c, str>> {
        let value = if is_plain_identifier(text.as_bytes()) {
            Cow::Borrowed(text)
        } else {
            self.cleaned_identifier(text, notes)?
        };
        if let Some(width) = self.field.width
            && length(&value) < width
            && value.bytes().all(|byte| byte.is_ascii_digit())
        {
            return notes.destroy(FaultKind::LostLeadingZeros, text);
        }
        if let Some(codes) = &self.codes
            && codes.ascii_names
            && !codes.has(&value)
            && let Some(code) = codes.code_of(&value)
        {
            notes.repair(Normaliser::CodeName);
            notes.submit(text);
            return Some(Cow::Owned(code.to_owned()));
        }
        Some(value)
    }

    /// The way of all identifiers and codes that are not plain ASCII.
    fn cleaned_identifier<'c>(&self, text: &'c str, notes: &mut Notes) -> Option<Cow<'c, str>> {
        // A code may hold blanks or signs that cleaning would take: as the list writes it, it is right.
        let trimmed = text.trim_matches(is_blank);
        if self.codes.as_ref().is_some_and(|codes| codes.has(trimmed)) {
            if trimmed.len() != text.len() {
                notes.repair(Normaliser::Blanks);
                notes.submit(text);
            }
            return Some(Cow::Borrowed(trimmed));
        }
        let found = cleaned(text);
        if notes.nothing_entered(&found, text) {
            return None;
        }
        if is_scientific(&found.text) {
            return notes.destroy(FaultKind::ScientificNotation, text);
        }
        if let Some(codes) = &self.codes
            && !codes.has(&found.text)
            && let Some(code) = codes.code_of(&found.text)
        {
            notes.repair(Normaliser::CodeName);
            notes.submit(text);
            return Some(Cow::Owned(code.to_owned()));
        }
        notes.cleaning(&found);
        if found.lost || has_lost(&found.text, false) {
            notes.fault(FaultKind::LostCharacters);
        }
        let mut value = found.text;
        // A code list may tell small letters from capitals.
        let keeps_case = self.codes.as_ref().is_some_and(|codes| codes.has(&value));
        if !keeps_case && value.bytes().any(|byte| byte.is_ascii_lowercase()) {
            value.make_ascii_uppercase();
            notes.repair(Normaliser::UpperCase);
        }
        if value == text {
            return Some(Cow::Borrowed(text));
        }
        notes.submit(text);
        Some(Cow::Owned(value))
    }
}

/// Text and names: left as submitted but for blanks at the ends; damage is reported.
fn free_text<'c>(text: &'c str, name: bool, notes: &mut Notes) -> Option<&'c str> {
    if is_plain_text(text.as_bytes()) {
        return Some(text);
    }
    let value = text.trim_matches(is_blank);
    if value.chars().all(|c| is_invisible(c) || is_blank(c)) {
        return None;
    }
    if is_dash(value) {
        notes.repair(Normaliser::DashAsBlank);
        notes.submit(text);
        return None;
    }
    if is_error(value) {
        return notes.destroy(FaultKind::ErrorCell, text);
    }
    // Mongolian script needs a narrow no-break space before suffixes, and joiners.
    let mongolian = value.contains(|c| matches!(c, '\u{1800}'..='\u{180d}' | '\u{180f}'..='\u{18af}'));
    let script_sign = |c: char| mongolian && matches!(c, '\u{202f}' | '\u{180e}' | '\u{200c}' | '\u{200d}');
    if value.chars().any(|c| is_invisible(c) && !script_sign(c)) {
        notes.fault(FaultKind::InvisibleCharacters);
    }
    if has_lost(value, name) {
        notes.fault(FaultKind::LostCharacters);
    }
    if value.len() != text.len() {
        notes.repair(Normaliser::Blanks);
        notes.submit(text);
    }
    Some(value)
}

/// Text and names that need no second look: ASCII but `?`, hanzi of the basic block, full-width forms and the middle
/// dot, without blanks at the ends and not beginning like a dash or an error.
fn is_plain_text(bytes: &[u8]) -> bool {
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    if matches!(first, b' ' | b'-' | b'/' | b'\\' | b'#') || *last == b' ' {
        return false;
    }
    // A full-width dash or slash may stand for a blank; ideographic spaces begin with E3 and are not accepted at all.
    if *first == 0xef && bytes.len() <= 6 {
        return false;
    }
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [b' '..=b'>' | b'@'..=b'~', rest @ ..]
            | [0xe4..=0xe9, _, _, rest @ ..]
            | [0xef, 0xbc | 0xbd, _, rest @ ..]
            | [0xc2, 0xb7, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// Identifiers that need no second look: ASCII digits, capitals and signs, nothing that could be a dash for a blank, an
/// error or scientific notation.
fn is_plain_identifier(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| !matches!(first, b'-' | b'/' | b'\\' | b'#'))
        && bytes.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'a'..=b'z' | b'+' | b'.'))
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
