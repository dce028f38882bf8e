//! A cell becomes a typed value of its field, and whatever damage it shows is reported.
//!
//! Knows fields and code lists, but neither files nor tables. The detectors run before the typing: what an identifier
//! lost by becoming a number is not to be had back by formatting it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use super::{
    Normaliser,
    cell::Cell,
    characters::{cleaned, has_lost, is_blank, is_dash, is_error, is_invisible, is_scientific},
    date,
    number::{self, Inexact},
};
use crate::{
    pack::{AmountUnit, CodeList, Field, FieldKind},
    table::{CellFault, FaultKind},
};

/// What is noted about the cells of a sheet beside their values.
#[derive(Debug, Default)]
pub struct Notes {
    /// The cell at work: record and field.
    pub at: (u32, u16),
    /// What the detectors found.
    pub faults: Vec<CellFault>,
    /// Texts as submitted, where the typed value does not show them.
    pub submitted: HashMap<(u32, u16), Box<str>>,
    /// Repairs, with how often.
    pub repairs: BTreeMap<Normaliser, u64>,
}

impl Notes {
    fn fault(&mut self, kind: FaultKind) {
        self.faults.push(CellFault { record: self.at.0, field: self.at.1, kind });
    }

    fn repair(&mut self, kind: Normaliser) {
        *self.repairs.entry(kind).or_default() += 1;
    }

    fn submit(&mut self, text: &str) {
        self.submitted.insert(self.at, text.into());
    }

    /// The value is gone: fault and text as submitted.
    fn destroy<T>(&mut self, kind: FaultKind, text: &str) -> Option<T> {
        self.fault(kind);
        self.submit(text);
        None
    }
}

/// The names of a code list, for cells that hold the name instead of the code.
#[derive(Debug)]
pub struct CodeNames<'p> {
    list: &'p CodeList,
    by_name: HashMap<String, &'p str>,
    ascii_names: bool,
}

impl<'p> CodeNames<'p> {
    /// Names that belong to one code only.
    pub fn new(list: &'p CodeList) -> Self {
        let mut by_name: HashMap<String, &'p str> = HashMap::new();
        let mut shared = Vec::new();
        for (code, entry) in &list.codes {
            let name = cleaned(&entry.name).text;
            if !name.is_empty() && by_name.insert(name.clone(), code).is_some() {
                shared.push(name);
            }
        }
        for name in shared {
            by_name.remove(&name);
        }
        let ascii_names = by_name.keys().any(|name| name.is_ascii());
        Self { list, by_name, ascii_names }
    }

    fn has(&self, code: &str) -> bool {
        self.list.codes.contains_key(code)
    }

    /// The code of a name, or of code and name together such as `1-正常`.
    fn code_of(&self, text: &str) -> Option<&'p str> {
        if let Some(code) = self.by_name.get(text) {
            return Some(code);
        }
        let name_at = text.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (code, rest) = text.split_at_checked(name_at)?;
        let (code, _) = self.list.codes.get_key_value(code)?;
        let name = rest.trim_start_matches(['-', ':', '.', '、', '|', '_', '—', '/']);
        (self.by_name.get(name) == Some(&code.as_str())).then_some(code.as_str())
    }

    /// The code is in the list once zeros are put before it.
    fn lost_zeros(&self, digits: &str) -> bool {
        !self.has(digits) && (1..=3).any(|zeros| self.has(&format!("{}{digits}", "0".repeat(zeros))))
    }
}

/// How the cells of one column are read.
#[derive(Debug)]
pub struct Typing<'p> {
    /// The field.
    pub field: &'p Field,
    /// Names of its code list.
    pub codes: Option<CodeNames<'p>>,
    /// Unit of the amounts in the sheet, as its heading or title states; the field's unless stated.
    pub unit: Option<AmountUnit>,
    /// The heading states per cent.
    pub percent: bool,
    /// Serial numbers count from 1904.
    pub is_1904: bool,
}

impl<'p> Typing<'p> {
    /// The typing of a field when the sheet states nothing of its own.
    pub fn new(field: &'p Field, codes: Option<&'p CodeList>) -> Self {
        let codes = codes.filter(|_| field.kind == FieldKind::Code).map(CodeNames::new);
        Self { field, codes, unit: field.unit, percent: false, is_1904: false }
    }

    /// Amounts are converted between yuan and ten thousand yuan.
    pub fn converts(&self) -> bool {
        self.field.unit.is_some() && self.unit != self.field.unit
    }

    fn read_scale(&self) -> i32 {
        let scale = i32::from(self.field.scale);
        match (self.unit, self.field.unit) {
            (Some(AmountUnit::Yuan), Some(AmountUnit::WanYuan)) => scale - 4,
            (Some(AmountUnit::WanYuan), Some(AmountUnit::Yuan)) => scale + 4,
            _ => scale,
        }
    }

    /// The text of a text, name, identifier or code field.
    pub fn text<'c>(&self, cell: Cell<'c>, notes: &mut Notes) -> Option<Cow<'c, str>> {
        let kind = self.field.kind;
        match cell {
            Cell::Text(text) if matches!(kind, FieldKind::Text | FieldKind::Name) => {
                free_text(text, kind == FieldKind::Name, notes).map(Cow::Borrowed)
            }
            Cell::Text(text) => self.identifier(text, notes),
            Cell::Number(value) => {
                let shown = number::shown(value);
                match kind {
                    FieldKind::Identifier => notes.destroy(FaultKind::NumericIdentifier, &shown),
                    FieldKind::Code => self.numeric_code(shown, notes).map(Cow::Owned),
                    _ => Some(Cow::Owned(shown)),
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
        let found = cleaned(text);
        if found.text.is_empty() {
            return None;
        }
        if is_dash(text) {
            notes.repair(Normaliser::DashAsBlank);
            notes.submit(text);
            return None;
        }
        if is_error(text.trim()) {
            return notes.destroy(FaultKind::ErrorCell, text);
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
        note_cleaning(&found, notes);
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

    /// The mantissa of an amount or decimal, in the unit and scale of the field.
    pub fn decimal(&self, cell: Cell<'_>, notes: &mut Notes) -> Option<i128> {
        let converts = self.converts();
        let value = match cell {
            Cell::Number(value) => match number::decimal_of_f64(value, self.read_scale()) {
                Ok(mantissa) => {
                    if converts {
                        notes.submit(&number::shown(value));
                    }
                    Some(mantissa)
                }
                Err(inexact) => notes.destroy(fault_of(inexact), &number::shown(value)),
            },
            Cell::Text(text) => match number::decimal_of_text(text, self.read_scale()) {
                Ok(mantissa) => {
                    if converts {
                        notes.submit(text);
                    }
                    Some(mantissa)
                }
                Err(_) => self
                    .repaired_number(text, notes)?
                    .and_then(|repaired| number::decimal_of_text(&repaired, self.read_scale()))
                    .map_or_else(|inexact| notes.destroy(fault_of(inexact), text), Some),
            },
            other => not_a(FaultKind::NotANumber, other, notes),
        };
        if converts && value.is_some() {
            notes.repair(Normaliser::UnitOfHeading);
        }
        value
    }

    /// The value of an integer field.
    pub fn integer(&self, cell: Cell<'_>, notes: &mut Notes) -> Option<i64> {
        let (found, text) = match cell {
            Cell::Number(value) => (number::decimal_of_f64(value, 0), Cow::Owned(number::shown(value))),
            Cell::Text(text) => match number::decimal_of_text(text, 0) {
                Ok(whole) => (Ok(whole), Cow::Borrowed(text)),
                Err(_) => {
                    let repaired = self.repaired_number(text, notes)?;
                    (repaired.and_then(|plain| number::decimal_of_text(&plain, 0)), Cow::Borrowed(text))
                }
            },
            other => return not_a(FaultKind::NotANumber, other, notes),
        };
        match found.map(i64::try_from) {
            Ok(Ok(whole)) => Some(whole),
            Err(Inexact::TooManyDecimals) => notes.destroy(FaultKind::NotAnInteger, &text),
            _ => notes.destroy(FaultKind::NotANumber, &text),
        }
    }

    /// A number as people write it, without what the named normalisers remove. The outer `None` is a blank cell.
    fn repaired_number(&self, text: &str, notes: &mut Notes) -> Option<Result<String, Inexact>> {
        let found = cleaned(text);
        if found.text.is_empty() {
            return None;
        }
        if is_dash(text) {
            notes.repair(Normaliser::DashAsBlank);
            notes.submit(text);
            return None;
        }
        if is_error(text.trim()) {
            return notes.destroy(FaultKind::ErrorCell, text);
        }
        let mut repairs = Vec::new();
        let mut plain = found.text.as_str();
        let mut negative = false;
        if let Some(inner) = plain.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (plain, negative) = (inner, true);
            repairs.push(Normaliser::BracketNegative);
        }
        if let Some(inner) = self.without_sign(plain) {
            plain = inner;
            repairs.push(Normaliser::CurrencySign);
        }
        let mut number = plain.to_owned();
        if has_thousands(plain) {
            number.retain(|c| c != ',');
            repairs.push(Normaliser::Thousands);
        }
        if negative {
            // `(-5)` is no usual way to write anything.
            if number.starts_with(['-', '+']) {
                return Some(Err(Inexact::NotANumber));
            }
            number.insert(0, '-');
        }
        if number::decimal_of_text(&number, 0) == Err(Inexact::NotANumber) {
            return Some(Err(Inexact::NotANumber));
        }
        note_cleaning(&found, notes);
        for repair in repairs {
            notes.repair(repair);
        }
        notes.submit(text);
        Some(Ok(number))
    }

    /// Without the sign of currency, unit or per cent, if it agrees with the unit of the column.
    fn without_sign<'t>(&self, text: &'t str) -> Option<&'t str> {
        if let Some(number) = text.strip_suffix('%') {
            return self.percent.then_some(number);
        }
        if let Some(number) = text.strip_suffix("万元") {
            return (self.unit == Some(AmountUnit::WanYuan)).then_some(number);
        }
        if let Some(number) = text.strip_suffix(['元', '圆']) {
            return (self.unit == Some(AmountUnit::Yuan)).then_some(number);
        }
        let number = text.strip_prefix(['¥', '￥'])?;
        (self.unit == Some(AmountUnit::Yuan)).then_some(number)
    }

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
            Cell::Number(value) => {
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
        if found.text.is_empty() {
            return None;
        }
        if is_dash(text) {
            notes.repair(Normaliser::DashAsBlank);
            notes.submit(text);
            return None;
        }
        if is_error(text.trim()) {
            return notes.destroy(FaultKind::ErrorCell, text);
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
        note_cleaning(&found, notes);
        notes.repair(repair);
        notes.submit(text);
        day
    }
}

/// What the detectors find in a cell of `field`; for the examples of cell rules.
pub fn cell_faults(field: &Field, codes: Option<&CodeList>, cell: Cell<'_>) -> Vec<FaultKind> {
    let typing = Typing::new(field, codes);
    let mut notes = Notes::default();
    match field.kind {
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            typing.text(cell, &mut notes);
        }
        FieldKind::Amount | FieldKind::Decimal => {
            typing.decimal(cell, &mut notes);
        }
        FieldKind::Integer => {
            typing.integer(cell, &mut notes);
        }
        FieldKind::Date => {
            typing.date(cell, &mut notes);
        }
    }
    notes.faults.iter().map(|fault| fault.kind).collect()
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

fn note_cleaning(found: &super::characters::Cleaned, notes: &mut Notes) {
    if found.invisible {
        notes.fault(FaultKind::InvisibleCharacters);
        notes.repair(Normaliser::Invisible);
    }
    if found.full_width {
        notes.repair(Normaliser::FullWidth);
    }
    if found.full_width_fault {
        notes.fault(FaultKind::FullWidthCharacters);
    }
    if found.blanks {
        notes.repair(Normaliser::Blanks);
    }
}

/// Commas between groups of three digits and nowhere else.
fn has_thousands(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole).trim_start_matches(['-', '+']);
    let mut groups = whole.split(',');
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| matches!(group.len(), 1..=3) && is_digits(group));
    let mut more = false;
    first
        && groups.all(|group| {
            more = true;
            group.len() == 3 && is_digits(group)
        })
        && more
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn bool_text(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

fn no_value<T>(notes: &mut Notes) -> Option<T> {
    notes.fault(FaultKind::FormulaWithoutValue);
    None
}

fn fault_of(inexact: Inexact) -> FaultKind {
    match inexact {
        Inexact::TooManyDecimals => FaultKind::TooManyDecimals,
        Inexact::NotANumber => FaultKind::NotANumber,
    }
}

/// Cells whose type alone says that they are no number, or no date.
fn not_a<T>(kind: FaultKind, cell: Cell<'_>, notes: &mut Notes) -> Option<T> {
    match cell {
        Cell::NoValue => no_value(notes),
        Cell::Error(text) => notes.destroy(FaultKind::ErrorCell, text),
        other => notes.destroy(kind, &shown(other)),
    }
}

/// The cell as a person sees it.
pub fn shown(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Error(text) => Cow::Borrowed(text),
        Cell::Number(value) => Cow::Owned(number::shown(value)),
        Cell::Date(point) => Cow::Owned(date::shown(point)),
        Cell::Bool(value) => Cow::Borrowed(bool_text(value)),
        Cell::NoValue => Cow::Borrowed(""),
    }
}
