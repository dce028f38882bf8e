//! The figures of a column as texts for people, with nothing in them that names a person.

use super::{
    ColumnProfile, SheetProfile,
    damage::{Damage, DateForm, Seen},
    personal,
};
use crate::{
    ingest::{date, number},
    pack::{AmountUnit, FieldKind},
    table::column_letters,
    text::{Lang, Mask, Text},
};

/// Shapes shown for a column.
const MOST_SHAPES: usize = 3;

/// Letters and heading.
pub fn title(column: &ColumnProfile) -> (String, String) {
    (column_letters(column.index), personal::shown(&column.label))
}

/// A sheet's name.
pub fn sheet(sheet: &SheetProfile, lang: Lang) -> String {
    if sheet.name.is_empty() {
        return Text::new("（文本）", "(text)").get(lang).to_owned();
    }
    personal::shown(&sheet.name)
}

/// What it is taken for.
pub fn kind(column: &ColumnProfile) -> Text {
    let guess = &column.guess;
    let (zh, en) = match guess.kind {
        FieldKind::Text => ("文本", "text"),
        FieldKind::Name => ("名称", "name"),
        FieldKind::Identifier => ("号码", "identifier"),
        FieldKind::Code => ("代码", "code"),
        FieldKind::Amount => ("金额", "amount"),
        FieldKind::Decimal => ("小数", "decimal"),
        FieldKind::Integer => ("整数", "integer"),
        FieldKind::Date => ("日期", "date"),
    };
    if let Some(identifier) = guess.identifier.filter(|_| guess.kind == FieldKind::Identifier) {
        let name = identifier.text();
        return Text::new(format!("{zh}：{}", name.zh), format!("{en}: {}", name.en));
    }
    match guess.unit.map(AmountUnit::name) {
        Some(unit) => Text::new(format!("{zh}（{unit}）"), format!("{en} ({unit})")),
        None => Text::new(zh, en),
    }
}

/// Number of different values.
pub fn distinct(column: &ColumnProfile) -> String {
    let (count, more) = column.facts.distinct();
    if more { format!(">{count}") } else { count.to_string() }
}

/// Smallest and largest value of numbers and dates; of texts, fewest and most characters.
pub fn range(column: &ColumnProfile, lang: Lang) -> String {
    let facts = &column.facts;
    match column.guess.kind {
        FieldKind::Amount | FieldKind::Decimal | FieldKind::Integer => {
            let range = facts.number_range.map(|(least, most)| format!("{} … {}", figure(least), figure(most)));
            range.unwrap_or_default()
        }
        FieldKind::Date => {
            let day = |day| date::date_of(day).map(|date| date.to_string()).unwrap_or_default();
            facts.date_range.map(|(first, last)| format!("{} … {}", day(first), day(last))).unwrap_or_default()
        }
        FieldKind::Text | FieldKind::Name | FieldKind::Identifier | FieldKind::Code => {
            let Some((least, most)) = facts.lengths else { return String::new() };
            let length = if least == most { least.to_string() } else { format!("{least}–{most}") };
            Text::new(format!("{length}字符"), format!("{length} characters")).get(lang).to_owned()
        }
    }
}

/// Digits from which on a whole number may be somebody's, whatever its column is.
const LONG_NUMBER: usize = 11;

/// A number as it may be shown.
pub fn figure(value: f64) -> String {
    let shown = number::shown(value);
    let long = shown.bytes().all(|byte| byte.is_ascii_digit()) && shown.len() >= LONG_NUMBER;
    if long { Mask::Identifier.apply(&shown) } else { shown }
}

/// The commonest shapes, or the values of a code list, with how often.
pub fn shapes(column: &ColumnProfile) -> String {
    let facts = &column.facts;
    if column.guess.listed
        && column.guess.mask == Mask::None
        && let Some(values) = &facts.values
    {
        let shown = values.iter().take(8).map(|(value, count)| format!("{} ×{count}", Mask::None.apply(value)));
        let more = if values.len() > 8 { " …" } else { "" };
        return shown.collect::<Vec<_>>().join(", ") + more;
    }
    let mut shapes: Vec<_> = facts.shapes.iter().collect();
    shapes.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let more = if shapes.len() > MOST_SHAPES || facts.other_shapes > 0 { " …" } else { "" };
    let shown = shapes.into_iter().take(MOST_SHAPES).map(|(shape, count)| format!("{shape} ×{count}"));
    shown.collect::<Vec<_>>().join(", ") + more
}

/// What is damaged, how often and where first.
pub fn damage(column: &ColumnProfile, lang: Lang) -> Vec<String> {
    column.facts.damage.iter().map(|(damage, seen)| damage_text(*damage, *seen, column).get(lang).to_owned()).collect()
}

fn damage_text(damage: Damage, seen: Seen, column: &ColumnProfile) -> Text {
    let name = match damage {
        Damage::LongNumber => {
            Text::new("16位以上的数字存成数值，末位已丢失", "numbers of 16 digits or more: the last are gone")
        }
        Damage::NumericIdentifier => Text::new("号码存成数值", "identifiers stored as numbers"),
        Damage::Scientific => Text::new("科学计数法", "scientific notation"),
        Damage::LostZeros => Text::new("开头的0已丢失", "leading zeros lost"),
        Damage::BecameDate => Text::new("变成了日期", "turned into dates"),
        Damage::MixedDates => {
            let forms: Vec<_> = column.facts.dates.keys().map(|form| date_form(*form)).collect();
            let (zh, en): (Vec<_>, Vec<_>) = forms.iter().map(|form| (form.zh.as_str(), form.en.as_str())).unzip();
            Text::new(
                format!("日期写法不一（{}）", zh.join("、")),
                format!("dates in several forms ({})", en.join(", ")),
            )
        }
        Damage::SerialDate => Text::new("日期显示为序号", "dates shown as serial numbers"),
        Damage::MixedUnits => Text::new("元和万元混用", "元 and 万元 mixed"),
        Damage::TextNumber => Text::new("数字存成文本", "numbers stored as text"),
        Damage::OtherText => Text::new("不是该类型的内容", "of another type"),
        Damage::Invisible => Text::new("有看不见的字符", "invisible characters"),
        Damage::FullWidth => Text::new("全角字符", "full-width characters"),
        Damage::Lost => Text::new("有丢失的字符", "lost characters"),
        Damage::Blanks => Text::new("首尾有空格", "blanks at the ends"),
        Damage::Error => Text::new("错误值", "error values"),
        Damage::NoValue => Text::new("公式没有结果", "formulas without a result"),
        Damage::Dash => Text::new("用横线表示没有", "dashes for nothing"),
    };
    let place = |zh: String, en: String| Text::new(format!("{} {zh}", name.zh), format!("{} {en}", name.en));
    match seen.row {
        0 => place(format!("×{}", seen.count), format!("×{}", seen.count)),
        row => place(format!("×{}（第{row}行起）", seen.count), format!("×{} (from row {row})", seen.count)),
    }
}

fn date_form(form: DateForm) -> Text {
    match form {
        DateForm::Cell => Text::new("日期单元格", "date cells"),
        DateForm::Iso => Text::new("9999-99-99", "9999-99-99"),
        DateForm::Slash => Text::new("9999/9/9", "9999/9/9"),
        DateForm::Dot => Text::new("9999.9.9", "9999.9.9"),
        DateForm::Digits => Text::new("99999999", "99999999"),
        DateForm::Chinese => Text::new("9999年9月9日", "9999年9月9日"),
    }
}

/// Why it is taken for that, on one line.
pub fn reasons(column: &ColumnProfile) -> Text {
    let of = |lang: Lang, separator: &str| {
        column.guess.reasons.iter().map(|reason| reason.get(lang)).collect::<Vec<_>>().join(separator)
    };
    Text::new(of(Lang::Zh, "；"), of(Lang::En, "; "))
}

/// Records whose cell is blank.
pub fn blank(sheet: &SheetProfile, column: &ColumnProfile) -> u64 {
    sheet.records.saturating_sub(column.facts.filled)
}

/// Where the headings stand.
pub fn heading_rows(sheet: &SheetProfile, lang: Lang) -> String {
    let text = match sheet.head.rows {
        (_, 0) => Text::new("无", "none"),
        (upper, lower) if upper == lower => Text::new(format!("第{lower}行"), format!("row {lower}")),
        (upper, lower) => Text::new(format!("第{upper}、{lower}行"), format!("rows {upper} and {lower}")),
    };
    text.get(lang).to_owned()
}
