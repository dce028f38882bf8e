//! Why a customer is in its tier, in words.

use std::fmt::Write as _;

use super::{
    assign::UNDECIDED,
    missing::Lack,
    model::{Method, SCORE_SCALE, Score},
    overrides::Overrides,
    result::Tiering,
    settle::Held,
};
use crate::{
    message::{Template, blank, decimal_text},
    pack::{Literal, RulePack, sql::scaled},
    text::{Lang, Text},
};

/// The reasons of one scheme, taken apart once.
pub struct Words<'t, 'a> {
    tiering: &'t Tiering<'a>,
    pack: &'t RulePack,
    overrides: &'t Overrides,
    lang: Lang,
    /// For each way, over all tiers.
    ways: Vec<Template>,
    /// For each tier.
    scored: Vec<Option<Template>>,
}

impl<'t, 'a> Words<'t, 'a> {
    /// Prepares the reasons of a scheme.
    pub fn new(tiering: &'t Tiering<'a>, pack: &'t RulePack, overrides: &'t Overrides, lang: Lang) -> Self {
        let template = |text: &Text| Template::parse(text.get(lang), Some(tiering.dataset));
        let tiers = &tiering.scheme.tiers;
        Self {
            tiering,
            pack,
            overrides,
            lang,
            ways: tiers.iter().flat_map(|tier| &tier.ways).map(|way| template(&way.reason)).collect(),
            scored: tiers.iter().map(|tier| tier.reason.as_ref().map(template)).collect(),
        }
    }

    /// Why a record is in its tier, or cannot be classed.
    pub fn reason(&self, record: u32) -> String {
        let Some(settled) = self.tiering.settled.get(record as usize) else { return String::new() };
        let by_data = if settled.by_data == UNDECIDED {
            self.lack(&self.tiering.lack(record))
        } else {
            self.by_data(record, settled.by_data)
        };
        let Some(held) = settled.held else { return by_data };
        let tier = self.tiering.tier_id(settled.tier).unwrap_or_default();
        let due = self.tiering.tier_id(settled.by_data);
        let due = match (due, self.lang) {
            (Some(due), Lang::Zh) => format!("按数据为{due}：{by_data}"),
            (Some(due), Lang::En) => format!("{due} by the data: {by_data}"),
            (None, _) => by_data,
        };
        let held = match held {
            Held::Keep => Text::new(
                format!("仍满足保留{tier}的条件，维持{tier}"),
                format!("the condition to keep {tier} still holds, so it stays in {tier}"),
            ),
            Held::Stay(been, needed) => Text::new(
                format!("在{tier}满{needed}个季度才变动，至今{been}个季度"),
                format!("it stays in {tier} for {needed} quarter(s); so far {been}"),
            ),
            Held::Override(index) => {
                let Some(line) = self.overrides.list.get(index as usize) else { return due };
                let until = line.until.map(|day| day.to_string()).unwrap_or_default();
                Text::new(
                    format!("人工调整为{tier}（{}，{}，至{until}）", line.who, line.why),
                    format!("set to {tier} by {} until {until}: {}", line.who, line.why),
                )
            }
        };
        let separator = if self.lang == Lang::Zh { "；" } else { "; " };
        format!("{}{separator}{due}", held.get(self.lang))
    }

    fn by_data(&self, record: u32, tier: u8) -> String {
        if let Method::Ways = self.tiering.scheme.method {
            let way = self.tiering.assigned.ways.get(record as usize).copied().unwrap_or_default();
            return self.ways.get(usize::from(way)).map(|way| self.fill(way, record, tier)).unwrap_or_default();
        }
        let own = self.scored.get(usize::from(tier)).and_then(Option::as_ref);
        let mut text = match own {
            Some(own) => self.fill(own, record, tier),
            None => self.score_words(record, tier).get(self.lang).to_owned(),
        };
        text.push_str(&self.card_words(record));
        text
    }

    fn score(&self, record: u32) -> i128 {
        self.tiering.assigned.scores.get(record as usize).copied().unwrap_or_default()
    }

    fn position(&self, record: u32) -> (usize, usize) {
        let ranks = self.tiering.assigned.ranks.as_ref();
        ranks.map(|ranks| ranks.position(record, self.score(record))).unwrap_or_default()
    }

    fn score_words(&self, record: u32, tier: u8) -> Text {
        let score = decimal_text(self.score(record), SCORE_SCALE);
        let bound = self.tiering.scheme.tier(tier).and_then(|tier| tier.bound);
        let bound_text = bound.map(|bound| decimal_text(bound, SCORE_SCALE));
        match (&self.tiering.assigned.ranks, bound_text) {
            (Some(_), share) => {
                let (position, count) = self.position(record);
                let share = share.unwrap_or_default();
                Text::new(
                    format!("得分{score}，在{count}户中居第{position}位（本级占{share}%）"),
                    format!("score {score}, number {position} of {count} (this tier takes {share} %)"),
                )
            }
            (None, Some(points)) => {
                Text::new(format!("得分{score}，达到{points}分"), format!("score {score}, at least {points}"))
            }
            (None, None) => {
                Text::new(format!("得分{score}，未达到更高级别"), format!("score {score}, below the higher tiers"))
            }
        }
    }

    /// The points of each factor of a card.
    fn card_words(&self, record: u32) -> String {
        let Some(Score::Card(factors)) = self.tiering.scheme.method.score() else { return String::new() };
        let skip = usize::from(self.tiering.scheme.when.is_some());
        let mut outcomes = self.tiering.assigned.asked.iter().skip(skip);
        let mut parts = Vec::new();
        for factor in factors {
            let own: Vec<_> = outcomes.by_ref().take(factor.bands.len()).collect();
            let hit = own.iter().position(|asked| asked.outcome.get(record as usize) == Some(true));
            let points = hit.and_then(|band| factor.bands.get(band)).map_or(0, |(_, points)| *points);
            let weight = decimal_text(factor.weight, 6);
            parts.push(format!("{} {points}×{weight}%", factor.title.get(self.lang)));
        }
        match self.lang {
            Lang::Zh => format!("（{}）", parts.join("，")),
            Lang::En => format!(" ({})", parts.join(", ")),
        }
    }

    /// Why a record cannot be classed.
    pub fn lack(&self, lack: &Lack) -> String {
        let text = match lack {
            Lack::NoKey => Text::new("主键为空，无法跨季度认出", "its key is blank"),
            Lack::Repeated(count) => {
                Text::new(format!("有{count}条记录主键相同"), format!("{count} records have the same key"))
            }
            Lack::NoTier => Text::new("不符合任何级别的条件", "no tier's condition holds"),
            Lack::Fields(fields) => {
                let mut text = String::from(if self.lang == Lang::Zh { "缺少：" } else { "missing: " });
                for (index, (field, fault)) in fields.iter().enumerate() {
                    if index > 0 {
                        text.push_str(if self.lang == Lang::Zh { "、" } else { ", " });
                    }
                    let declared = self.tiering.dataset.fields.get(usize::from(*field));
                    text.push_str(declared.map(crate::pack::Field::title).unwrap_or_default().get(self.lang));
                    if *fault {
                        text.push_str(if self.lang == Lang::Zh { "（填写有误）" } else { " (unreadable)" });
                    }
                }
                return text;
            }
        };
        text.get(self.lang).to_owned()
    }

    /// A value as words show it: codes by their names, masked as the field asks.
    pub fn value(&self, record: u32, field: u16) -> String {
        let text = self.tiering.masked(record, field);
        if text.is_empty() {
            return blank(self.lang).to_owned();
        }
        let declared = self.tiering.dataset.fields.get(usize::from(field));
        let list = declared.and_then(|field| self.pack.codes.get(field.codes.as_ref()?));
        list.and_then(|list| list.codes.get(&text)).map_or(text, |code| code.name.clone())
    }

    fn fill(&self, template: &Template, record: u32, tier: u8) -> String {
        template.render(|name, field, out| {
            if let Some(field) = field {
                return out.push_str(&self.value(record, field));
            }
            // Writing to a String cannot fail.
            let _ = match name {
                "score" => write!(out, "{}", decimal_text(self.score(record), SCORE_SCALE)),
                "position" => write!(out, "{}", self.position(record).0),
                "count" => write!(out, "{}", self.position(record).1),
                "share" | "points" => {
                    let bound = self.tiering.scheme.tier(tier).and_then(|tier| tier.bound);
                    write!(out, "{}", bound.map(|bound| decimal_text(bound, SCORE_SCALE)).unwrap_or_default())
                }
                _ => write!(
                    out,
                    "{}",
                    self.pack.params.get(name).map(|param| Self::literal(&param.value)).unwrap_or_default()
                ),
            };
        })
    }
}

impl Words<'_, '_> {
    /// A parameter's value as words show it: numbers without trailing zeros.
    pub fn literal(value: &Literal) -> String {
        match value {
            Literal::Text(text) => text.clone(),
            Literal::Integer(number) => number.to_string(),
            Literal::Decimal(digits) => {
                scaled(digits).map_or_else(|| digits.clone(), |(value, scale)| decimal_text(value, scale))
            }
            Literal::Date(date) => date.to_string(),
            Literal::Bool(flag) => flag.to_string(),
        }
    }
}
