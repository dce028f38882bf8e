//! Exposures against limits: ratios to net capital and tier-1 capital, warning bands, headroom.
//!
//! The limits are parameters of the pack with dates and sources; this module knows their names and what each one
//! measures, never a figure.

use std::collections::BTreeMap;

use super::{
    CustomerId,
    amount::{WHOLE_PPM, literal_fen, literal_ppm, ratio_ppm},
    exposure::{Exposure, Exposures},
    groups::Groups,
};
use crate::pack::{AmountUnit, Literal};

/// Parameter: net capital (资本净额), 10,000 yuan.
pub const NET_CAPITAL: &str = "net_capital";
/// Parameter: net tier-1 capital (一级资本净额), 10,000 yuan.
pub const TIER_1_CAPITAL: &str = "tier1_capital";
/// Parameter: share of a limit from which on it is a warning, per cent.
pub const WARNING_BAND: &str = "limit_warning_percent";
/// Customers that make the top ten.
const TOP: usize = 10;

/// What a limit holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Each customer.
    Customer,
    /// Each connected group, and each customer in no group.
    Group,
    /// The ten customers with the largest balances together.
    TopTen,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Loan balance.
    Balance,
    /// Credit line.
    CreditLine,
}

/// What it is set against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Net capital.
    NetCapital,
    /// Net tier-1 capital.
    Tier1Capital,
}

/// A ratio the regulator limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Name of the parameter with the limit in per cent.
    pub param: &'static str,
    /// What it holds for.
    pub scope: Scope,
    /// What is measured.
    pub measure: Measure,
    /// What it is set against.
    pub base: Base,
    /// Above it an exposure is listed and reported; it is no limit, so there is no warning below it.
    pub listing: bool,
}

/// The ratios there are.
pub const RATIOS: [Ratio; 6] = [
    ratio("single_customer_limit", Scope::Customer, Measure::Balance, Base::NetCapital),
    ratio("group_limit", Scope::Group, Measure::CreditLine, Base::NetCapital),
    ratio("top_ten_limit", Scope::TopTen, Measure::Balance, Base::NetCapital),
    ratio("large_exposure_limit", Scope::Customer, Measure::Balance, Base::Tier1Capital),
    ratio("large_exposure_group_limit", Scope::Group, Measure::Balance, Base::Tier1Capital),
    Ratio { listing: true, ..ratio("large_exposure_threshold", Scope::Group, Measure::Balance, Base::Tier1Capital) },
];

const fn ratio(param: &'static str, scope: Scope, measure: Measure, base: Base) -> Ratio {
    Ratio { param, scope, measure, base, listing: false }
}

/// Capital and limits in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Net capital, fen.
    pub net_capital_fen: Option<i128>,
    /// Net tier-1 capital, fen.
    pub tier_1_capital_fen: Option<i128>,
    /// Share of a limit from which on it is a warning, millionths; without it nothing is a warning.
    pub warning_ppm: Option<i128>,
    /// The limit of each of [`RATIOS`], millionths of its base.
    pub limits_ppm: [Option<i128>; RATIOS.len()],
}

impl Limits {
    /// Capital and limits among the parameters in force. One that is missing, or no number, makes the ratios that need
    /// it not evaluable.
    pub fn of_params(params: &BTreeMap<String, Literal>) -> Self {
        let fen = |name: &str| params.get(name).and_then(|value| literal_fen(value, AmountUnit::WanYuan));
        let ppm = |name: &str| params.get(name).and_then(literal_ppm).filter(|ppm| (0..=100 * WHOLE_PPM).contains(ppm));
        Self {
            net_capital_fen: fen(NET_CAPITAL),
            tier_1_capital_fen: fen(TIER_1_CAPITAL),
            warning_ppm: ppm(WARNING_BAND),
            limits_ppm: RATIOS.map(|ratio| ppm(ratio.param)),
        }
    }

    fn base_fen(&self, base: Base) -> Option<i128> {
        match base {
            Base::NetCapital => self.net_capital_fen,
            Base::Tier1Capital => self.tier_1_capital_fen,
        }
        .filter(|fen| *fen > 0)
    }
}

/// Whose exposure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A customer.
    Customer(CustomerId),
    /// A group, by index into [`Groups::groups`].
    Group(usize),
    /// The ten largest customers.
    TopTen,
}

/// How it stands to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Below the limit and its warning band.
    Within,
    /// In the warning band: at or above its share of the limit, and not above the limit.
    Warning,
    /// Above the limit; of a listing threshold: to be listed.
    Above,
}

/// An exposure against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Whose.
    pub subject: Subject,
    /// Amount, fen.
    pub amount_fen: i128,
    /// The amount as a share of the base, millionths (hundredths of a basis point), rounded half to even. Shown only:
    /// the standing is decided by exact amounts.
    pub ratio_ppm: i128,
    /// What may be added before the limit is passed, whole fen rounded down; negative above the limit.
    pub headroom_fen: i128,
    /// Standing.
    pub standing: Standing,
    /// The amount lacks loans whose balance, or customers whose credit line, could not be read.
    pub incomplete: bool,
}

/// What became of one ratio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The ratio.
    pub ratio: Ratio,
    /// The limit as an amount, whole fen rounded down.
    pub limit_fen: i128,
    /// The largest exposure, and all others in the warning band or above; largest first, equal ones by code.
    pub positions: Vec<Position>,
    /// Number of exposures measured.
    pub subjects: usize,
}

/// Measures all ratios; nothing for one that is not evaluable, because its limit or capital is not known.
pub fn measure(exposures: &Exposures, groups: &Groups, limits: &Limits) -> [Option<Measured>; RATIOS.len()] {
    let mut measured = [const { None }; RATIOS.len()];
    for ((slot, ratio), limit_ppm) in measured.iter_mut().zip(RATIOS).zip(limits.limits_ppm) {
        let (Some(base_fen), Some(limit_ppm)) = (limits.base_fen(ratio.base), limit_ppm) else { continue };
        let against =
            Against { ratio, base_fen, limit_ppm, warning_ppm: limits.warning_ppm.filter(|_| !ratio.listing) };
        let subjects = subjects(ratio.scope, exposures, groups);
        *slot = Some(against.measure(&subjects));
    }
    measured
}

/// Who is measured, and what they owe.
fn subjects(scope: Scope, exposures: &Exposures, groups: &Groups) -> Vec<(Subject, Exposure)> {
    let customer = |id: CustomerId| (Subject::Customer(id), exposures.get(id));
    match scope {
        Scope::Customer => exposures.ids().map(customer).collect(),
        Scope::Group => {
            let joined = groups.groups.iter().enumerate().map(|(index, group)| (Subject::Group(index), group.exposure));
            joined.chain(exposures.ids().filter(|id| groups.group_of(*id).is_none()).map(customer)).collect()
        }
        Scope::TopTen => vec![(Subject::TopTen, exposures.sum(exposures.largest(TOP)))],
    }
}

/// One ratio with its figures.
struct Against {
    ratio: Ratio,
    base_fen: i128,
    limit_ppm: i128,
    warning_ppm: Option<i128>,
}

impl Against {
    fn measure(&self, subjects: &[(Subject, Exposure)]) -> Measured {
        let limit_fen = (self.limit_ppm * self.base_fen).div_euclid(WHOLE_PPM);
        let mut positions = Vec::new();
        let mut largest: Option<Position> = None;
        for (subject, exposure) in subjects {
            let (amount_fen, lacking) = match self.ratio.measure {
                Measure::Balance => (exposure.balance_fen, exposure.unread),
                Measure::CreditLine => (exposure.credit_line_fen, exposure.unstated_lines),
            };
            let position = Position {
                subject: *subject,
                amount_fen,
                ratio_ppm: ratio_ppm(amount_fen, self.base_fen).unwrap_or_default(),
                headroom_fen: limit_fen - amount_fen,
                standing: self.standing(amount_fen, limit_fen),
                incomplete: lacking > 0,
            };
            if largest.is_none_or(|largest| amount_fen > largest.amount_fen) {
                largest = Some(position);
            }
            if position.standing != Standing::Within {
                positions.push(position);
            }
        }
        if positions.is_empty() {
            positions.extend(largest);
        }
        // Stable: equal amounts stay in the order of the subjects, which is that of the codes.
        positions.sort_by_key(|position| -position.amount_fen);
        Measured { ratio: self.ratio, limit_fen, positions, subjects: subjects.len() }
    }

    fn standing(&self, amount_fen: i128, limit_fen: i128) -> Standing {
        // Amounts are whole fen, so they pass the exact limit if and only if they pass the one rounded down.
        if amount_fen > limit_fen {
            return Standing::Above;
        }
        let warns = |band_ppm: i128| {
            // amount / WHOLE >= band / WHOLE * limit / WHOLE * base / WHOLE, without fractions. All factors are bounded.
            let band = (band_ppm * self.limit_ppm).checked_mul(self.base_fen)?;
            Some(amount_fen.checked_mul(WHOLE_PPM * WHOLE_PPM)? >= band)
        };
        let warned = amount_fen > 0 && self.warning_ppm.and_then(warns).unwrap_or(false);
        if warned { Standing::Warning } else { Standing::Within }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::{Affiliate, Directory, Loan, Portfolio, exposure::Counting, groups::GroupRules};

    /// Net capital 1,000 and tier-1 capital 800, both 10,000 yuan.
    fn params(more: &[(&str, &str)]) -> BTreeMap<String, Literal> {
        let known = [(NET_CAPITAL, "1000"), (TIER_1_CAPITAL, "800"), (WARNING_BAND, "90")];
        known
            .iter()
            .chain(more)
            .map(|(name, digits)| ((*name).to_owned(), Literal::Decimal((*digits).to_owned())))
            .collect()
    }

    fn loan(customer: &str, wan: i128, fen: i128) -> Loan<'_> {
        Loan { customer: Some(customer), balance_fen: i64::try_from(wan * 1_000_000 + fen).ok(), ..Loan::default() }
    }

    fn measured(
        loans: Vec<Loan<'_>>,
        affiliates: Vec<Affiliate<'_>>,
        limits: &[(&str, &str)],
    ) -> [Option<Measured>; 6] {
        let portfolio = Portfolio { affiliates, loans: loans.into(), ..Portfolio::default() };
        let directory = Directory::of(&portfolio);
        let counting = Counting { exclude_participants: true, default_days: 90 };
        let exposures = Exposures::of(&portfolio, &directory, counting);
        let rules = GroupRules { control_ppm: 500_000, state_organs_join: false };
        let groups = Groups::of(&portfolio, &directory, &exposures, rules);
        measure(&exposures, &groups, &Limits::of_params(&params(limits)))
    }

    #[test]
    fn the_limit_itself_is_allowed_and_one_fen_more_is_not() {
        // 10 % of 1,000 is 100; the band begins at 90.
        let loans = vec![loan("A", 100, 0), loan("B", 100, 1), loan("C", 90, 0), loan("D", 89, 999_999)];
        let [single, ..] = measured(loans, Vec::new(), &[("single_customer_limit", "10")]);
        let single = single.expect("evaluable");
        assert_eq!((single.limit_fen, single.subjects), (100_000_000, 4));
        let seen: Vec<_> = single.positions.iter().map(|p| (p.ratio_ppm, p.headroom_fen, p.standing)).collect();
        assert_eq!(
            seen,
            [(100_000, -1, Standing::Above), (100_000, 0, Standing::Warning), (90_000, 10_000_000, Standing::Warning),]
        );
    }

    #[test]
    fn groups_and_single_customers_are_measured_against_tier_1() {
        // 20 % of 800 is 160, 2.5 % is 20. A and B are under one control; C stands alone.
        let one_control = Affiliate {
            customer: Some("A"),
            name: Some("乙牧业有限公司"),
            relation: Some("4"),
            doc_type: Some("1"),
            doc_no: Some("MA0NABCD5"),
            ..Affiliate::default()
        };
        let same = Affiliate { customer: Some("B"), ..one_control.clone() };
        let loans = vec![loan("A", 100, 0), loan("B", 61, 0), loan("C", 20, 1), loan("D", 20, 0)];
        let limits = [("large_exposure_group_limit", "20"), ("large_exposure_threshold", "2.5")];
        let [_, _, _, _, group, listed] = measured(loans, vec![one_control, same], &limits);
        let group = group.expect("evaluable");
        let position = group.positions[0];
        assert_eq!(
            (position.subject, position.ratio_ppm, position.standing),
            (Subject::Group(0), 201_250, Standing::Above)
        );
        assert_eq!((position.headroom_fen, group.positions.len(), group.subjects), (-1_000_000, 1, 3));
        // More than 2.5 %: the group and C, not D with exactly 20.
        let listed: Vec<_> = listed.expect("evaluable").positions.iter().map(|p| p.amount_fen).collect();
        assert_eq!(listed, [161_000_000, 20_000_001]);
    }

    #[test]
    fn the_top_ten_are_ten() {
        let codes = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"];
        let loans = codes.iter().map(|code| loan(code, 40, 0)).collect();
        let [_, _, top, ..] = measured(loans, Vec::new(), &[("top_ten_limit", "50")]);
        let top = top.expect("evaluable");
        assert_eq!((top.positions[0].amount_fen, top.positions[0].ratio_ppm), (400_000_000, 400_000));
        assert_eq!(top.positions[0].standing, Standing::Within);
    }

    #[test]
    fn without_capital_or_limit_nothing_is_evaluable() {
        let results = measured(vec![loan("A", 1, 0)], Vec::new(), &[]);
        assert!(results.iter().all(Option::is_none));
        let results =
            measured(vec![loan("A", 1, 0)], Vec::new(), &[("single_customer_limit", "10"), (NET_CAPITAL, "0")]);
        assert!(results.iter().all(Option::is_none));
    }
}
