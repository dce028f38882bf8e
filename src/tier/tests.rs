//! Schemes by small packs: what each record comes into is worked out by hand and written as an example.

use std::collections::BTreeMap;

use crate::{
    job::Calendar,
    pack::{Request, RulePack, load_pack},
    problem::Problems,
};

use super::examples::prove;

const PACK: &str = r#"
edition = "1"
title = { zh = "试", en = "test" }
[[dataset]]
id = "customers"
prefix = "CUST"
title = { zh = "客户", en = "Customers" }
sheets = ["客户"]
key = ["no"]
fields = [
    { id = "no", headings = ["编号"], en = "Number", type = "identifier" },
    { id = "kind", headings = ["类"], en = "Kind", type = "code" },
    { id = "region", headings = ["区域"], en = "Region", type = "text" },
    { id = "total", headings = ["金额"], en = "Total", type = "amount", unit = "万元" },
    { id = "deals", headings = ["笔数"], en = "Deals", type = "integer" },
    { id = "seen", headings = ["日期"], en = "Seen", type = "date" },
]
"#;

const PARAMS: &str = r#"
[[param]]
name = "large"
value = 800.00
until = 2026-06-30
source = { doc = "试" }
[[param]]
name = "large"
value = 900.00
from = 2026-07-01
source = { doc = "试" }
"#;

fn load(scheme: &str, period: &str) -> Result<RulePack, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("p")).expect("a folder");
    std::fs::write(folder.path().join("p/pack.toml"), PACK).expect("written");
    let head = "[[scheme]]\nid = \"s\"\non = \"customers\"\ntitle = { zh = \"试\", en = \"test\" }\nsource = { doc = \"试\" }\n";
    std::fs::write(folder.path().join("p/tiers.toml"), format!("{PARAMS}{head}{scheme}")).expect("written");
    let overrides = BTreeMap::new();
    load_pack(&Request {
        pack: "p",
        folder: Some(folder.path()),
        period: period.parse().expect("a period"),
        overrides: &overrides,
        calendar: Calendar::built_in().expect("the calendar"),
    })
}

/// What the examples of a scheme come out as, where that differs from what they say.
fn differences(scheme: &str, period: &str) -> Vec<String> {
    let pack = load(scheme, period).unwrap_or_else(|problems| panic!("{problems}"));
    let calendar = Calendar::built_in().expect("the calendar");
    let proof = prove(&pack, period.parse().expect("a period"), &calendar).expect("evaluated");
    assert!(proof.tried > 0);
    proof.mismatches.iter().map(|m| format!("{} expected {} found {}", m.example, m.expected.en, m.found.en)).collect()
}

fn problems(scheme: &str) -> String {
    load(scheme, "2026Q3").expect_err("problems").to_string()
}

/// A tier of ways.
fn tier(id: &str, ways: &str, more: &str) -> String {
    let ways = ways.split('|').map(|when| {
        let when = if when.is_empty() { String::new() } else { format!("when = \"{when}\", ") };
        format!("{{ {when}reason = {{ zh = \"因\", en = \"why\" }} }}")
    });
    let ways = ways.collect::<Vec<_>>().join(", ");
    format!("[[scheme.tier]]\nid = \"{id}\"\ntitle = {{ zh = \"级\", en = \"tier\" }}\nway = [{ways}]\n{more}\n")
}

fn plain_tier(id: &str, line: &str) -> String {
    format!("[[scheme.tier]]\nid = \"{id}\"\ntitle = {{ zh = \"级\", en = \"tier\" }}\n{line}\n")
}

#[test]
fn parameters_are_those_of_the_quarter() {
    let tiers = tier("A", "total >= $large", "") + &tier("B", "", "");
    let examples = |at_850: &str| {
        format!(
            "examples = [{{ total = 850.00, expect = \"{at_850}\" }}, {{ total = 900.00, expect = \"A\" }}, {{ total = 0, expect = \"B\" }}]\n"
        )
    };
    assert_eq!(differences(&(examples("A") + &tiers), "2026Q2"), [""; 0]);
    assert_eq!(differences(&(examples("B") + &tiers), "2026Q3"), [""; 0]);
    assert_eq!(differences(&(examples("A") + &tiers), "2026Q3"), ["examples 1.1 expected A found B"]);
}

/// In A from 900; who is in A stays down to 810. Two quarters before going down, one before going up.
#[test]
fn customers_are_kept_and_stay() {
    let scheme = r#"
stay_down = 2
stay_up = 1
examples = [
    { total = 899.99, expect = "B" },
    { total = 810.00, was = "A", was_quarters = 5, expect = "A" },
    { total = 809.99, was = "A", was_quarters = 5, expect = "B" },
    { total = 809.99, was = "A", was_quarters = 2, expect = "B" },
    { total = 809.99, was = "A", was_quarters = 1, expect = "A" },
    { total = 900.00, was = "B", was_quarters = 0, expect = "B" },
    { total = 900.00, was = "B", was_quarters = 1, expect = "A" },
    { total = 900.00, was = "A", expect = "A" },
    { was = "A", expect = "none" },
    { total = 0.00, was = "B", was_quarters = 1, expect = "B" },
    { total = 0.00, was = "B", was_quarters = 2, expect = "C" },
]
"#;
    let tiers =
        tier("A", "total >= 900", "keep = \"total >= 810.00\"") + &tier("B", "total > 0", "") + &tier("C", "", "");
    assert_eq!(differences(&(scheme.to_owned() + &tiers), "2026Q3"), [""; 0]);
}

/// 60 % for the amount and 40 % for deals: 100 and 50 points are 80; the bounds are 80 and 40.
#[test]
fn score_cards_reach_bounds() {
    let scheme = r#"
examples = [
    { total = 1000.00, deals = 1, expect = "A" },
    { total = 1000.00, deals = 0, expect = "B" },
    { total = 999.99, deals = 9, expect = "B" },
    { total = 999.99, deals = 1, expect = "C" },
    { total = 1000.00, expect = "none" },
    { total = 999.99, deals = 9, was = "A", expect = "B" },
    { total = 1000.00, deals = 0, was = "A", expect = "A" },
]
[scheme.score]
factor = [
    { id = "total", title = { zh = "金额", en = "Total" }, weight = 60, bands = [{ when = "total >= 1000", points = 100 }, { when = "total > 0", points = 20 }] },
    { id = "deals", title = { zh = "笔数", en = "Deals" }, weight = 40, bands = [{ when = "deals >= 5", points = 100 }, { when = "deals >= 1", points = 50 }] },
]
"#;
    // 60; 12 + 40 = 52; 12 + 20 = 32. In A down to 60.
    let tiers = plain_tier("A", "points = 80\nkeep = 60") + &plain_tier("B", "points = 40") + &plain_tier("C", "");
    assert_eq!(differences(&(scheme.to_owned() + &tiers), "2026Q3"), [""; 0]);
}

#[test]
fn each_region_is_ranked_on_its_own() {
    let scheme = r#"
score = { by = "deals" }
cut = { within = ["region"] }
examples = [{ rows = [
    { region = "东", deals = 9, expect = "A" },
    { region = "东", deals = 8, expect = "B" },
    { region = "西", deals = 2, expect = "A" },
    { region = "西", deals = 1, expect = "B" },
    { deals = 5, expect = "none" },
    { region = "西", expect = "none" },
] }, { rows = [
    { region = "东", deals = 4, expect = "A" },
    { region = "东", deals = 3, was = "A", expect = "A" },
    { region = "东", deals = 2, was = "A", expect = "B" },
    { region = "东", deals = 1, expect = "B" },
] }]
"#;
    // The second of four is within 50 % in any case; the third, at 75 %, is not within 60 %.
    let tiers = plain_tier("A", "share = 50\nkeep = 60") + &plain_tier("B", "share = 50");
    assert_eq!(differences(&(scheme.to_owned() + &tiers), "2026Q3"), [""; 0]);
    let keeps = r#"
score = { by = "deals" }
cut = {}
examples = [{ rows = [
    { deals = 5, expect = "A" },
    { deals = 4, was = "A", expect = "A" },
    { deals = 3, was = "A", expect = "B" },
    { deals = 2, expect = "B" },
    { deals = 1, expect = "B" },
] }]
"#;
    // One of five is A; the second, at 40 %, is kept, the third, at 60 %, is not.
    let tiers = plain_tier("A", "share = 20\nkeep = 40") + &plain_tier("B", "share = 80");
    assert_eq!(differences(&(keeps.to_owned() + &tiers), "2026Q3"), [""; 0]);
}

#[test]
fn records_outside_the_scheme_are_left_out() {
    // The second is not a customer of the scheme: it is no tier's, and is told like one that cannot be classed.
    let scheme = "when = \"kind = '1'\"\nexamples = [{ kind = \"1\", deals = 1, expect = \"A\" }, { kind = \"1\", deals = 0, expect = \"B\" }]\n";
    let tiers = tier("A", "deals > 0", "") + &tier("B", "", "");
    let pack = load(&(scheme.to_owned() + &tiers), "2026Q3").unwrap_or_else(|problems| panic!("{problems}"));
    let dataset = &pack.datasets[0];
    let mut units = Vec::new();
    let text = |text: &str| crate::pack::Literal::Text(text.to_owned());
    let row = |no: &str, kind: &str| {
        BTreeMap::from([
            ("no".to_owned(), text(no)),
            ("kind".to_owned(), text(kind)),
            ("deals".to_owned(), crate::pack::Literal::Integer(1)),
        ])
    };
    let table = crate::check::examples::build(dataset, &[row("1", "1"), row("2", "2")], &mut units).expect("a table");
    let params = BTreeMap::new();
    let calendar = Calendar::built_in().expect("the calendar");
    let date = "2026-09-30".parse().expect("a day");
    let context = std::sync::Arc::new(crate::pack::functions::Context::new(date, calendar, &pack.codes));
    let given = super::Given { datasets: &pack.datasets, params: &params, context: &context, units: &units };
    let assigned = super::assign(&pack.tiers[0], given, &table).expect("assigned");
    assert_eq!(assigned.tiers, [0, super::OUTSIDE]);
}

#[test]
fn schemes_that_cannot_work_are_refused() {
    let examples = "examples = [{ deals = 1, expect = \"A\" }, { deals = 0, expect = \"B\" }]\n";
    for (scheme, part) in [
        (tier("A", "", "") + &tier("B", "deals > 0", ""), "way 1 has no condition: what follows is never reached"),
        (tier("A", "deals > 'x'", "") + &tier("B", "", ""), "a number is compared with text"),
        (tier("A", "prior(deals) > 0", "") + &tier("B", "", ""), "no OVER, no prior()"),
        (tier("A", "deals > 0", ""), "a scheme has 2 to 200 tiers; found 1"),
        (
            "score = { by = \"deals\" }\ncut = {}\n".to_owned()
                + &plain_tier("A", "share = 20")
                + &plain_tier("B", "share = 70"),
            "the shares add up to 90, not 100",
        ),
        (
            "score = { by = \"deals\" }\n".to_owned()
                + &plain_tier("A", "points = 20")
                + &plain_tier("B", "points = 70"),
            "points fall from tier to tier",
        ),
        (
            "score = { by = \"kind\" }\n".to_owned() + &plain_tier("A", "points = 20") + &plain_tier("B", ""),
            "it gives no exact number but str",
        ),
        ("cut = {}\n".to_owned() + &tier("A", "deals > 0", "") + &tier("B", "", ""), "`score` is missing"),
        ("stay_dwon = 1\n".to_owned() + &tier("A", "deals > 0", "") + &tier("B", "", ""), "did you mean `stay_down`?"),
        (tier("A", "deals > 0", "") + &tier("B", "", "") + &tier("C", "", ""), "no example comes into tier C"),
    ] {
        let said = problems(&(examples.to_owned() + &scheme));
        assert!(said.contains(part), "{part} in\n{said}");
    }
}
