//! The parameters of a pack that say what is derived and how.
//!
//! Knows their names and units, never a figure.

use std::collections::BTreeMap;

use super::{
    amount::{literal_fen, literal_ppm},
    changes::JumpRules,
    exposure::Counting,
    groups::GroupRules,
    limits::Limits,
    scope::{Reading, ScopeRules},
    splitting::SplitRules,
};
use crate::{
    pack::{AmountUnit, Literal},
    text::Text,
};

/// Parameter: smallest amount of a single loan that is reported, 10,000 yuan.
const LARGE_LOAN: &str = "large_loan";

/// Everything the pack sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which loans count, and when one is in default.
    pub counting: Counting,
    /// What makes customers connected.
    pub groups: GroupRules,
    /// What counts as split.
    pub splits: SplitRules,
    /// Which customers are reported.
    pub scope: ScopeRules,
    /// When a balance has jumped.
    pub jumps: JumpRules,
    /// Capital and limits.
    pub limits: Limits,
}

impl Settings {
    /// The settings among the parameters in force.
    ///
    /// # Errors
    /// If one is missing or of another kind; capital and limits may be missing.
    pub fn of_params(params: &BTreeMap<String, Literal>) -> Result<Self, Text> {
        let param = |name: &str| {
            params
                .get(name)
                .ok_or_else(|| Text::new(format!("缺少参数 `{name}`"), format!("it needs a parameter `{name}`")))
        };
        let ppm = |name: &str| {
            literal_ppm(param(name)?).ok_or_else(|| {
                Text::new(format!("参数 `{name}` 不是百分数"), format!("`{name}` is no figure in per cent"))
            })
        };
        let fen = |name: &str| {
            literal_fen(param(name)?, AmountUnit::WanYuan).ok_or_else(|| {
                Text::new(format!("参数 `{name}` 不是金额（万元）"), format!("`{name}` is no amount in 10,000 yuan"))
            })
        };
        let whole = |name: &str| match param(name)? {
            Literal::Integer(number) => Ok(*number),
            _ => Err(Text::new(format!("参数 `{name}` 不是整数"), format!("`{name}` is no whole number"))),
        };
        let flag = |name: &str| match param(name)? {
            Literal::Bool(flag) => Ok(*flag),
            _ => Err(Text::new(
                format!("参数 `{name}` 不是 true 或 false"),
                format!("`{name}` is neither true nor false"),
            )),
        };
        let counting =
            Counting { exclude_participants: flag("exclude_participants")?, default_days: whole("default_days")? };
        let reading = match param("scope")? {
            Literal::Text(word) => Reading::ALL.into_iter().find(|reading| reading.name() == word),
            _ => None,
        };
        let reading = reading.ok_or_else(|| {
            let names = Reading::ALL.map(Reading::name).join(", ");
            Text::new(format!("参数 `scope` 只能是：{names}"), format!("`scope` is one of: {names}"))
        })?;
        Ok(Self {
            counting,
            groups: GroupRules { control_ppm: ppm("control_percent")?, state_organs_join: flag("state_organs_join")? },
            splits: SplitRules {
                line_fen: fen(LARGE_LOAN)?,
                below_ppm: ppm("split_below_percent")?,
                days: whole("split_days")?,
                counting,
            },
            scope: ScopeRules { line_fen: fen(LARGE_LOAN)?, reading, counting },
            jumps: JumpRules { factor: whole("jump_factor")?.into(), floor_fen: fen("jump_floor")? },
            limits: Limits::of_params(params),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        let lacking = Settings::of_params(&BTreeMap::new()).expect_err("nothing is there");
        assert_eq!(lacking.en, "it needs a parameter `exclude_participants`");
        let params = BTreeMap::from([("exclude_participants".to_owned(), Literal::Integer(1))]);
        let lacking = Settings::of_params(&params).expect_err("a number is no flag");
        assert_eq!(lacking.en, "`exclude_participants` is neither true nor false");
    }
}
