//! The check on small tables; expected results by hand.

use std::collections::BTreeMap;

use super::{examples::build, *};
use crate::{
    finding::Severity,
    ingest::{FileRead, Trouble, Unreadable},
    pack::{Request, examples::Row, load_pack},
    table::{CellFault, FaultKind},
    text::Text,
};

const PACK: &str = r#"
edition = "1"
title = { zh = "试", en = "test" }

[[dataset]]
id = "loans"
prefix = "LOAN"
title = { zh = "贷款", en = "Loans" }
sheets = ["贷款"]
required = true
fields = [
    { id = "no", headings = ["借据号"], en = "Note", type = "identifier" },
    { id = "customer", headings = ["客户"], en = "Customer", type = "identifier" },
    { id = "name", headings = ["名称"], en = "Name", type = "name" },
    { id = "amount", headings = ["金额"], en = "Amount", type = "amount", unit = "万元" },
]

[[dataset]]
id = "customers"
prefix = "CUST"
title = { zh = "客户", en = "Customers" }
sheets = ["客户"]
fields = [
    { id = "code", headings = ["客户"], en = "Customer", type = "identifier" },
    { id = "total", headings = ["合计"], en = "Total", type = "amount", unit = "元" },
]
"#;

const RULE: &str = r#"
[[rule]]
id = "LOAN-TST-001"
severity = "error"
message = { zh = "错", en = "wrong" }
fix = { zh = "改", en = "fix" }
source = { doc = "试" }
"#;

fn pack(rule: &str) -> RulePack {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("p")).expect("a folder");
    std::fs::write(folder.path().join("p/pack.toml"), PACK).expect("written");
    let examples = if rule.contains("on = ") { "pass = [{ rows = [{}] }]\nfail = [{ rows = [{}] }]\n" } else { "" };
    std::fs::write(folder.path().join("p/rules.toml"), format!("{RULE}{rule}\n{examples}")).expect("written");
    let overrides = BTreeMap::new();
    let request = Request {
        pack: "p",
        folder: Some(folder.path()),
        period: "2026-10".parse().expect("a period"),
        overrides: &overrides,
        calendar: Calendar::built_in().expect("the calendar"),
    };
    load_pack(&request).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Records from lines of `field=value` parts; amounts have a point.
fn rows(lines: &[&str]) -> Vec<Row> {
    let value = |text: &str| match text.parse::<f64>() {
        Ok(_) if text.contains('.') => Literal::Decimal(text.to_owned()),
        _ => Literal::Text(text.to_owned()),
    };
    let part = |part: &str| part.split_once('=').map(|(name, text)| (name.to_owned(), value(text)));
    lines.iter().map(|line| line.split_whitespace().filter_map(part).collect()).collect()
}

struct Case {
    pack: RulePack,
    tables: Vec<Table>,
    prior: Option<Vec<Table>>,
    units: Vec<Unit>,
    files: Vec<FileRead>,
}

impl Case {
    fn new(rule: &str, loans: &[&str], customers: &[&str]) -> Self {
        let pack = pack(rule);
        let mut units = Vec::new();
        let tables = [loans, customers]
            .iter()
            .zip(&pack.datasets)
            .map(|(lines, dataset)| build(dataset, &rows(lines), &mut units).expect("a table"))
            .collect();
        Self { pack, tables, prior: None, units, files: Vec::new() }
    }

    fn prior(mut self, loans: &[&str]) -> Self {
        let tables = [loans, &[]]
            .iter()
            .zip(&self.pack.datasets)
            .map(|(lines, dataset)| build(dataset, &rows(lines), &mut self.units).expect("a table"))
            .collect();
        self.prior = Some(tables);
        self
    }

    fn unreadable_file_of(mut self, unit: &str) -> Self {
        self.files.push(FileRead {
            name: "x.xlsx".to_owned(),
            unit: self.units.iter().position(|known| known.code == unit).expect("the unit"),
            bytes: 1,
            sha256: String::new(),
            format: None,
            sheets: Vec::new(),
            unreadable: Some(Unreadable { kind: Trouble::Damaged, message: Text::default() }),
            handed_over: None,
            repairs: BTreeMap::new(),
        });
        self
    }

    /// Eligible, violated, not evaluable, and the records at fault.
    fn verdict(&self) -> (u64, u64, u64, Vec<u32>) {
        let checked = self.checked();
        let at = self.pack.rules.iter().position(|rule| rule.id == "LOAN-TST-001").expect("the rule");
        let records =
            checked.findings.iter().filter(|finding| finding.rule == at).filter_map(|finding| match finding.place {
                Place::Record { record, .. } => Some(record),
                _ => None,
            });
        let count = checked.counts[at];
        (count.eligible, count.violated, count.not_evaluable, records.collect())
    }

    fn checked(&self) -> Checked {
        let calendar = Calendar::built_in().expect("the calendar");
        evaluate(Input {
            pack: &self.pack,
            tables: &self.tables,
            files: &self.files,
            units: &self.units,
            prior: self.prior.as_ref().map(|tables| Prior { tables, units: &self.units }),
            derived: None,
            period: "2026-10".parse().expect("a period"),
            calendar: &calendar,
        })
        .expect("evaluated")
    }
}

#[test]
fn a_rule_tells_satisfied_violated_and_not_evaluable_apart() {
    let rule = "on = 'loans'\nwhen = \"no <> 'x'\"\nassert = 'amount > 0'";
    let loans = ["no=a amount=1.0", "no=b amount=0.0", "no=c", "no=x amount=0.0", "amount=0.0"];
    // x is not meant, and of the last one it is not known whether it is: SQL's WHERE leaves both out.
    assert_eq!(Case::new(rule, &loans, &[]).verdict(), (3, 1, 1, vec![1]));
}

#[test]
fn a_cell_that_failed_typing_is_no_second_finding() {
    let rule = "on = 'loans'\nassert = 'amount IS NOT NULL'";
    let mut case = Case::new(rule, &["no=a amount=1.0", "no=b", "no=c"], &[]);
    case.tables[0].cell_faults.push(CellFault { record: 1, field: 3, kind: FaultKind::NotANumber });
    assert_eq!(case.verdict(), (3, 1, 1, vec![2]));
}

#[test]
fn a_column_the_sheet_lacks_leaves_its_rules_undecided() {
    let rule = "on = 'loans'\nassert = 'amount IS NOT NULL'";
    let mut case = Case::new(rule, &["no=a _unit=1", "no=b _unit=2"], &[]);
    case.tables[0].segments[0].columns.retain(|column| column.field != Some(3));
    assert_eq!(case.verdict(), (2, 1, 1, vec![1]));
}

#[test]
fn records_without_a_key_are_not_each_others_repeats() {
    let rule = "on = 'loans'\nunique = ['no']\nacross_units = true";
    let loans = ["no=a _unit=1", "no=b _unit=1", "name=x _unit=1", "name=y _unit=1", "no=a _unit=2"];
    assert_eq!(Case::new(rule, &loans, &[]).verdict(), (5, 2, 2, vec![0, 4]));
    let within = "on = 'loans'\nunique = ['no']";
    assert_eq!(Case::new(within, &loans, &[]).verdict(), (5, 0, 2, vec![]));
}

#[test]
fn a_key_of_two_fields_does_not_run_together() {
    let rule = "on = 'loans'\nunique = ['no', 'name']";
    assert_eq!(
        Case::new(rule, &["no=ab name=c", "no=a name=bc", "no=a name=bc"], &[]).verdict(),
        (3, 2, 0, vec![1, 2])
    );
}

#[test]
fn a_reference_is_undecided_where_the_other_file_could_not_be_read() {
    let rule = "on = 'loans'\nrefers = { to = 'customers', key = ['customer'], to_key = ['code'] }";
    let loans = ["no=1 customer=a _unit=1", "no=2 customer=z _unit=1", "no=3 customer=z _unit=2", "no=4 _unit=1"];
    let customers = ["code=a _unit=1"];
    assert_eq!(Case::new(rule, &loans, &customers).verdict(), (4, 2, 1, vec![1, 2]));
    let case = Case::new(rule, &loans, &customers).unreadable_file_of("2");
    assert_eq!(case.verdict(), (4, 1, 2, vec![1]));
    // Nothing to refer to at all: nothing can be said.
    assert_eq!(Case::new(rule, &loans, &[]).verdict(), (4, 0, 4, vec![]));
}

#[test]
fn of_the_records_referred_to_only_those_that_count_are_seen() {
    let rule =
        "on = 'loans'\nrefers = { to = 'customers', key = ['customer'], to_key = ['code'], to_when = 'total > 1.00' }";
    let loans = ["no=1 customer=a", "no=2 customer=b", "no=3 customer=c"];
    // Just above; at the bound; and one of two records that counts.
    let customers = ["code=a total=1.01", "code=b total=1.00", "code=c total=0.50", "code=c total=2.00"];
    assert_eq!(Case::new(rule, &loans, &customers).verdict(), (3, 1, 0, vec![1]));
}

#[test]
fn the_value_most_records_have_is_the_usual_one() {
    let rule = "on = 'loans'\ndetermines = { key = ['customer'], field = 'name' }";
    let loans = ["customer=a name=甲", "customer=a name=乙", "customer=a name=甲", "customer=b name=丙", "customer=a"];
    assert_eq!(Case::new(rule, &loans, &[]).verdict(), (5, 1, 1, vec![1]));
    // Of two equally frequent ones the smaller text is the usual one, in whatever order they come.
    assert_eq!(Case::new(rule, &["customer=a name=B", "customer=a name=A"], &[]).verdict().3, [0]);
    assert_eq!(Case::new(rule, &["customer=a name=A", "customer=a name=B"], &[]).verdict().3, [1]);
}

#[test]
fn sums_tie_to_the_fen_across_units_of_amount() {
    let rule = "on = 'customers'\nsum = { field = 'total', key = ['code'], of = 'loans', of_field = 'amount', of_key = ['customer'] }";
    // 0.1 + 0.2 and a hundred parts of one fen (0.000001 of 10,000 yuan); totals are compared as numbers.
    let mut loans = vec!["no=1 customer=a amount=0.1", "no=2 customer=a amount=0.2"];
    loans.extend(std::iter::repeat_n("no=3 customer=b amount=0.01", 100));
    loans.push("no=4 customer=c amount=7.0");
    let customers =
        ["code=a total=0.30", "code=b total=1.00", "code=c total=7.01", "code=d total=0.00", "code=e total=0.01"];
    assert_eq!(Case::new(rule, &loans, &customers).verdict(), (5, 2, 0, vec![2, 4]));
}

#[test]
fn a_sum_with_an_unreadable_part_is_undecided() {
    let rule = "on = 'customers'\nsum = { field = 'total', key = ['code'], of = 'loans', of_field = 'amount', of_key = ['customer'] }";
    let mut case = Case::new(
        rule,
        &["customer=a amount=1.0", "customer=a", "customer=b amount=1.0"],
        &["code=a total=9.00", "code=b total=9.00"],
    );
    case.tables[0].cell_faults.push(CellFault { record: 1, field: 3, kind: FaultKind::NotANumber });
    assert_eq!(case.verdict(), (2, 1, 1, vec![1]));
}

#[test]
fn a_window_sees_only_the_records_the_rule_is_about() {
    let rule = "on = 'loans'\nwhen = \"customer IS NOT NULL AND name IS NULL\"\nassert = 'SUM(amount) OVER (PARTITION BY customer) <= 100'";
    let loans = [
        "customer=a amount=60.0",
        "customer=a amount=60.0 name=out",
        "customer=b amount=60.0",
        "customer=b amount=60.0",
        "amount=200.0",
    ];
    assert_eq!(Case::new(rule, &loans, &[]).verdict(), (3, 2, 0, vec![2, 3]));
}

#[test]
fn a_change_is_a_finding_only_beyond_both_bounds() {
    let rule = "on = 'loans'\nchange = { of = 'sum(amount)', absolute = 10, percent = 20 }";
    let verdict = |now: &str, prior: &str| {
        let case = Case::new(rule, &[&format!("no=1 amount={now} _unit=1")], &[])
            .prior(&[&format!("no=1 amount={prior} _unit=1")]);
        let (eligible, violated, undecided, _) = case.verdict();
        (eligible, violated, undecided)
    };
    assert_eq!(verdict("120.0", "100.0"), (1, 0, 0), "20 % is not more than 20 %");
    assert_eq!(verdict("120.01", "100.0"), (1, 1, 0));
    assert_eq!(verdict("79.99", "100.0"), (1, 1, 0));
    assert_eq!(verdict("19.0", "10.0"), (1, 0, 0), "90 %, but less than 10 in absolute terms");
    assert_eq!(verdict("11.0", "0.0"), (1, 1, 0), "from nothing, the absolute bound decides");
    let alone = Case::new(rule, &["no=1 amount=500.0 _unit=1"], &[]).prior(&["no=1 amount=1.0 _unit=2"]);
    assert_eq!(alone.verdict(), (1, 0, 1, vec![]), "a unit that was not there before is not compared");
}

#[test]
fn a_query_returns_records_of_its_dataset() {
    let rule =
        "on = 'loans'\nquery = 'SELECT l._row FROM loans l JOIN customers c ON l.customer = c.code WHERE c.total = 0'";
    let case = Case::new(rule, &["customer=b", "customer=a", "customer=b"], &["code=a total=0.0", "code=b total=1.0"]);
    assert_eq!(case.verdict(), (3, 1, 0, vec![1]));
}

#[test]
fn the_order_of_records_changes_nothing_but_positions() {
    let rule = "on = 'loans'\ndetermines = { key = ['customer'], field = 'name' }";
    let mut loans = vec![
        "no=1 customer=a name=A",
        "no=2 customer=a name=B",
        "no=3 customer=b name=C",
        "no=4 customer=b name=C",
        "no=5 customer=b name=D",
    ];
    let names = |loans: &[&str]| {
        let (eligible, violated, undecided, at) = Case::new(rule, loans, &[]).verdict();
        let mut lines: Vec<_> = at.into_iter().map(|record| loans[record as usize].to_owned()).collect();
        lines.sort();
        (eligible, violated, undecided, lines)
    };
    let first = names(&loans);
    for _ in 0..loans.len() {
        loans.rotate_left(1);
        assert_eq!(names(&loans), first);
    }
    loans.reverse();
    assert_eq!(names(&loans), first);
}

#[test]
fn a_required_dataset_a_unit_leaves_out_is_missing() {
    let mut case = Case::new("detector = 'dataset-missing'", &["no=1 _unit=1"], &["code=a _unit=2"]);
    case.pack.rules.retain(|rule| rule.severity == Severity::Error);
    for unit in 0..2 {
        let mut file =
            Case::new("detector = 'dataset-missing'", &["no=1 _unit=1"], &[]).unreadable_file_of("1").files.remove(0);
        file.unit = unit;
        file.unreadable = None;
        case.files.push(file);
    }
    let checked = case.checked();
    let places: Vec<_> = checked.findings.iter().map(|finding| finding.place).collect();
    assert_eq!(places, [Place::Unit { unit: 1, dataset: 0 }]);
    assert_eq!(checked.finding_units, [1]);
}

/// Units B (no data last month) and C (a broken file) are left out: 100 -> 130 of A is 30 per cent.
#[test]
fn an_institution_is_compared_over_the_units_both_periods_have() {
    let rule =
        "on = \"loans\"\nchange = { of = \"sum(amount)\", absolute = 10, percent = 30, fall = 5, institution = true }";
    let case = |now: &str| {
        Case::new(rule, &[now, "_unit=B no=2 amount=900.00", "_unit=C no=3 amount=900.00"], &[])
            .prior(&["_unit=A no=1 amount=100.00", "_unit=C no=3 amount=1.00"])
            .unreadable_file_of("C")
            .checked()
    };
    assert!(case("_unit=A no=1 amount=130.00").findings.is_empty());
    assert!(case("_unit=A no=1 amount=95.00").findings.is_empty());
    let checked = case("_unit=A no=1 amount=130.01");
    let details: Vec<_> =
        checked.findings[0].details.iter().map(|(name, detail)| (name.as_ref(), detail.text.as_str())).collect();
    let expected =
        [("now", "130.01"), ("prior", "100"), ("difference", "30.01"), ("percent", "30.01%"), ("units", "1")];
    assert_eq!(details, expected);
    assert_eq!(checked.findings.len(), 1);
    // A fall has its own bound, but the absolute one holds as well: 10 exactly does not exceed it.
    assert!(case("_unit=A no=1 amount=90.00").findings.is_empty());
    assert_eq!(case("_unit=A no=1 amount=89.99").findings.len(), 1);
}

#[test]
fn values_are_told_in_both_languages_for_the_records_at_fault() {
    let rule = "on = \"loans\"\nwhen = \"no IS NOT NULL\"\nassert = \"resident_id(no)\"\nvalues = { why = \"failure(no, 'resident_id')\", unit = \"_unit\" }";
    let checked =
        Case::new(rule, &["no=11010519491231002X", "no=75346870-8 _unit=B", "no=110105194912310021 _unit=B"], &[])
            .checked();
    let said = |index: usize, name: &str| {
        let found = checked.findings[index].details.iter().find(|(known, _)| known == name).expect("the value");
        (found.1.text.clone(), found.1.en.clone())
    };
    assert_eq!(checked.findings.len(), 2);
    let nine = "it has 9 characters; it looks like an organisation code".to_owned();
    assert_eq!(said(0, "why"), ("位数不对，现为9位，像是组织机构代码".to_owned(), Some(nine)));
    assert_eq!(said(0, "unit"), ("B".to_owned(), None));
    assert_eq!(said(1, "why").0, "校验位不符");
}
