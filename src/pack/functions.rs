//! The functions this program adds to the rule language. All give null for a null argument.
//!
//! Each is a thin wrapper over a module that knows its standard; nothing is decided here.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike, Days, Months, NaiveDate};
use polars::prelude::{
    BooleanChunked, Column, DataType, Expr, Field, Int32Chunked, Int64Chunked, IntoColumn, PlSmallStr, PolarsError,
    PolarsResult, Schema, StringChunked, polars_err,
};

use super::CodeList;
use crate::{
    identifier::{self, area, filler, name, reason, recognise},
    job::Calendar,
    text::Text,
};

/// What the functions need besides their arguments.
#[derive(Clone, Debug)]
pub struct Context {
    data_date: NaiveDate,
    calendar: Calendar,
    codes: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// The context for a data date; of the code lists only the codes valid on it count.
    pub fn new(data_date: NaiveDate, calendar: Calendar, lists: &BTreeMap<String, CodeList>) -> Self {
        let valid = |list: &CodeList| {
            let valid = list.codes.iter().filter(|(_, code)| {
                code.from.is_none_or(|from| from <= data_date) && code.until.is_none_or(|until| data_date <= until)
            });
            valid.map(|(code, _)| code.clone()).collect()
        };
        let codes = lists.iter().map(|(name, list)| (name.clone(), valid(list))).collect();
        Self { data_date, calendar, codes }
    }
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Truth,
    Text,
    /// Words in both languages, for messages: see [`SAID_MARK`].
    Words,
    Whole,
    Day,
}

/// Stands between the Chinese and the English words a function gives, in one column of text.
pub const SAID_MARK: char = '\u{1F}';

impl Gives {
    fn data_type(self) -> DataType {
        match self {
            Gives::Truth => DataType::Boolean,
            Gives::Text | Gives::Words => DataType::String,
            Gives::Whole => DataType::Int64,
            Gives::Day => DataType::Date,
        }
    }
}

/// A function of the rule language.
pub struct Function {
    /// Name.
    pub name: &'static str,
    /// Number of arguments.
    pub arity: usize,
    /// How it is called and what it tells.
    pub usage: &'static str,
    gives: Gives,
    apply: fn(&Context, &[Column]) -> PolarsResult<Column>,
}

impl Function {
    /// The type of what it gives.
    pub fn data_type(&self) -> DataType {
        self.gives.data_type()
    }

    /// The expression that computes the function of `inputs`.
    pub fn expr(&self, inputs: Vec<Expr>, context: &Arc<Context>) -> Expr {
        let (apply, gives) = (self.apply, self.gives);
        let context = context.clone();
        let mut inputs = inputs.into_iter();
        let first = inputs.next().unwrap_or_else(|| polars::prelude::lit(true));
        let rest: Vec<_> = inputs.collect();
        let name: PlSmallStr = self.name.into();
        first.map_many(
            move |columns| apply(&context, columns),
            &rest,
            move |_: &Schema, _: &[Field]| Ok(Field::new(name.clone(), gives.data_type())),
        )
    }
}

/// The function called `name`.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Names of all functions; `prior` is handled where conditions are compiled.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name).chain(std::iter::once("prior"))
}

/// All functions, for the documentation.
pub fn all() -> &'static [Function] {
    FUNCTIONS
}

fn text(columns: &[Column], index: usize) -> PolarsResult<&StringChunked> {
    let column = columns.get(index).ok_or_else(|| polars_err!(ComputeError: "an argument is missing"))?;
    column.str().map_err(|_| wrong("text", column))
}

fn wrong(wanted: &str, column: &Column) -> PolarsError {
    polars_err!(ComputeError: "the argument is {wanted}; found {} ({})", column.name(), column.dtype())
}

fn days(columns: &[Column], index: usize) -> PolarsResult<Vec<Option<i32>>> {
    let column = columns.get(index).ok_or_else(|| polars_err!(ComputeError: "an argument is missing"))?;
    let dates = column.date().map_err(|_| wrong("a date", column))?;
    Ok(dates.physical().iter().collect())
}

/// A test of one text.
fn test(columns: &[Column], good: impl Fn(&str) -> bool) -> PolarsResult<Column> {
    let values = text(columns, 0)?;
    let tested: BooleanChunked = values.iter().map(|value| value.map(&good)).collect();
    Ok(tested.into_column())
}

/// A test of one identifier, freed of differences of width, case, blanks and hyphens.
fn test_identifier(columns: &[Column], good: impl Fn(&str) -> bool) -> PolarsResult<Column> {
    test(columns, |value| good(&identifier::normalise(value)))
}

/// A text made of one text.
fn derive(columns: &[Column], part: impl Fn(&str) -> Option<String>) -> PolarsResult<Column> {
    let values = text(columns, 0)?;
    let derived: StringChunked = values.iter().map(|value| value.and_then(&part)).collect();
    Ok(derived.into_column())
}

/// Words about one identifier.
fn say(columns: &[Column], words: impl Fn(&str) -> Option<Text>) -> PolarsResult<Column> {
    derive(columns, |value| {
        words(&identifier::normalise(value)).map(|said| format!("{}{SAID_MARK}{}", said.zh, said.en))
    })
}

/// A test of one date.
fn test_date(columns: &[Column], good: impl Fn(NaiveDate) -> bool) -> PolarsResult<Column> {
    let tested: BooleanChunked = days(columns, 0)?.into_iter().map(|day| day.map(|day| good(date_of(day)))).collect();
    Ok(tested.into_column())
}

/// A test of two texts; a literal argument stands for every record.
fn test_two(columns: &[Column], good: impl Fn(&str, &str) -> Option<bool>) -> PolarsResult<Column> {
    let (left, right) = (text(columns, 0)?, text(columns, 1)?);
    let height = left.len().max(right.len());
    let one = |values: &StringChunked| (values.len() == 1 && height != 1).then(|| values.get(0).map(str::to_owned));
    let (one_left, one_right) = (one(left), one(right));
    let mut lefts = left.iter();
    let mut rights = right.iter();
    let tested: BooleanChunked = (0..height)
        .map(|_| {
            let left = one_left.as_ref().map_or_else(|| lefts.next().flatten(), Option::as_deref);
            let right = one_right.as_ref().map_or_else(|| rights.next().flatten(), Option::as_deref);
            good(left?, right?)
        })
        .collect();
    Ok(tested.into_column())
}

/// A whole number made of two dates; a literal argument stands for every record.
fn between(columns: &[Column], count: impl Fn(i32, i32) -> Option<i64>) -> PolarsResult<Column> {
    let (from, to) = (days(columns, 0)?, days(columns, 1)?);
    let height = if from.is_empty() || to.is_empty() { 0 } else { from.len().max(to.len()) };
    let at = |values: &[Option<i32>], index: usize| {
        let index = if values.len() == 1 { 0 } else { index };
        values.get(index).copied().flatten()
    };
    let counted: Int64Chunked = (0..height).map(|index| count(at(&from, index)?, at(&to, index)?)).collect();
    Ok(counted.into_column())
}

/// A division code as a number, if it is six digits.
fn division(code: &str) -> Option<u32> {
    code.parse().ok().filter(|_| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

fn date_of(days: i32) -> NaiveDate {
    let epoch = NaiveDate::default();
    let distance = Days::new(u64::from(days.unsigned_abs()));
    let date = if days < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) };
    date.unwrap_or(epoch)
}

/// Two amounts about 10,000 apart: 元 entered for 万元 or the other way (a factor between 5,000 and 20,000).
fn unit_slip(columns: &[Column]) -> PolarsResult<Column> {
    let decimal = |index: usize| -> PolarsResult<(Vec<Option<i128>>, usize)> {
        let column = columns.get(index).ok_or_else(|| polars_err!(ComputeError: "an argument is missing"))?;
        let values = column.decimal().map_err(|_| wrong("an amount", column))?;
        Ok((values.physical().iter().collect(), values.scale()))
    };
    let ((now, now_scale), (prior, prior_scale)) = (decimal(0)?, decimal(1)?);
    let scale = now_scale.max(prior_scale);
    let factor = |own: usize| 10_i128.checked_pow(u32::try_from(scale - own).unwrap_or(u32::MAX));
    let (Some(now_factor), Some(prior_factor)) = (factor(now_scale), factor(prior_scale)) else {
        return Err(polars_err!(ComputeError: "too many decimal places"));
    };
    let slipped: BooleanChunked = now
        .iter()
        .zip(&prior)
        .map(|(now, prior)| {
            let now = (*now)?.checked_mul(now_factor)?.checked_abs()?;
            let prior = (*prior)?.checked_mul(prior_factor)?.checked_abs()?;
            let (small, large) = (now.min(prior), now.max(prior));
            Some(small > 0 && large >= small.checked_mul(5_000)? && large <= small.checked_mul(20_000)?)
        })
        .collect();
    Ok(slipped.into_column())
}

macro_rules! function {
    ($name:literal, $arity:literal, $gives:ident, $usage:literal, $apply:expr) => {
        Function { name: $name, arity: $arity, usage: $usage, gives: Gives::$gives, apply: $apply }
    };
}

/// A date moved by a number of months; a literal argument stands for every record.
fn add_months(columns: &[Column]) -> PolarsResult<Column> {
    let dates = days(columns, 0)?;
    let months = columns.get(1).ok_or_else(|| polars_err!(ComputeError: "an argument is missing"))?;
    let months = months.cast(&DataType::Int64).map_err(|_| wrong("a whole number", months))?;
    let months: Vec<Option<i64>> = months.i64()?.iter().collect();
    let height = if dates.is_empty() || months.is_empty() { 0 } else { dates.len().max(months.len()) };
    let moved: Int32Chunked = (0..height)
        .map(|index| {
            let date = date_of(*dates.get(if dates.len() == 1 { 0 } else { index })?.as_ref()?);
            let months = *months.get(if months.len() == 1 { 0 } else { index })?.as_ref()?;
            let distance = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
            let day = if months < 0 { date.checked_sub_months(distance) } else { date.checked_add_months(distance) }?;
            i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
        })
        .collect();
    Ok(moved.into_date().into_column())
}

static FUNCTIONS: &[Function] = &[
    function!(
        "add_months",
        2,
        Day,
        "add_months(d, n): the same day n months later (earlier if n is negative), or the last day of a shorter month",
        |_, c| add_months(c)
    ),
    function!("area_code", 1, Truth, "area_code(x): a division code (GB/T 2260) known in any year", |_, c| {
        test(c, |x| division(x).is_some_and(area::known))
    }),
    function!(
        "area_in_address",
        2,
        Truth,
        "area_in_address(code, address): the address names the division, or its city or province; null if it cannot be told",
        |_, c| test_two(c, |code, address| area::in_address(division(code)?, address))
    ),
    function!(
        "area_in_force",
        1,
        Truth,
        "area_in_force(x): a division code in use in the year of the data date",
        |ctx, c| { test(c, |x| division(x).is_some_and(|code| area::valid_on(code, ctx.data_date))) }
    ),
    function!("bank_card", 1, Truth, "bank_card(x): a bank card number (ISO/IEC 7812, Luhn)", |_, c| {
        test_identifier(c, |x| identifier::bank_card::check(x).is_ok())
    }),
    function!("biz_reg", 1, Truth, "biz_reg(x): a business registration number of 15 digits (GS 15-2006)", |_, c| {
        test_identifier(c, |x| identifier::biz_reg::check(x).is_ok())
    }),
    function!("days", 2, Whole, "days(a, b): days from a to b", |_, c| {
        between(c, |from, to| Some(i64::from(to) - i64::from(from)))
    }),
    function!(
        "failure",
        2,
        Words,
        "failure(x, 'resident_id'): for messages: why x is no `resident_id`, `uscc`, `loan_card` or `org_document`; null if it is one",
        |ctx, c| {
            let name = text(c, 1)?.get(0).unwrap_or_default().to_owned();
            let found = reason::Expected::NAMES.iter().find(|(known, _)| *known == name);
            match found {
                Some((_, expected)) => say(c, |x| reason::failure(x, *expected, ctx.data_date)),
                None if text(c, 1)?.is_empty() => say(c, |_| None),
                None => Err(polars_err!(ComputeError: "failure() knows no kind `{name}`")),
            }
        }
    ),
    function!(
        "filler",
        1,
        Truth,
        "filler(x): filled in to fill the field: 0000, 1234…, one digit repeated",
        |_, c| { test(c, filler::is_filler) }
    ),
    function!("full_name", 1, Truth, "full_name(x): full legal name of an organisation, with its form", |_, c| {
        test(c, name::is_full_name)
    }),
    function!(
        "id_area_in_force",
        1,
        Truth,
        "id_area_in_force(x): the division code of a resident ID was in use in the year of birth; null if x is none",
        |ctx, c| {
            let values = text(c, 0)?;
            let tested: BooleanChunked = values
                .iter()
                .map(|value| {
                    let id = identifier::resident_id::check(&identifier::normalise(value?), ctx.data_date).ok()?;
                    Some(id.area_in_use_at_birth())
                })
                .collect();
            Ok(tested.into_column())
        }
    ),
    function!("id_sex", 1, Text, "id_sex(x): 男 or 女, from the 17th digit of a resident ID", |ctx, c| {
        derive(c, |x| identifier::resident_id::check(x, ctx.data_date).ok().map(|id| id.sex.name().to_owned()))
    }),
    function!("in_list", 2, Truth, "in_list(x, 'list'): a code of the list, valid on the data date", |ctx, c| {
        let list = text(c, 1)?.get(0).unwrap_or_default().to_owned();
        if text(c, 1)?.is_empty() {
            return test(c, |_| true);
        }
        let codes = ctx.codes.get(&list).ok_or_else(|| polars_err!(ComputeError: "there is no code list `{list}`"))?;
        test(c, |x| codes.binary_search_by(|code| code.as_str().cmp(x)).is_ok())
    }),
    function!("likely", 1, Words, "likely(x): for messages: what kind of number x looks like", |ctx, c| {
        say(c, |x| Some(reason::likely(x, ctx.data_date)))
    }),
    function!("loan_card", 1, Truth, "loan_card(x): a loan card number (中征码)", |_, c| {
        test_identifier(c, |x| identifier::loan_card::check(x).is_ok())
    }),
    function!("mobile", 1, Truth, "mobile(x): a mobile phone number of 11 digits", |_, c| {
        test(c, |x| identifier::phone::mobile(&identifier::phone::normalise(x)).is_ok())
    }),
    function!("month_end", 1, Truth, "month_end(d): the last day of a month", |_, c| {
        test_date(c, |day| day.succ_opt().is_none_or(|next| next.day() == 1))
    }),
    function!(
        "name_key",
        1,
        Text,
        "name_key(x): the name without differences of width, brackets, blanks and dots",
        |_, c| { derive(c, |x| Some(name::name_key(x))) }
    ),
    function!("org_code", 1, Truth, "org_code(x): an organisation code (GB 11714), hyphen or not", |_, c| {
        test_identifier(c, |x| identifier::org_code::check(x).is_ok())
    }),
    function!(
        "org_document",
        1,
        Truth,
        "org_document(x): a unified social credit code, organisation code or business registration number",
        |_, c| test_identifier(c, recognise::org_document)
    ),
    function!("person_name", 1, Truth, "person_name(x): looks like the name of a natural person", |_, c| {
        test(c, name::is_person_name)
    }),
    function!(
        "personal_document",
        1,
        Truth,
        "personal_document(x): a resident ID, residence permit or permanent residence number",
        |ctx, c| test_identifier(c, |x| recognise::personal_document(x, ctx.data_date))
    ),
    function!(
        "resident_id",
        1,
        Truth,
        "resident_id(x): a resident ID of 18 or 15 digits (GB 11643), born before the data date",
        |ctx, c| test_identifier(c, |x| identifier::resident_id::check(x, ctx.data_date).is_ok())
    ),
    function!("right_dot", 1, Truth, "right_dot(x): no other sign stands for the middle dot · of a name", |_, c| {
        test(c, |x| name::wrong_dot(x).is_none())
    }),
    function!("same_name", 2, Truth, "same_name(a, b): equal by name_key()", |_, c| {
        test_two(c, |a, b| Some(name::same_name(a, b)))
    }),
    function!(
        "unit_slip",
        2,
        Truth,
        "unit_slip(a, b): a and b differ by a factor near 10,000 (5,000 to 20,000), as 元 and 万元 do",
        |_, c| unit_slip(c)
    ),
    function!("uscc", 1, Truth, "uscc(x): a unified social credit code (GB 32100)", |_, c| {
        test_identifier(c, |x| identifier::uscc::check(x).is_ok())
    }),
    function!("uscc_area", 1, Text, "uscc_area(x): the division code in a unified social credit code", |_, c| {
        derive(c, |x| x.get(2..8).filter(|_| x.len() == 18).map(str::to_owned))
    }),
    function!("uscc_org", 1, Text, "uscc_org(x): the organisation code in a unified social credit code", |_, c| {
        derive(c, |x| x.get(8..17).filter(|_| x.len() == 18).map(str::to_owned))
    }),
    function!(
        "working_days",
        2,
        Whole,
        "working_days(a, b): working days after a up to and including b; null if the calendar lacks a year",
        |ctx, c| { between(c, |from, to| ctx.calendar.working_days_between(date_of(from), date_of(to)).ok()) }
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_and_their_usage_names_them() {
        for pair in FUNCTIONS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
        for function in FUNCTIONS {
            let arguments = function.usage.split_once("):").expect("usage").0;
            assert!(arguments.starts_with(&format!("{}(", function.name)), "{}", function.usage);
            assert_eq!(arguments.matches(", ").count() + 1, function.arity, "{}", function.usage);
        }
    }

    #[test]
    fn months_end_on_the_same_day_or_on_the_last_of_a_shorter_month() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let number = |day: NaiveDate| i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days());
        for (from, months, to) in [
            ("2026-06-30", 3, "2026-09-30"),
            ("2026-06-29", 3, "2026-09-29"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-05-31", -3, "2026-02-28"),
            ("2025-12-31", 6, "2026-06-30"),
        ] {
            let dates: Int32Chunked = [number(day(from)).ok(), None].into_iter().collect();
            let dates = dates.into_date().into_column();
            let months: Int64Chunked = [Some(i64::from(months))].into_iter().collect();
            let moved = add_months(&[dates, months.into_column()]).expect("moved");
            let moved: Vec<_> = moved.date().expect("dates").physical().iter().collect();
            assert_eq!(moved, [number(day(to)).ok(), None], "{from}");
        }
    }

    /// The rows of the table under a heading: code and text.
    fn table<'t>(manual: &'t str, heading: &str) -> Vec<(&'t str, &'t str)> {
        let section = manual.split_once(heading).expect("the heading").1;
        let section = section.split("\n#").next().unwrap_or_default();
        let row = |line: &'t str| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ");
        section.lines().filter_map(row).collect()
    }

    #[test]
    fn the_manuals_list_all_functions() {
        let usages = all().iter().map(|function| function.usage.split_once(": ").expect("usage"));
        let english = table(include_str!("../../README.md"), "\n### Functions\n");
        assert_eq!(english, usages.clone().collect::<Vec<_>>(), "bring the table in README.md up to date");
        let chinese = table(include_str!("../../README.zh.md"), "\n### 函数\n");
        let calls: Vec<_> = chinese.iter().map(|(call, _)| *call).collect();
        let expected: Vec<_> = usages.map(|(call, _)| call).collect();
        assert_eq!(calls, expected, "bring the table in README.zh.md up to date");
    }
}
