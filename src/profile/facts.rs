//! What the cells of one column are, counted cell by cell in a single pass and in bounded memory.
//!
//! Counts and judges nothing: what a column is is guessed elsewhere, from these figures.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{
    damage::{Damage, DateForm, Seen},
    personal,
    shape::shape,
};
use crate::{
    identifier::{
        self,
        name::is_person_name,
        recognise::{Kind, recognise},
    },
    ingest::{
        Cell,
        characters::{cleaned, has_lost, is_blank, is_dash, is_error, is_scientific},
        date, number, shown,
    },
};

/// Different values counted in one column; of more it is only known that there are more.
pub const MOST_DISTINCT: usize = 100_000;
/// Different values kept with their numbers.
const MOST_VALUES: usize = 200;
/// Longest value kept, in characters.
const LONGEST_VALUE: usize = 60;
/// Different shapes kept with their numbers.
const MOST_SHAPES: usize = 40;
/// The least number of 16 digits: its last digits may be gone.
const SIXTEEN_DIGITS: f64 = 1e15;

/// The figures of a column.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Cells that are not blank.
    pub filled: u64,
    /// Text cells.
    pub texts: u64,
    /// Number cells.
    pub numbers: u64,
    /// Row number of the first of them; 0 if there is none.
    pub number_row: u32,
    /// Truth values.
    pub bools: u64,
    /// Texts that are numbers, as people write them.
    pub number_texts: u64,
    /// Row number of the first of them; 0 if there is none.
    pub number_text_row: u32,
    /// Numbers, of cells or texts, without decimals.
    pub integers: u64,
    /// Most decimal places.
    pub scale: u8,
    /// Smallest and largest number.
    pub number_range: Option<(f64, f64)>,
    /// Dates of cells and texts by the way they are written.
    pub dates: BTreeMap<DateForm, Seen>,
    /// Earliest and latest of them, in days since 1970-01-01.
    pub date_range: Option<(i32, i32)>,
    /// Date cells with a time of day.
    pub times: u64,
    /// Fewest and most characters.
    pub lengths: Option<(usize, usize)>,
    /// Values of digits alone by their number of digits.
    pub digits: BTreeMap<usize, Seen>,
    /// Of these, texts that begin with a zero.
    pub leading_zeros: u64,
    /// Values that could be identifiers of a kind, by its place in [`Kind::ALL`].
    pub kinds: [u64; Kind::ALL.len()],
    /// Values with the form of a person's name.
    pub person_names: u64,
    /// Of these, those with a common surname or a middle dot.
    pub surnamed: u64,
    /// Whole numbers that can be the serial number of a day between 1950 and 2100.
    pub serials: u64,
    /// Values that end in 元 and not in 万元, and those that end in 万元.
    pub units: (u64, u64),
    /// Values that end in a percent sign.
    pub percents: u64,
    /// Shapes with how often, most frequent ones if there are too many.
    pub shapes: BTreeMap<String, u64>,
    /// Cells whose shape was one too many.
    pub other_shapes: u64,
    /// Values with how often; none if there are too many, or too long ones.
    pub values: Option<BTreeMap<String, u64>>,
    /// Damage.
    pub damage: BTreeMap<Damage, Seen>,
    distinct: HashSet<u64>,
    many: bool,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            filled: 0,
            texts: 0,
            numbers: 0,
            number_row: 0,
            bools: 0,
            number_texts: 0,
            number_text_row: 0,
            integers: 0,
            scale: 0,
            number_range: None,
            dates: BTreeMap::new(),
            date_range: None,
            times: 0,
            lengths: None,
            digits: BTreeMap::new(),
            leading_zeros: 0,
            kinds: [0; Kind::ALL.len()],
            person_names: 0,
            surnamed: 0,
            serials: 0,
            units: (0, 0),
            percents: 0,
            shapes: BTreeMap::new(),
            other_shapes: 0,
            values: Some(BTreeMap::new()),
            damage: BTreeMap::new(),
            distinct: HashSet::new(),
            many: false,
        }
    }
}

impl Facts {
    /// Number of different values, and whether there are more.
    pub fn distinct(&self) -> (u64, bool) {
        (self.distinct.len() as u64, self.many)
    }

    /// Dates of all forms.
    pub fn all_dates(&self) -> u64 {
        self.dates.values().map(|seen| seen.count).sum()
    }

    /// Numbers of cells and texts.
    pub fn all_numbers(&self) -> u64 {
        self.numbers + self.number_texts
    }

    /// How many values could be of a kind.
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.kinds.get(kind as usize).copied().unwrap_or_default()
    }

    /// Notes damage.
    pub fn damaged(&mut self, damage: Damage, row: u32) {
        self.damage.entry(damage).or_insert(Seen { count: 0, row }).count += 1;
    }

    /// Notes damage found in several cells at once.
    pub fn damaged_by(&mut self, damage: Damage, seen: Seen) {
        self.damage.insert(damage, seen);
    }

    /// Counts a cell that is not blank. Returns the day if it is a date for sure.
    pub fn take(&mut self, cell: Cell<'_>, row: u32) -> Option<i32> {
        let nothing = match cell {
            Cell::NoValue => Some(Damage::NoValue),
            Cell::Error(_) => Some(Damage::Error),
            Cell::Text(text) if is_error(text.trim()) => Some(Damage::Error),
            Cell::Text(text) if is_dash(text) => Some(Damage::Dash),
            _ => None,
        };
        if let Some(damage) = nothing {
            self.damaged(damage, row);
            return None;
        }
        self.filled += 1;
        let text = shown(cell);
        self.value(&text);
        match cell {
            Cell::Text(text) => {
                self.texts += 1;
                return self.text(text, row);
            }
            Cell::Number(_) | Cell::Formatted(..) | Cell::Digits(_) => {
                let value = cell.number().unwrap_or_default();
                if self.numbers == 0 {
                    self.number_row = row;
                }
                self.numbers += 1;
                self.number(value);
                if value.abs() >= SIXTEEN_DIGITS {
                    self.damaged(Damage::LongNumber, row);
                } else if date::from_digits(value).is_some() {
                    // Counted apart from the texts: it may as well be a number.
                    self.date_range_of(date::from_digits(value));
                    self.dated(DateForm::Digits, row);
                }
                if value >= 0.0 && !text.contains('.') {
                    self.digits_of(&text, row);
                }
                // A number of more digits is none that was ever given out.
                if value.abs() < SIXTEEN_DIGITS {
                    self.kinds_of(&text);
                }
            }
            Cell::Date(point) => {
                self.dated(DateForm::Cell, row);
                self.times += u64::from(point.second != 0);
                self.date_range_of(Some(point.day));
                return Some(point.day);
            }
            Cell::Bool(_) => self.bools += 1,
            Cell::Error(_) | Cell::NoValue => {}
        }
        None
    }

    fn dated(&mut self, form: DateForm, row: u32) {
        self.dates.entry(form).or_insert(Seen { count: 0, row }).count += 1;
    }

    fn value(&mut self, text: &str) {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.distinct.len() < MOST_DISTINCT {
            self.distinct.insert(hash);
        } else {
            self.many |= !self.distinct.contains(&hash);
        }
        if let Some(values) = &mut self.values {
            if let Some(count) = values.get_mut(text) {
                *count += 1;
            } else if values.len() < MOST_VALUES && text.chars().count() <= LONGEST_VALUE {
                values.insert(text.to_owned(), 1);
            } else {
                self.values = None;
            }
        }
        let length = text.chars().count();
        let (least, most) = self.lengths.unwrap_or((length, length));
        self.lengths = Some((least.min(length), most.max(length)));
        let shape = shape(text);
        if let Some(count) = self.shapes.get_mut(&shape) {
            *count += 1;
        } else if self.shapes.len() < MOST_SHAPES {
            self.shapes.insert(shape, 1);
        } else {
            self.other_shapes += 1;
        }
    }

    fn number(&mut self, value: f64) {
        let (least, most) = self.number_range.unwrap_or((value, value));
        self.number_range = Some((least.min(value), most.max(value)));
        self.serials += u64::from(date::from_plain_serial(value, false).is_some());
        let shown = number::shown(value);
        match shown.split_once('.') {
            Some((_, fraction)) => self.scale = self.scale.max(u8::try_from(fraction.len()).unwrap_or(u8::MAX)),
            None => self.integers += 1,
        }
    }

    fn digits_of(&mut self, digits: &str, row: u32) {
        self.digits.entry(digits.len()).or_insert(Seen { count: 0, row }).count += 1;
    }

    fn kinds_of(&mut self, text: &str) {
        let normal = identifier::normalise(text);
        for kind in recognise(&normal, last_day()).iter() {
            if let Some(count) = self.kinds.get_mut(kind as usize) {
                *count += 1;
            }
        }
    }

    fn date_range_of(&mut self, day: Option<i32>) {
        let Some(day) = day else { return };
        let (first, last) = self.date_range.unwrap_or((day, day));
        self.date_range = Some((first.min(day), last.max(day)));
    }

    fn text(&mut self, text: &str, row: u32) -> Option<i32> {
        let found = cleaned(text);
        if found.invisible {
            self.damaged(Damage::Invisible, row);
        }
        if found.full_width_fault {
            self.damaged(Damage::FullWidth, row);
        }
        if found.lost || has_lost(text, false) {
            self.damaged(Damage::Lost, row);
        }
        if text.starts_with(is_blank) || text.ends_with(is_blank) {
            self.damaged(Damage::Blanks, row);
        }
        if is_scientific(&found.text) {
            self.damaged(Damage::Scientific, row);
        }
        self.kinds_of(text);
        self.person_names += u64::from(is_person_name(text.trim()));
        self.surnamed += u64::from(personal::surnamed(text.trim()));
        let plain = found.text.as_str();
        if plain.bytes().all(|byte| byte.is_ascii_digit()) {
            self.digits_of(plain, row);
            self.leading_zeros += u64::from(plain.len() > 1 && plain.starts_with('0'));
        }
        self.number_text(plain, row);
        let (day, form) = date_of_text(plain, text)?;
        self.dated(form, row);
        self.date_range_of(Some(day));
        (form != DateForm::Digits).then_some(day)
    }

    fn number_text(&mut self, plain: &str, row: u32) {
        let number = match (plain.strip_suffix("万元"), plain.strip_suffix('元'), plain.strip_suffix('%')) {
            (Some(number), ..) => {
                self.units.1 += 1;
                number
            }
            (_, Some(number), _) => {
                self.units.0 += 1;
                number
            }
            (.., Some(number)) => {
                self.percents += 1;
                number
            }
            _ => plain,
        };
        let number = number.replace(',', "");
        if number::decimal_of_text(&number, 12).is_ok()
            && let Ok(value) = number.parse::<f64>()
        {
            if self.number_texts == 0 {
                self.number_text_row = row;
            }
            self.number_texts += 1;
            self.number(value);
        }
    }
}

/// Whatever birth date a number of an identity card holds, the card is not known to be wrong.
fn last_day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2099, 12, 31).unwrap_or_default()
}

fn date_of_text(plain: &str, text: &str) -> Option<(i32, DateForm)> {
    // Cleaning has removed the blank before a time of midnight.
    let (day, _) = date::from_text(plain).or_else(|| date::from_text(text.trim()))?;
    let form = match plain {
        _ if plain.contains('年') => DateForm::Chinese,
        _ if plain.contains('/') => DateForm::Slash,
        _ if plain.contains('.') && !plain.contains('-') => DateForm::Dot,
        _ if plain.contains('-') => DateForm::Iso,
        _ => DateForm::Digits,
    };
    Some((day, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(cells: &[Cell<'_>]) -> Facts {
        let mut facts = Facts::default();
        for (row, cell) in (2..).zip(cells) {
            facts.take(*cell, row);
        }
        facts
    }

    #[test]
    fn numbers_of_cells_and_texts() {
        let found = facts(&[
            Cell::Number(1.25),
            Cell::Text("1,200元"),
            Cell::Text("3.5万元"),
            Cell::Number(-2.0),
            Cell::Text("约五百"),
            Cell::Text("-"),
        ]);
        assert_eq!((found.filled, found.numbers, found.number_texts, found.integers, found.scale), (5, 2, 2, 2, 2));
        assert_eq!(found.number_range, Some((-2.0, 1200.0)));
        assert_eq!(found.units, (1, 1));
        assert_eq!(found.damage, BTreeMap::from([(Damage::Dash, Seen { count: 1, row: 7 })]));
    }

    #[test]
    fn dates_in_all_their_forms() {
        let found = facts(&[
            Cell::Text("2026-09-30"),
            Cell::Text("2026/9/1"),
            Cell::Text("2026.9.30 00:00:00"),
            Cell::Text("2026年10月1日"),
            Cell::Number(20_260_930.0),
            Cell::Text("30.9.2026"),
        ]);
        assert_eq!(found.all_dates(), 5);
        assert_eq!(found.dates.len(), 5);
        let day = |text: &str| date::day_of(text.parse().expect("a date"));
        assert_eq!(found.date_range, Some((day("2026-09-01"), day("2026-10-01"))));
    }

    #[test]
    fn damage_is_counted_with_its_first_row() {
        let found = facts(&[
            Cell::Number(150_102_198_503_051_230.0),
            Cell::Text("1.50102E+17"),
            Cell::Text("15010219\u{200b}"),
            Cell::Error("#N/A"),
            Cell::Text("王\u{fffd}"),
            Cell::Text(" 甲"),
        ]);
        let rows: Vec<_> = found.damage.iter().map(|(damage, seen)| (*damage, seen.row)).collect();
        let expected = [
            (Damage::LongNumber, 2),
            (Damage::Scientific, 3),
            (Damage::Invisible, 4),
            (Damage::Lost, 6),
            (Damage::Blanks, 7),
            (Damage::Error, 5),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn values_are_kept_only_while_they_are_few() {
        let texts: Vec<String> = (0..300).map(|number| format!("V{number}")).collect();
        let cells: Vec<_> = texts.iter().map(|text| Cell::Text(text)).collect();
        assert_eq!(facts(&cells[..200]).values.map(|values| values.len()), Some(200));
        let many = facts(&cells);
        assert_eq!((many.values.is_none(), many.distinct()), (true, (300, false)));
        assert_eq!(
            many.shapes,
            BTreeMap::from([("A9".to_owned(), 10), ("A99".to_owned(), 90), ("A999".to_owned(), 200)])
        );
    }
}
