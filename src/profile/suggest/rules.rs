//! Suggested rules: what all values there are keep to. Each has made-up examples, so that it can be proved at once.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    ENOUGH, comment,
    dataset::{Dataset, Field},
};
use crate::{
    identifier::recognise::Kind,
    ingest::{date, heading::Heading},
    pack::FieldKind,
    profile::shown::figure,
    text::Text,
    toml_text::quoted,
};

const HEAD: &str = "\
# 由 baosong profile 建议的规则：现有数据都符合的条件。请逐条核对，把不该有的删去，把该强制的改为 error。
# Rules suggested by baosong profile: what all data there is keeps to. Look at them one by one, delete what should not
# be there, and make an error of what must hold.
";

/// Suggested orders of dates in one dataset.
const MOST_ORDERS: usize = 6;

/// A rule to be suggested.
struct Suggestion {
    topic: &'static str,
    evidence: String,
    when: Option<String>,
    assert: String,
    message: Text,
    fix: Text,
    pass: String,
    fail: String,
}

/// The file of rules.
pub fn rules_toml(datasets: &[Dataset<'_>]) -> String {
    let mut text = HEAD.to_owned();
    for dataset in datasets {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let of_fields = dataset.fields.iter().flat_map(of_field);
        let of_orders = dataset
            .ordered()
            .into_iter()
            .take(MOST_ORDERS)
            .map(|(first, last, order)| in_order(first, last, order.both));
        for rule in of_fields.chain(of_orders.collect::<Vec<_>>()) {
            let number = numbers.entry(rule.topic).or_default();
            *number += 1;
            // Ids have three digits.
            if *number > 999 {
                continue;
            }
            text.push('\n');
            comment(&mut text, "", &rule.evidence);
            let id = format!("{}-{}-{number:03}", dataset.prefix, rule.topic);
            write_rule(&mut text, &id, &dataset.id, &rule);
        }
    }
    text
}

fn write_rule(text: &mut String, id: &str, dataset: &str, rule: &Suggestion) {
    let both = |text: &Text| format!("{{ zh = {}, en = {} }}", quoted(&text.zh), quoted(&text.en));
    let _ =
        write!(text, "[[rule]]\nid       = {}\nseverity = \"warning\"\non       = {}\n", quoted(id), quoted(dataset));
    if let Some(when) = &rule.when {
        let _ = writeln!(text, "when     = {}", quoted(when));
    }
    let _ = write!(
        text,
        "assert   = {}\nmessage  = {}\nfix      = {}\n\
         source   = {{ doc = \"表格剖析\", article = \"由数据推断\", assumption = true }}\n\
         pass     = [{{ {} }}]\nfail     = [{{ {} }}]\n",
        quoted(&rule.assert),
        both(&rule.message),
        both(&rule.fix),
        rule.pass,
        rule.fail,
    );
}

fn of_field(field: &Field<'_>) -> Vec<Suggestion> {
    if field.filled() < 2 * ENOUGH {
        return Vec::new();
    }
    let found = match field.kind {
        FieldKind::Identifier => of_kind(field).or_else(|| of_shape(field)),
        FieldKind::Text => of_shape(field),
        FieldKind::Amount | FieldKind::Decimal | FieldKind::Integer => of_range(field),
        FieldKind::Date => not_after_data_date(field),
        FieldKind::Name | FieldKind::Code => None,
    };
    found.into_iter().collect()
}

/// The heading in a message: without braces, which would be placeholders.
fn title(field: &Field<'_>) -> Text {
    let declared: String = field.column.declared.chars().filter(|c| !matches!(c, '{' | '}')).collect();
    let en = field.column.guess.known.as_ref().map_or_else(|| declared.clone(), |known| known.en.clone());
    Text::new(declared.trim(), en.trim())
}

/// A condition on a number the program knows how to check: its function, and made-up numbers that pass.
fn check_of(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        // The number the standard itself shows.
        Kind::ResidentId | Kind::ResidentId15 => ("resident_id", "11010519491231002X"),
        Kind::Uscc => ("uscc", "91150102MA0NABCD5T"),
        Kind::OrgCode => ("org_code", "D2143569X"),
        Kind::BizReg => ("biz_reg", "150102000123451"),
        Kind::LoanCard => ("loan_card", "1501020000123438"),
        Kind::BankCard => ("bank_card", "6228480012345678903"),
        Kind::Mobile => ("mobile", "13947101234"),
        _ => return None,
    })
}

fn of_kind(field: &Field<'_>) -> Option<Suggestion> {
    let kind = field.column.guess.identifier?;
    let (function, good) = check_of(kind)?;
    let (id, title, name) = (&field.id, title(field), kind.text());
    let (fits, filled) = (field.column.facts.of_kind(kind), field.column.facts.filled);
    Some(Suggestion {
        topic: "NUM",
        evidence: format!("{}：{fits}/{filled} 符合{} / can be a {}", field.shown_title(), name.zh, name.en),
        when: Some(format!("{id} IS NOT NULL")),
        assert: format!("{function}({id})"),
        message: Text::new(
            format!("{}“{{{id}}}”不是{}", title.zh, name.zh),
            format!("{} \"{{{id}}}\" is no {}", title.en, name.en),
        ),
        fix: Text::new("对照证件原件更正", "Correct it from the document"),
        pass: format!("{id} = {}", quoted(good)),
        fail: format!("{id} = \"1\""),
    })
}

/// All values are built in the same way, of digits, letters and plain signs.
fn of_shape(field: &Field<'_>) -> Option<Suggestion> {
    let shape = field.only_shape()?;
    // Small letters of identifiers are raised when they are read.
    let raised = field.kind == FieldKind::Identifier;
    let (pattern, example) = pattern_of(shape, raised)?;
    let (id, title) = (&field.id, title(field));
    Some(Suggestion {
        topic: "FMT",
        evidence: format!("{}：{} 个值都是 {shape} / all values are", field.shown_title(), field.filled()),
        when: Some(format!("{id} IS NOT NULL")),
        assert: format!("{id} ~ '^{pattern}$'"),
        message: Text::new(
            format!("{}“{{{id}}}”的形式不是{}", title.zh, bracket(shape)),
            format!("{} \"{{{id}}}\" is not like {}", title.en, bracket(shape)),
        ),
        fix: Text::new("按规定的位数和格式填写", "Enter it in full and in the usual form"),
        pass: format!("{id} = {}", quoted(&example)),
        fail: format!("{id} = {}", quoted(&format!("{example}1"))),
    })
}

/// The shape as it may stand in a message, where braces are placeholders.
fn bracket(shape: &str) -> String {
    shape.replace('{', "×").replace('}', " ").trim_end().to_owned()
}

/// The regular expression of a shape and a text that fits it; none if it has other than digits, letters and plain signs,
/// or only few of them.
fn pattern_of(shape: &str, raised: bool) -> Option<(String, String)> {
    let mut parts: Vec<(String, usize)> = Vec::new();
    let (mut example, mut classes) = (String::new(), 0);
    let mut chars = shape.chars().peekable();
    while let Some(c) = chars.next() {
        let (class, sample) = match c {
            '9' => ("[0-9]".to_owned(), '1'),
            'A' => ("[A-Z]".to_owned(), 'A'),
            'a' if raised => ("[A-Z]".to_owned(), 'A'),
            'a' => ("[a-z]".to_owned(), 'a'),
            '-' | '_' | '/' | '.' | ',' | ':' | '#' => (format!("[{c}]"), c),
            _ => return None,
        };
        let mut times: usize = 1;
        if chars.next_if_eq(&'{').is_some() {
            let digits: String = std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect();
            chars.next_if_eq(&'}')?;
            times = digits.parse().ok()?;
        }
        classes += if sample.is_ascii_alphanumeric() { times } else { 0 };
        example.extend(std::iter::repeat_n(sample, times));
        match parts.last_mut() {
            Some((last, count)) if *last == class => *count += times,
            _ => parts.push((class, times)),
        }
    }
    let part = |(class, times): &(String, usize)| match times {
        1 => class.clone(),
        times => format!("{class}{{{times}}}"),
    };
    (classes >= 3).then(|| (parts.iter().map(part).collect::<Vec<_>>().concat(), example))
}

/// No number is negative, and none of a share is above a hundred.
fn of_range(field: &Field<'_>) -> Option<Suggestion> {
    let (least, most) = field.number_range().filter(|(least, _)| *least >= 0.0)?;
    // Whole numbers far from zero, such as years and postcodes, say nothing about zero.
    if field.kind == FieldKind::Integer && least * 10.0 > most {
        return None;
    }
    let (id, title) = (&field.id, title(field));
    let share = Heading::parse(&field.column.declared).percent && most <= 100.0;
    let assert = if share { format!("{id} >= 0 AND {id} <= 100") } else { format!("{id} >= 0") };
    let message = if share {
        Text::new(
            format!("{}{{{id}}}不在0到100之间", title.zh),
            format!("{} {{{id}}} is not between 0 and 100", title.en),
        )
    } else {
        Text::new(format!("{}为负数：{{{id}}}", title.zh), format!("{} is negative: {{{id}}}", title.en))
    };
    Some(Suggestion {
        topic: "RNG",
        evidence: format!(
            "{}：{} 个数在 {} 到 {} 之间 / numbers from … to …",
            field.shown_title(),
            field.filled(),
            figure(least),
            figure(most)
        ),
        when: Some(format!("{id} IS NOT NULL")),
        assert,
        message,
        fix: Text::new("核对原始数据后更正", "Check the source and correct it"),
        pass: format!("{id} = 1"),
        fail: format!("{id} = -1"),
    })
}

/// Dates of what has happened do not lie after the data date; those of what is to come are left alone.
fn not_after_data_date(field: &Field<'_>) -> Option<Suggestion> {
    const TO_COME: [&str; 9] = ["到期", "截止", "终止", "有效", "期限", "预计", "due", "expir", "matur"];
    let heading = field.column.declared.to_lowercase();
    if TO_COME.iter().any(|word| heading.contains(word)) {
        return None;
    }
    let (_, last) = field.column.facts.date_range?;
    let last = date::date_of(last)?;
    let (id, title) = (&field.id, title(field));
    Some(Suggestion {
        topic: "DAT",
        evidence: format!(
            "{}：最晚 {last}，标题不像将来的日期 / the latest is {last}, and the heading speaks of no day to come",
            field.shown_title()
        ),
        when: Some(format!("{id} IS NOT NULL")),
        assert: format!("{id} <= $data_date"),
        message: Text::new(
            format!("{}{{{id}}}晚于数据日期", title.zh),
            format!("{} {{{id}}} is after the data date", title.en),
        ),
        fix: Text::new("核对原始数据后更正", "Check the source and correct it"),
        pass: format!("{id} = 1990-01-01"),
        fail: format!("{id} = 2999-12-31"),
    })
}

fn in_order(first: &Field<'_>, last: &Field<'_>, both: u64) -> Suggestion {
    let (a, b) = (&first.id, &last.id);
    let (one, other) = (title(first), title(last));
    Suggestion {
        topic: "ORD",
        evidence: format!(
            "{} 不晚于 {}：{both} 条记录无一例外 / never later, in all records that have both",
            first.shown_title(),
            last.shown_title()
        ),
        when: Some(format!("{a} IS NOT NULL AND {b} IS NOT NULL")),
        assert: format!("{a} <= {b}"),
        message: Text::new(
            format!("{}{{{a}}}晚于{}{{{b}}}", one.zh, other.zh),
            format!("{} {{{a}}} is after {} {{{b}}}", one.en, other.en),
        ),
        fix: Text::new("核对两个日期，更正有误的一个", "Check both dates and correct the wrong one"),
        pass: format!("{a} = 1990-01-01, {b} = 1990-01-02"),
        fail: format!("{a} = 1990-01-02, {b} = 1990-01-01"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::identifier::recognise::recognise;

    #[test]
    fn made_up_numbers_pass_their_own_check() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::ResidentId15) {
            if let Some((function, good)) = check_of(kind) {
                assert!(recognise(good, day).contains(kind), "{function} {good}");
            }
        }
    }

    #[test]
    fn shapes_become_patterns() {
        let pattern = |shape, raised| pattern_of(shape, raised).map(|(pattern, sample)| format!("{pattern} {sample}"));
        assert_eq!(pattern("9999-99", false).as_deref(), Some("[0-9]{4}[-][0-9]{2} 1111-11"));
        assert_eq!(pattern("A9{8}", true).as_deref(), Some("[A-Z][0-9]{8} A11111111"));
        assert_eq!(pattern("aA9", true).as_deref(), Some("[A-Z]{2}[0-9] AA1"));
        assert_eq!(pattern("aA9", false).as_deref(), Some("[a-z][A-Z][0-9] aA1"));
        for shape in ["汉汉9999", "99", "9'99", "9{8}…", "9 999"] {
            assert_eq!(pattern(shape, false), None, "{shape}");
        }
    }
}
