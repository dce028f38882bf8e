//! Reading `tiers.toml` into schemes known to be good: every condition is compiled and tried, and all problems are
//! reported at once where they stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    model::{MOST_TIERS, Method, SCORE_SCALE, Scheme, Tier, Way},
    read_examples::read_examples,
    read_method::{read_keep, read_method, read_tier_bound},
};
use crate::{
    pack::{
        Dataset, FieldKind, Literal, dataset_index, field_of,
        functions::Context,
        placeholders, read_source, report,
        sql::{self, Condition, Mistake, Mistakes, Scope},
    },
    problem::{At, Problems, Reader, TextAt, did_you_mean},
    text::Text,
};

/// What schemes are read against.
#[derive(Clone, Copy)]
pub struct SchemeScope<'a> {
    /// Datasets of the pack.
    pub datasets: &'a [Dataset],
    /// Values of all parameters.
    pub params: &'a BTreeMap<String, Literal>,
    /// What our SQL functions need.
    pub context: &'a Arc<Context>,
}

/// Keys of a scheme that are not read if its dataset cannot be told.
const OTHER_KEYS: [&str; 13] = [
    "key",
    "name",
    "manager",
    "amount",
    "figures",
    "when",
    "score",
    "cut",
    "tier",
    "stay_down",
    "stay_up",
    "source",
    "examples",
];

/// Reads the `[[scheme]]` blocks of a file.
pub fn read_schemes(reader: &mut Reader<'_, '_>, problems: &mut Problems, scope: SchemeScope<'_>) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    if !reader.has("scheme") {
        reader.missing("scheme", problems);
    }
    reader.tables("scheme", problems, |reader, problems| {
        let Some(scheme) = read_scheme(reader, problems, scope) else { return };
        if schemes.iter().any(|other| other.id == scheme.id) {
            let id = &scheme.id;
            let message = Text::new(format!("两个方案都叫 `{id}`"), format!("two schemes are called `{id}`"));
            reader.span.problem(problems, message, None);
        }
        schemes.push(scheme);
    });
    schemes
}

/// What a scheme is read with: its dataset, and the parameters met on the way.
pub(super) struct Parts<'s> {
    pub(super) scope: SchemeScope<'s>,
    pub(super) dataset: &'s Dataset,
    pub(super) params: BTreeSet<String>,
    /// Fields the conditions read, in the order of the dataset.
    pub(super) reads: BTreeSet<u16>,
}

impl Parts<'_> {
    fn compile(
        &mut self,
        text: &At<String>,
        problems: &mut Problems,
        how: impl FnOnce(&str, Scope<'_>) -> Result<Condition, Mistakes>,
    ) -> Option<String> {
        let schema = self.dataset.schema();
        let scope = Scope { schema: &schema, params: self.scope.params, context: self.scope.context };
        self.params.extend(parameters(&text.value));
        match how(&text.value, scope) {
            Ok(condition) if condition.windowed || !condition.prior.is_empty() => {
                let message = Text::new(
                    "分级条件只看本期的这一条记录，不用 OVER 和 prior()",
                    "a tier is decided by this record of this period: no OVER, no prior()",
                );
                report(
                    Mistakes(vec![Mistake { message, help: None, offset: 0, length: text.value.chars().count() }]),
                    text,
                    problems,
                );
                None
            }
            Ok(condition) => {
                self.reads.extend(condition.fields.iter().filter_map(|name| self.dataset.field_index(name)));
                Some(text.value.clone())
            }
            Err(mistakes) => {
                report(mistakes, text, problems);
                None
            }
        }
    }

    /// A condition, compiled and tried.
    pub(super) fn condition(&mut self, text: &At<String>, problems: &mut Problems) -> Option<String> {
        self.compile(text, problems, sql::compile)
    }

    /// A number, compiled and tried.
    pub(super) fn number(&mut self, text: &At<String>, problems: &mut Problems) -> Option<String> {
        self.compile(text, problems, sql::compile_number)
    }

    /// A bound: a number, or a parameter that is one (`"$name"`), with [`SCORE_SCALE`] places.
    pub(super) fn bound(&mut self, literal: &At<Literal>, problems: &mut Problems) -> Option<i128> {
        let found = match &literal.value {
            Literal::Text(text) => {
                let name = text.trim_start_matches('$');
                let Some(found) = self.scope.params.get(name) else {
                    let help = did_you_mean(name, self.scope.params.keys().map(String::as_str));
                    let message = Text::new(format!("没有参数 `{text}`"), format!("unknown parameter `{text}`"));
                    literal.span.problem(problems, message, help);
                    return None;
                };
                self.params.insert(name.to_owned());
                found
            }
            other => other,
        };
        let scaled = scaled_to(found, SCORE_SCALE);
        if scaled.is_none() {
            let message = Text::new(
                format!("这里是数字（最多 {SCORE_SCALE} 位小数），或值为数字的参数"),
                format!("a number of at most {SCORE_SCALE} decimals, or a parameter that is one"),
            );
            literal.span.problem(problems, message, None);
        }
        scaled
    }

    /// Reports placeholders nobody fills. `more` are those the method fills.
    fn check_placeholders(&mut self, text: &TextAt, more: &[&str], problems: &mut Problems) {
        for (text, span) in [(&text.value.zh, &text.zh), (&text.value.en, &text.en)] {
            for name in placeholders(text) {
                if more.contains(&name) || self.dataset.field_index(name).is_some() {
                    continue;
                }
                if self.scope.params.contains_key(name) {
                    self.params.insert(name.to_owned());
                    continue;
                }
                let fields = self.dataset.fields.iter().map(|field| field.id.as_str());
                let params = self.scope.params.keys().map(String::as_str);
                let help = did_you_mean(name, fields.chain(params).chain(more.iter().copied()));
                let message = Text::new(
                    format!("占位符 {{{name}}} 没有对应的字段或参数"),
                    format!("the text has an unknown placeholder {{{name}}}"),
                );
                let written = format!("{{{name}}}");
                let before = text.split(&written).next().unwrap_or_default().chars().count();
                span.inside(before, written.chars().count()).problem(problems, message, help);
            }
        }
    }
}

/// A number with `scale` decimal places; none if it is no number or has more.
pub(super) fn scaled_to(literal: &Literal, scale: usize) -> Option<i128> {
    let digits = match literal {
        Literal::Integer(number) => number.to_string(),
        Literal::Decimal(digits) => digits.clone(),
        _ => return None,
    };
    let (value, places) = sql::scaled(&digits)?;
    value.checked_mul(10_i128.checked_pow(u32::try_from(scale.checked_sub(places)?).ok()?)?)
}

/// The names of parameters in a condition.
fn parameters(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect::<String>()
    })
}

fn read_scheme(reader: &mut Reader<'_, '_>, problems: &mut Problems, scope: SchemeScope<'_>) -> Option<Scheme> {
    let id = reader.required_text("id", problems);
    let title = reader.both_languages("title", problems).value;
    let on = reader.required_text("on", problems);
    let Some(on) = dataset_index(&on, scope.datasets, problems) else {
        reader.pass_over(&OTHER_KEYS);
        return None;
    };
    let dataset = scope.datasets.get(on)?;
    let mut key: Vec<u16> =
        reader.texts("key", problems).iter().filter_map(|name| field_of(name, dataset, problems)).collect();
    if key.is_empty() && !reader.has("key") {
        key.clone_from(&dataset.key);
    }
    if key.is_empty() {
        let message = Text::new("没有主键，无法跨季度认出客户", "without a key customers cannot be known again");
        let help = Text::new("写 key = [\"customer_no\"]", "write key = [\"customer_no\"]");
        reader.span.problem(problems, message, Some(help));
    }
    let mut field = |key: &str, problems: &mut Problems| {
        reader.text(key, problems).and_then(|name| Some((field_of(&name, dataset, problems)?, name)))
    };
    let name = field("name", problems).map(|(index, _)| index);
    let manager = field("manager", problems).map(|(index, _)| index);
    let amount = field("amount", problems).map(|(index, name)| {
        if dataset.fields.get(usize::from(index)).is_some_and(|field| field.kind != FieldKind::Amount) {
            let message = Text::new(format!("`{}` 不是金额字段", name.value), format!("`{}` is no amount", name.value));
            name.span.problem(problems, message, None);
        }
        index
    });
    let mut parts = Parts { scope, dataset, params: BTreeSet::new(), reads: BTreeSet::new() };
    let when = reader.text("when", problems).and_then(|text| parts.condition(&text, problems));
    let method = read_method(reader, problems, &mut parts);
    let mut tiers = Vec::new();
    reader.tables("tier", problems, |reader, problems| {
        tiers.push(read_tier(reader, problems, &mut parts, &method));
    });
    check_tiers(reader, problems, &tiers, &method);
    let mut figures: Vec<u16> =
        reader.texts("figures", problems).iter().filter_map(|name| field_of(name, dataset, problems)).collect();
    if figures.is_empty() {
        let shown = [name, manager];
        figures = parts
            .reads
            .iter()
            .copied()
            .filter(|field| !key.contains(field) && !shown.contains(&Some(*field)))
            .collect();
    }
    let stay_down = reader.count("stay_down", problems).unwrap_or(0);
    let stay_up = reader.count("stay_up", problems).unwrap_or(0);
    let source = read_source(reader, problems);
    let examples = read_examples(reader, problems, dataset, &tiers);
    for tier in &tiers {
        let index = tiers.iter().position(|other| other.id == tier.id);
        if !examples.iter().flat_map(|example| &example.rows).any(|row| row.expect == index) {
            let id = &tier.id;
            let message = Text::new(format!("{id} 级没有例子"), format!("no example comes into tier {id}"));
            let help = Text::new(
                format!("在 examples 中写一条 expect = \"{id}\" 的记录"),
                format!("give a record with expect = \"{id}\" under examples"),
            );
            reader.span.problem(problems, message, Some(help));
        }
    }
    Some(Scheme {
        place: id.span.file_line(),
        id: id.value,
        title,
        on,
        key,
        name,
        manager,
        amount,
        figures,
        when,
        method,
        tiers,
        stay_down,
        stay_up,
        params: parts.params,
        source,
        examples,
    })
}

fn read_tier(reader: &mut Reader<'_, '_>, problems: &mut Problems, parts: &mut Parts<'_>, method: &Method) -> Tier {
    let id = reader.required_text("id", problems);
    let title = reader.both_languages("title", problems).value;
    let mut ways = Vec::new();
    let mut reason = None;
    if let Method::Ways = method {
        if !reader.has("way") {
            reader.missing("way", problems);
        }
        reader.tables("way", problems, |reader, problems| {
            let when = reader.text("when", problems);
            let is_rest = when.is_none() && !reader.has("when");
            let when = when.and_then(|text| parts.condition(&text, problems));
            let reason = reader.both_languages("reason", problems);
            parts.check_placeholders(&reason, &[], problems);
            if is_rest || when.is_some() {
                ways.push(Way { when, reason: reason.value });
            }
        });
    } else if reader.has("reason") {
        let text = reader.both_languages("reason", problems);
        parts.check_placeholders(&text, &["score", "position", "count", "share", "points"], problems);
        reason = Some(text.value);
    }
    let bound = read_tier_bound(reader, problems, parts, method);
    let keep = read_keep(reader, problems, parts, method);
    Tier { id: id.value, title, ways, bound, reason, keep }
}

fn check_tiers(reader: &Reader<'_, '_>, problems: &mut Problems, tiers: &[Tier], method: &Method) {
    let span = &reader.span;
    if tiers.len() < 2 || tiers.len() > MOST_TIERS {
        let message = Text::new(
            format!("一个方案有 2 到 {MOST_TIERS} 个级别，这里有 {} 个", tiers.len()),
            format!("a scheme has 2 to {MOST_TIERS} tiers; found {}", tiers.len()),
        );
        span.problem(
            problems,
            message,
            Some(Text::new("每级写一个 [[scheme.tier]]，从高到低", "one [[scheme.tier]] each, highest first")),
        );
    }
    let mut ids = BTreeSet::new();
    for tier in tiers.iter().filter(|tier| !tier.id.is_empty()) {
        if !ids.insert(&tier.id) {
            let message =
                Text::new(format!("两个级别都叫 `{}`", tier.id), format!("two tiers are called `{}`", tier.id));
            span.problem(problems, message, None);
        }
    }
    match method {
        Method::Ways => {
            let ways: Vec<_> = tiers.iter().flat_map(|tier| &tier.ways).collect();
            if let Some(rest) = ways.iter().position(|way| way.when.is_none()).filter(|at| at + 1 < ways.len()) {
                let message = Text::new(
                    format!("第 {} 条没有条件，其后的级别永远不会用到", rest + 1),
                    format!("way {} has no condition: what follows is never reached", rest + 1),
                );
                span.problem(problems, message, None);
            }
        }
        Method::Points(_) => {
            let bounds: Vec<_> = tiers.iter().map(|tier| tier.bound).collect();
            let falling = bounds.windows(2).all(|pair| match pair {
                [Some(one), Some(other)] => one > other,
                [Some(_), None] => true,
                _ => false,
            });
            if !falling {
                let message = Text::new(
                    "points 应逐级降低，只有最后一级可以不写",
                    "points fall from tier to tier; only the last may have none",
                );
                span.problem(problems, message, None);
            }
        }
        Method::Shares(..) => {
            let sum: i128 = tiers.iter().filter_map(|tier| tier.bound).sum();
            if tiers.iter().all(|tier| tier.bound.is_some()) && sum != super::cut::WHOLE {
                let found = crate::message::decimal_text(sum, SCORE_SCALE);
                let message = Text::new(
                    format!("各级 share 之和应为 100，现为 {found}"),
                    format!("the shares add up to {found}, not 100"),
                );
                span.problem(problems, message, None);
            }
        }
    }
}
