//! What can be wrong with the cells of a column, and the ways dates are written.

/// What is wrong with single cells, whatever the column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// A number of 16 digits or more: those after the 15th are gone.
    LongNumber,
    /// A number stored as a number in a column of identifiers: zeros it began with, and digits after the 15th, are gone.
    NumericIdentifier,
    /// Text in scientific notation, such as `1.50102E+17`.
    Scientific,
    /// Fewer digits than the others of the column, which begin with zeros.
    LostZeros,
    /// A date in a column of other things.
    BecameDate,
    /// Dates written in several ways.
    MixedDates,
    /// Dates shown as serial numbers.
    SerialDate,
    /// Some amounts say 元, others 万元.
    MixedUnits,
    /// A number stored as text.
    TextNumber,
    /// Text in a column of numbers or dates.
    OtherText,
    /// Characters nobody can see.
    Invisible,
    /// Full-width digits, letters or signs.
    FullWidth,
    /// Marks of lost characters.
    Lost,
    /// Blanks at the ends.
    Blanks,
    /// An error such as `#N/A`.
    Error,
    /// A formula without a stored result.
    NoValue,
    /// A dash or slash for "nothing".
    Dash,
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateForm {
    /// A date cell.
    Cell,
    /// `2026-09-30`.
    Iso,
    /// `2026/9/30`.
    Slash,
    /// `2026.9.30`.
    Dot,
    /// `20260930`.
    Digits,
    /// `2026年9月30日`.
    Chinese,
}

/// How often, and in which row first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// Row number of the first.
    pub row: u32,
}
