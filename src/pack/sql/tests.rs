//! What conditions give, and the mistakes found in them.

use super::*;
use crate::job::Calendar;
use polars::prelude::{BooleanChunked, Column, Int128Chunked, IntoColumn, SchemaExt};

fn schema() -> Schema {
    Schema::from_iter([
        output("amount", DataType::Decimal(DECIMAL_PRECISION, 6)),
        output("code", DataType::String),
        output("day", DataType::Date),
        output("days", DataType::Int64),
    ])
}

fn params() -> BTreeMap<String, Literal> {
    BTreeMap::from([
        ("large_loan".to_owned(), Literal::Decimal("500.00".to_owned())),
        ("data_date".to_owned(), Literal::Date(NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day"))),
    ])
}

fn compiled(text: &str) -> Result<Condition, Mistakes> {
    let (schema, params) = (schema(), params());
    let date = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
    let calendar = Calendar::built_in().expect("the calendar");
    let context = Arc::new(Context::new(date, calendar, &BTreeMap::new()));
    compile(text, Scope { schema: &schema, params: &params, context: &context })
}

fn outcomes(text: &str, amounts: &[Option<i128>]) -> Vec<Option<bool>> {
    let condition = compiled(text).expect("a good condition");
    let amounts: Int128Chunked = amounts.iter().copied().collect();
    let height = amounts.len();
    let amount = amounts.into_decimal_unchecked(DECIMAL_PRECISION, 6).into_column().with_name("amount".into());
    let schema = schema();
    let rest = schema.iter_fields().skip(1).map(|field| Column::full_null(field.name, height, &field.dtype));
    let frame = DataFrame::new(height, std::iter::once(amount).chain(rest).collect()).expect("a frame");
    let computed = condition.calls.iter().fold(frame.lazy(), |lazy, call| lazy.with_columns([call.expr.clone()]));
    let result = computed.select([condition.expr.alias("outcome")]).collect().expect("evaluated");
    let result: BooleanChunked = result.column("outcome").expect("the column").bool().expect("truth").clone();
    result.iter().collect()
}

#[test]
fn amounts_are_compared_exactly_at_the_threshold() {
    // 499.99, 500.00, 500.01 (10,000 yuan), one fen below, and blank.
    let amounts = [Some(499_990_000), Some(500_000_000), Some(500_010_000), Some(499_999_999), None];
    let expected = [Some(false), Some(true), Some(true), Some(false), None];
    assert_eq!(outcomes("amount >= 500", &amounts), expected);
    assert_eq!(outcomes("amount >= 500.00", &amounts), expected);
    assert_eq!(outcomes("amount >= $large_loan", &amounts), expected);
    assert_eq!(outcomes("amount = 500.01", &amounts), [Some(false), Some(false), Some(true), Some(false), None]);
    assert_eq!(outcomes("amount - 0.01 < 500.00", &amounts), [Some(true), Some(true), Some(false), Some(true), None]);
    assert_eq!(outcomes("amount > -0.000001", &[Some(-1), Some(0)]), [Some(false), Some(true)]);
}

#[test]
fn a_tenth_and_two_tenths_are_three_tenths() {
    assert_eq!(outcomes("amount + 0.2 = 0.3", &[Some(100_000)]), [Some(true)]);
}

#[test]
fn blanks_give_no_answer() {
    assert_eq!(outcomes("amount > 0 AND code IS NOT NULL", &[Some(1), None]), [Some(false), Some(false)]);
    assert_eq!(outcomes("amount > 0", &[None]), [None]);
    assert_eq!(outcomes("resident_id(code)", &[Some(1)]), [None]);
}

/// The part of a text a mistake points at.
fn marked(text: &str, mistake: &Mistake) -> String {
    text.chars().skip(mistake.offset).take(mistake.length).collect()
}

fn help(mistake: &Mistake) -> &str {
    mistake.help.as_ref().map(|help| help.en.as_str()).unwrap_or_default()
}

#[test]
fn all_mistakes_of_a_condition_are_found_each_where_it_stands() {
    let text = "amuont > $large_loans AND resident_idd(cod)\nAND prior(day) > dya";
    let mistakes = compiled(text).expect_err("mistakes").0;
    let found: Vec<_> = mistakes.iter().map(|mistake| marked(text, mistake)).collect();
    assert_eq!(found, ["amuont", "$large_loans", "resident_idd", "cod", "dya"]);
    assert_eq!(mistakes[0].message.zh, "没有字段 `amuont`");
    assert_eq!(
        mistakes[0].help.as_ref().map(ToString::to_string).as_deref(),
        Some("是否应为 `amount`？ / did you mean `amount`?")
    );
}

#[test]
fn numbers_texts_and_dates_are_not_compared_with_each_other() {
    let cases = [
        ("amount > '5'", "'5'"),
        ("amount - 1 >= '5'", "'5'"),
        ("'5' < days", "'5'"),
        ("code = 5", "5"),
        ("code = 5.50", "5.50"),
        ("uscc_org(code) = 5", "5"),
        ("days(day, day) > '5'", "'5'"),
        ("prior(amount) > '5'", "'5'"),
        ("amount > 0 AND code = $large_loan", "$large_loan"),
        ("amount BETWEEN 0 AND '5'", "'5'"),
        ("code IN ('1', 2)", "2"),
        ("day > 5", "5"),
        ("day > '2026-10-31'", "'2026-10-31'"),
        ("days > DATE '2026-10-31'", "'2026-10-31'"),
        ("code < $data_date", "$data_date"),
    ];
    for (text, part) in cases {
        let mistakes = compiled(text).expect_err(text).0;
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
        assert_eq!(marked(text, &mistakes[0]), part, "{text}");
        assert!(mistakes[0].message.zh.contains("不能比较"), "{text}: {mistakes:?}");
    }
    for good in [
        "amount > 5 AND code = '5'",
        "amount IN (1, 2)",
        "day <= $data_date",
        "days + 1 > days(day, $data_date)",
        "code || '1' = '51'",
        "LENGTH(code) = 5",
    ] {
        assert!(compiled(good).is_ok(), "{good}");
    }
}

#[test]
fn nothing_is_compared_with_null() {
    for text in ["amount = NULL", "code <> null", "NULL = day"] {
        let mistakes = compiled(text).expect_err(text).0;
        assert_eq!(marked(text, &mistakes[0]).to_uppercase(), "NULL", "{text}");
        assert_eq!(help(&mistakes[0]), "write IS NULL or IS NOT NULL", "{text}");
    }
    assert!(compiled("COALESCE(amount, NULL) IS NULL").is_ok());
}

#[test]
fn mistakes_are_found_where_they_stand() {
    let cases = [
        ("amuont > 0", "unknown field `amuont`", Some("did you mean `amount`?"), 0),
        ("amount > $large_laon", "unknown parameter `$large_laon`", Some("did you mean `large_loan`?"), 9),
        ("amount > 0 garbage", "`garbage` does not belong here", None, 11),
        ("amount >", "Expected", None, 0),
        ("resident_id(code, day)", "resident_id() takes 1 argument(s); found 2", None, 0),
        ("day > 5", "a date is compared with a number", None, 6),
        ("SUM(amount) > 5", "sums over all records", None, 0),
        ("amount", "neither true nor false", None, 0),
        ("1 = 1", "reads no field", None, 0),
        ("code ~ '['", "regex", None, 0),
        ("customers.amount > 0", "names with a dot", None, 0),
        ("prior(amuont) > 0", "unknown field `amuont`", Some("did you mean `amount`?"), 6),
        ("day > DATE '2026-02-30'", "is no date", None, 11),
    ];
    for (text, message, wanted, offset) in cases {
        let mistake = compiled(text).expect_err(text).0.remove(0);
        assert!(mistake.message.en.contains(message), "{text}: {}", mistake.message);
        if let Some(wanted) = wanted {
            assert_eq!(help(&mistake), wanted, "{text}");
        }
        if offset > 0 {
            assert_eq!(mistake.offset, offset, "{text}");
        }
    }
}

#[test]
fn an_unknown_function_is_named_with_a_suggestion() {
    let text = "amount > 0 AND resident_idd(code)";
    let mistakes = compiled(text).expect_err("unknown").0;
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert_eq!(marked(text, &mistakes[0]), "resident_idd");
    assert_eq!(mistakes[0].message.zh, "没有函数 `resident_idd`");
    assert_eq!(help(&mistakes[0]), "did you mean `resident_id`?");
    let mistakes = compiled("lenght(code) > 3").expect_err("unknown").0;
    assert_eq!(help(&mistakes[0]), "did you mean `length`?");
    let mistakes = compiled("median_of(code) > 3").expect_err("unknown").0;
    assert!(help(&mistakes[0]).starts_with("our functions: add_months, area_code, "), "{mistakes:?}");
    // Those of the engine are known.
    assert!(compiled("LENGTH(code) > 3 AND COALESCE(days, 0) > 1 AND REPLACE(code, '-', '') <> ''").is_ok());
}

#[test]
fn calls_are_computed_once_and_in_order() {
    let condition = compiled("area_code(uscc_area(code)) AND uscc(code) AND NOT uscc(code)").expect("good");
    let calls: Vec<_> = condition.calls.iter().map(|call| (call.column.as_str(), call.depth)).collect();
    assert_eq!(calls, [("uscc_area(code)", 0), ("area_code(uscc_area(code))", 1), ("uscc(code)", 0)]);
    assert_eq!(condition.fields, ["code"]);
}

#[test]
fn queries_take_parameters_and_return_rows() {
    let sql = prepare_query("SELECT a._row FROM loans a WHERE a.amount >= $large_loan", &params()).expect("good");
    assert!(sql.contains("CAST('500.00' AS DECIMAL(38,2))"), "{sql}");
    let sql = prepare_query("SELECT _row FROM loans WHERE amount > 500.01", &params()).expect("good");
    assert!(sql.contains("CAST('500.01' AS DECIMAL(38,2))"), "{sql}");
    let query = "SELECT _row FROM loans WHERE amount > $x";
    let mistakes = prepare_query(query, &params()).expect_err("unknown");
    assert_eq!(mistakes.to_string(), "没有参数 `$x` / unknown parameter `$x`");
    assert_eq!(marked(query, &mistakes.0[0]), "$x");
    assert!(prepare_query("DELETE FROM loans", &params()).is_err());
}
