//! The union: its units, and how many records of each kind they have.

use crate::{
    model::{Cell, Standing, UNITS, World, day},
    names,
    rng::Rng,
};

/// A unit. The counts are those of October; `new_...` of them do not exist in September.
pub struct Unit {
    pub code: &'static str,
    pub name: &'static str,
    pub customers: usize,
    pub new_customers: usize,
    pub corporate: usize,
    pub new_corporate: usize,
    pub personal: usize,
    pub new_personal: usize,
}

const fn unit(code: &'static str, name: &'static str, customers: usize, corporate: usize, personal: usize) -> Unit {
    Unit { code, name, customers, new_customers: 2, corporate, new_corporate: 1, personal, new_personal: 2 }
}

pub const INSTITUTION: (&str, &str) = ("150199", "示例旗农村信用合作联社");

/// The head office's own unit has a code with leading zeros; its corporate defaults rise from 15 to 119.
pub const HEAD: usize = 0;
pub const MANY_FILES: usize = 1;
pub const OLD_EXCEL: usize = 2;
pub const CSV: usize = 3;
pub const ODS: usize = 4;
pub const UNTIDY: usize = 5;
pub const HIDDEN: usize = 6;
/// Dates count from 1904; its loan balance more than doubles.
pub const EPOCH_1904: usize = 7;
/// Headings by their other names; its personal defaults rise from 40 to 160.
pub const OTHER_HEADINGS: usize = 8;
/// Hands in nothing in October.
pub const MISSING: usize = 9;
/// After the deadline; its customers rise from 38 to 76.
pub const LATE: usize = 10;
/// Hands in no customers: its loans are to customers of the head office.
pub const NO_CUSTOMERS: usize = 11;

pub const UNIT: [Unit; 12] = [
    Unit { new_corporate: 105, ..unit("001501", "营业部", 96, 119, 40) },
    unit("150102", "城关社部", 70, 12, 42),
    unit("150103", "东河社部", 52, 13, 38),
    unit("150104", "西梁社部", 55, 14, 41),
    unit("150105", "南营子社部", 46, 15, 39),
    unit("150106", "北湾社部", 50, 16, 44),
    unit("150107", "柳树沟社部", 45, 14, 37),
    unit("150108", "黄土岗社部", 58, 15, 40),
    Unit { new_personal: 121, ..unit("150109", "清泉社部", 54, 17, 160) },
    unit("150110", "大青树社部", 40, 12, 30),
    Unit { new_customers: 39, ..unit("150111", "白音社部", 76, 13, 58) },
    unit("150112", "石门社部", 0, 4, 11),
];

impl Unit {
    pub fn folder(&self) -> String {
        format!("{}-{}", self.code, self.name)
    }
}

/// Adds the roster of units.
pub fn add_roster(world: &mut World, rng: &mut Rng) {
    for (index, unit) in UNIT.iter().enumerate() {
        let since = day(2024, 1, 8) + chrono::Days::new(rng.below(700) as u64);
        let cells = [
            ("unit_code", Cell::text(unit.code)),
            ("unit_name", Cell::text(unit.name)),
            ("officer", Cell::text(names::plain_person(rng))),
            ("officer_since", Cell::Day(since)),
            ("reviewer", Cell::text(names::plain_person(rng))),
            ("phone", Cell::text(format!("0471-{}", rng.between(2_100_000, 8_900_000)))),
        ];
        world.add(UNITS, index, Standing::Both, &cells);
    }
}
