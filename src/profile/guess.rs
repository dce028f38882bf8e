//! What a column holds, guessed from its figures and its heading, with the reasons.
//!
//! Nothing here looks at cells. A guess is a proposal: the reasons are shown beside it, and a person decides.

use super::{
    damage::{Damage, DateForm, Seen},
    facts::Facts,
    known::KnownField,
    personal,
};
use crate::{
    identifier::recognise::Kind,
    ingest::heading::Heading,
    pack::{AmountUnit, FieldKind},
    text::{Mask, Text},
};

/// Different values above which a column is no list of codes.
pub const MOST_CODES: usize = 30;
/// Longest value of a code list, in characters.
const LONGEST_CODE: usize = 24;
/// Cells a guess by values needs.
const ENOUGH: u64 = 3;

/// What a column is taken for.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// What its cells hold.
    pub kind: FieldKind,
    /// Unit of an amount.
    pub unit: Option<AmountUnit>,
    /// Decimal places of an amount or decimal.
    pub scale: u8,
    /// Its values are few enough to be a code list.
    pub listed: bool,
    /// All values have this many characters, some with a zero in front.
    pub width: Option<u32>,
    /// How its values are masked.
    pub mask: Mask,
    /// The kind of number nine of ten values can be.
    pub identifier: Option<Kind>,
    /// The field of a pack in the program with this heading.
    pub known: Option<KnownField>,
    /// Why.
    pub reasons: Vec<Text>,
}

/// At least nine of ten.
fn most(part: u64, whole: u64) -> bool {
    part > 0 && part * 10 >= whole * 9
}

fn has(heading: &str, words: &[&str]) -> bool {
    let heading = heading.to_lowercase();
    words.iter().any(|word| heading.contains(word))
}

const OF_NUMBERS: [&str; 11] =
    ["号码", "编号", "账号", "帐号", "卡号", "证号", "合同号", "借据号", "证件", "电话", "手机"];
const OF_COUNTS: [&str; 8] = ["天数", "笔数", "户数", "次数", "人数", "期数", "年限", "率"];
const OF_CODES: [&str; 16] = [
    "类型", "分类", "种类", "方式", "标志", "状态", "性别", "类别", "级别", "等级", "形态", "币种", "是否", "type",
    "status", "class",
];
const OF_MONEY: [&str; 13] =
    ["金额", "余额", "本金", "利息", "欠息", "额度", "资本", "资产", "负债", "价值", "amount", "balance", "amt"];
const OF_DATES: [&str; 3] = ["日期", "date", "时间"];
const OF_NAMES: [&str; 4] = ["名称", "姓名", "全称", "name"];

/// Guesses what a column holds. `heading` is what the column itself is called, `unit` the unit stated above, `known` the
/// field of a pack in the program with its heading. Notes in `facts` the damage that only
/// shows once it is known what the column is.
pub fn guess(heading: &str, facts: &mut Facts, unit: Option<AmountUnit>, known: Option<&KnownField>) -> Guess {
    let mut guess = Guess {
        kind: FieldKind::Text,
        unit: None,
        scale: 2,
        listed: false,
        width: None,
        mask: Mask::None,
        identifier: None,
        known: known.cloned(),
        reasons: Vec::new(),
    };
    guess.identifier = identifier(facts);
    guess.kind = kind(heading, facts, &mut guess);
    if let Some(field) = &guess.known {
        guess.reasons.push(Text::new(
            format!("标题与规则包{}的字段{}相同", field.pack, field.id),
            format!("the heading is that of {} in the pack {}", field.id, field.pack),
        ));
    }
    let parsed = Heading::parse(heading);
    if guess.kind == FieldKind::Amount {
        let stated = parsed.unit.or(unit);
        guess.unit =
            Some(stated.unwrap_or(if facts.units.1 > facts.units.0 { AmountUnit::WanYuan } else { AmountUnit::Yuan }));
        if stated.is_none() {
            guess.reasons.push(Text::new("标题和表头上方没有写单位，按元", "no unit is stated: taken for 元"));
        }
    }
    let least = guess.unit.map_or(0, AmountUnit::fen_scale);
    guess.scale = facts.scale.clamp(least, 12);
    guess.mask = mask(heading, facts, &guess);
    hidden_damage(facts, &guess);
    guess
}

/// The only kind nine of ten values can be, of those with a check character or, failing that, mobile numbers.
fn identifier(facts: &Facts) -> Option<Kind> {
    if facts.filled < ENOUGH {
        return None;
    }
    let fits = |kind: &Kind| most(facts.of_kind(*kind), facts.filled);
    let checked = Kind::ALL.into_iter().filter(|kind| kind.has_check()).find(fits);
    checked.or_else(|| [Kind::Mobile, Kind::ResidentId15].into_iter().find(fits))
}

fn kind(heading: &str, facts: &Facts, guess: &mut Guess) -> FieldKind {
    let filled = facts.filled;
    let share = |part: u64| format!("{part}/{filled}");
    let mut because = |zh: String, en: String| guess.reasons.push(Text::new(zh, en));
    if filled == 0 {
        because("没有填写".to_owned(), "nothing is filled in".to_owned());
        return guess.known.as_ref().map_or(FieldKind::Text, |field| match field.kind {
            // Without values there is no list and no width for a code.
            FieldKind::Code => FieldKind::Text,
            other => other,
        });
    }
    if let Some(found) = guess.identifier {
        let (name, part) = (found.text(), share(facts.of_kind(found)));
        because(format!("{part} 符合{}", name.zh), format!("{part} can be a {}", name.en));
        return FieldKind::Identifier;
    }
    if is_date(heading, facts) {
        let part = share(facts.all_dates());
        because(format!("{part} 是日期"), format!("{part} are dates"));
        return FieldKind::Date;
    }
    if has(heading, &OF_DATES) && most(facts.serials, filled) {
        let part = share(facts.serials);
        because(format!("{part} 是日期序号"), format!("{part} are serial numbers of days"));
        return FieldKind::Date;
    }
    let known = guess.known.as_ref().map(|field| field.kind);
    let coded = known == Some(FieldKind::Code) || has(heading, &OF_CODES);
    let numbered =
        has(heading, &OF_NUMBERS) && !has(heading, &OF_CODES) && !coded || known == Some(FieldKind::Identifier);
    if let Some(width) = fixed_width(facts) {
        because(
            format!("都是{width}位数字，有的以0开头"),
            format!("all are {width} digits, some with a zero in front"),
        );
        guess.width = Some(width);
        return FieldKind::Code;
    }
    if !numbered && is_list(heading, coded, facts) {
        let (distinct, _) = facts.distinct();
        because(format!("只有{distinct}种取值"), format!("{distinct} different values"));
        guess.listed = true;
        return FieldKind::Code;
    }
    if let Some(width) = same_length(facts).filter(|_| coded || has(heading, &["代码", "code"])) {
        because(format!("都是{width}位，标题是代码"), format!("all of {width} characters, and codes by the heading"));
        guess.width = Some(width);
        return FieldKind::Code;
    }
    if is_running_long(facts) {
        because("位数相同且没有重复".to_owned(), "all of the same length, and no two alike".to_owned());
        return FieldKind::Identifier;
    }
    if numbered
        || has(heading, &["代码"])
        || facts.damage.contains_key(&Damage::LongNumber)
        || facts.damage.contains_key(&Damage::Scientific)
    {
        because("按标题或位数是号码".to_owned(), "a number by its heading or its length".to_owned());
        return FieldKind::Identifier;
    }
    if most(facts.all_numbers(), filled) {
        let part = share(facts.all_numbers());
        because(format!("{part} 是数字"), format!("{part} are numbers"));
        let stated = Heading::parse(heading);
        let money = has(heading, &OF_MONEY) && !has(heading, &OF_COUNTS);
        match known {
            Some(kind @ (FieldKind::Amount | FieldKind::Decimal | FieldKind::Integer)) => return kind,
            _ if stated.unit.is_some() || money => return FieldKind::Amount,
            _ => {}
        }
        let whole = facts.integers >= facts.all_numbers();
        return if whole && !stated.percent { FieldKind::Integer } else { FieldKind::Decimal };
    }
    if has(heading, &OF_NAMES) || personal::heads_names(heading) || known == Some(FieldKind::Name) {
        because("按标题是名称".to_owned(), "a name by its heading".to_owned());
        return FieldKind::Name;
    }
    FieldKind::Text
}

/// Dates, of which bare digits need a heading that says so: 20240115 can be anything.
fn is_date(heading: &str, facts: &Facts) -> bool {
    let bare = facts.dates.get(&DateForm::Digits).map_or(0, |seen| seen.count);
    let dated = has(heading, &OF_DATES) || heading.ends_with('日');
    let sure = facts.all_dates() - bare;
    most(facts.all_dates(), facts.filled) && (sure > 0 || dated)
}

/// Whole numbers of eight digits or more, all of the same length, no two alike: numbers that name something.
fn is_running_long(facts: &Facts) -> bool {
    let (distinct, more) = facts.distinct();
    let long = facts.digits.len() == 1 && facts.digits.keys().all(|length| *length >= 8);
    let all: u64 = facts.digits.values().map(|seen| seen.count).sum();
    long && all == facts.filled && !more && distinct == facts.filled && facts.filled >= ENOUGH
}

/// The one number of digits all values have, if some begin with zeros or the numbers fall short of it.
fn fixed_width(facts: &Facts) -> Option<u32> {
    let all: u64 = facts.digits.values().map(|seen| seen.count).sum();
    let (width, seen) = facts.digits.iter().max_by_key(|(_, seen)| seen.count)?;
    let fits = most(all, facts.filled) && seen.count * 10 >= all * 7;
    // Longer ones are numbers of documents and accounts.
    let width = u32::try_from(*width).ok().filter(|width| (2..=12).contains(width))?;
    (fits && facts.leading_zeros > 0).then_some(width)
}

/// The one length all values have, of digits and capital letters.
fn same_length(facts: &Facts) -> Option<u32> {
    let (least, most) = facts.lengths?;
    let plain = |shape: &String| shape.chars().all(|c| c.is_ascii_alphanumeric() && c != 'a' || matches!(c, '{' | '}'));
    let width = u32::try_from(most).ok().filter(|width| least == most && (2..=12).contains(width))?;
    (facts.other_shapes == 0 && facts.shapes.keys().all(plain)).then_some(width)
}

/// Few values that occur again and again, none long, none of a person, none that could be taken for a formula.
fn is_list(heading: &str, coded: bool, facts: &Facts) -> bool {
    let Some(values) = &facts.values else { return false };
    let repeated = facts.filled >= 2 * values.len() as u64 && facts.filled >= 10;
    let plain = |value: &String| {
        value.chars().count() <= LONGEST_CODE
            && !value.chars().any(char::is_control)
            && value == value.trim()
            // Not the fault a code list is proved with, nor what a spreadsheet would compute.
            && value != "?"
            && !value.starts_with(['=', '+', '-', '@'])
    };
    // Numbers are codes only where the heading says so, or where they are single digits.
    let numeric = facts.all_numbers() > 0
        && !coded
        && !values.keys().all(|value| value.len() == 1 && facts.integers == facts.all_numbers());
    !values.is_empty()
        && values.len() <= MOST_CODES
        && (coded || repeated)
        && !numeric
        && facts.all_dates() == 0
        && values.keys().all(plain)
        && !personal::heads_names(heading)
        && !has(heading, &OF_NAMES)
        && !has(heading, &OF_MONEY)
        && !personal::tell_of_persons(values)
        && Heading::parse(heading).unit.is_none()
}

fn mask(heading: &str, facts: &Facts, guess: &Guess) -> Mask {
    let known = guess.known.as_ref().map_or(Mask::None, |field| field.mask);
    let personal =
        guess.identifier.is_some_and(|kind| kind.of_person() || matches!(kind, Kind::Mobile | Kind::BankCard));
    let of_person = |kinds: &[Kind]| kinds.iter().any(|kind| facts.of_kind(*kind) > 0);
    if personal || (guess.kind == FieldKind::Identifier && of_person(&[Kind::ResidentId, Kind::ResidentId15])) {
        return Mask::Identifier;
    }
    let half = |part: u64| part > 0 && part * 2 >= facts.filled;
    let is_text = matches!(guess.kind, FieldKind::Name | FieldKind::Text);
    if personal::heads_names(heading)
        || (is_text && half(facts.surnamed))
        || (guess.kind == FieldKind::Name && half(facts.person_names))
    {
        return Mask::Name;
    }
    if has(heading, &["地址", "住址", "电话", "手机", "身份证"]) && known == Mask::None {
        return if guess.kind == FieldKind::Identifier { Mask::Identifier } else { Mask::Name };
    }
    known
}

/// Dates written in other ways than most, and the first of them.
fn other_forms(facts: &Facts) -> Seen {
    let usual = facts.dates.iter().max_by_key(|(_, seen)| seen.count).map(|(form, _)| *form);
    let others = facts.dates.iter().filter(|(form, _)| Some(**form) != usual).map(|(_, seen)| *seen);
    others.reduce(|a, b| Seen { count: a.count + b.count, row: a.row.min(b.row) }).unwrap_or_default()
}

/// Damage that shows once it is known what the column is.
fn hidden_damage(facts: &mut Facts, guess: &Guess) {
    match guess.kind {
        FieldKind::Identifier if facts.numbers > 0 => {
            facts.damaged_by(Damage::NumericIdentifier, Seen { count: facts.numbers, row: facts.number_row });
        }
        FieldKind::Code => {
            let short = |width: u32| {
                let shorter = facts.digits.iter().filter(move |(length, _)| **length < width as usize);
                shorter.fold(Seen::default(), |sum, (_, seen)| Seen {
                    count: sum.count + seen.count,
                    row: if sum.count == 0 { seen.row } else { sum.row.min(seen.row) },
                })
            };
            if let Some(lost) = guess.width.map(short).filter(|lost| lost.count > 0) {
                facts.damaged_by(Damage::LostZeros, lost);
            }
        }
        FieldKind::Date => {
            if facts.dates.len() > 1 {
                facts.damaged_by(Damage::MixedDates, other_forms(facts));
            }
            if facts.serials > 0 {
                facts.damaged_by(Damage::SerialDate, Seen { count: facts.serials, row: 0 });
            }
            let others = facts.filled.saturating_sub(facts.all_dates() + facts.serials);
            if others > 0 {
                facts.damaged_by(Damage::OtherText, Seen { count: others, row: 0 });
            }
        }
        FieldKind::Amount | FieldKind::Decimal | FieldKind::Integer => {
            if facts.numbers > 0 && facts.number_texts > 0 {
                facts.damaged_by(Damage::TextNumber, Seen { count: facts.number_texts, row: facts.number_text_row });
            }
            let others = facts.filled.saturating_sub(facts.all_numbers());
            if others > 0 {
                facts.damaged_by(Damage::OtherText, Seen { count: others, row: 0 });
            }
        }
        _ => {}
    }
    if facts.units.0 > 0 && facts.units.1 > 0 {
        facts.damaged_by(Damage::MixedUnits, Seen { count: facts.units.0 + facts.units.1, row: 0 });
    }
    if guess.kind != FieldKind::Date
        && let Some(cells) = facts.dates.get(&DateForm::Cell).copied()
    {
        facts.damaged_by(Damage::BecameDate, cells);
    }
}
