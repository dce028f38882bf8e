//! Tiers as people calculate them: small packs with the shipped schemes, quarter after quarter.

mod decisions;

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use crate::desk::{self, program, project};

/// Datasets the shipped schemes are for, as small as they can be.
pub const PROPERTY: &str = r#"
edition = "1"
title = { zh = "试", en = "test" }
[[dataset]]
id = "units"
prefix = "UNIT"
title = { zh = "名册", en = "Units" }
key = ["unit_code"]
roster = true
fields = [
    { id = "unit_code", headings = ["社部代码"], en = "Code", type = "code" },
    { id = "unit_name", headings = ["社部名称"], en = "Name", type = "name" },
]
[[dataset]]
id = "customers"
prefix = "CUST"
title = { zh = "客户", en = "Customers" }
sheets = ["客户"]
key = ["customer_no"]
fields = [
    { id = "customer_no", headings = ["客户编号"], en = "Number", type = "identifier" },
    { id = "customer_name", headings = ["客户姓名"], en = "Name", type = "name", mask = "name" },
    { id = "phone", headings = ["联系电话"], en = "Phone", type = "identifier", mask = "identifier" },
    { id = "owner", headings = ["销售人员"], en = "Salesperson", type = "name" },
    { id = "bought_villa", headings = ["已购独立别墅"], en = "Bought a villa", type = "code", codes = "villa" },
    { id = "purchases_total", headings = ["累计购买金额(万元)"], en = "Bought", type = "amount", unit = "万元" },
    { id = "influence", headings = ["影响力"], en = "Influence", type = "code", codes = "influence" },
    { id = "brings_buyers", headings = ["带动购买"], en = "Brings buyers", type = "code", codes = "yes_no" },
    { id = "intention", headings = ["购买意向"], en = "Intention", type = "code", codes = "yes_no" },
    { id = "took_part_in_event", headings = ["参加活动"], en = "Took part", type = "code", codes = "yes_no" },
    { id = "contact_kind", headings = ["来源"], en = "Source", type = "text" },
]
"#;

/// Thresholds of the shipped schemes, as the policies give them.
const PARAMS: &str = r#"
param = [
    { name = "tier_diamond", value = 5000.00, source = { doc = "试" } },
    { name = "tier_platinum", value = 800.00, source = { doc = "试" } },
    { name = "abc_share_a", value = 20, source = { doc = "试" } },
    { name = "abc_share_b", value = 40, source = { doc = "试" } },
    { name = "abc_share_c", value = 40, source = { doc = "试" } },
]
"#;

const HEADINGS: &str =
    "客户编号,客户姓名,联系电话,销售人员,已购独立别墅,累计购买金额(万元),影响力,带动购买,购买意向,参加活动,来源\n";

/// Replaces the fields of customers behind the name.
fn pack_with(fields: &str) -> String {
    let (head, rest) = PROPERTY.split_once("    { id = \"phone\"").expect("the phone");
    let (_, tail) = rest.rsplit_once("\n]").expect("the end");
    format!("{head}{fields}]{tail}")
}

fn abc() -> String {
    pack_with(
        "    { id = \"region\", headings = [\"区域\"], en = \"Region\", type = \"text\" },
    { id = \"strength_score\", headings = [\"实力得分\"], en = \"Strength\", type = \"integer\" },
    { id = \"deal_probability\", headings = [\"成交可能(%)\"], en = \"Chance\", type = \"decimal\" },
    { id = \"owner\", headings = [\"客户经理\"], en = \"Manager\", type = \"name\" },\n",
    )
}

fn regulation() -> String {
    pack_with(
        "    { id = \"deals_count\", headings = [\"成交笔数\"], en = \"Deals\", type = \"integer\" },
    { id = \"value_score\", headings = [\"价值得分\"], en = \"Value\", type = \"integer\" },
    { id = \"manager\", headings = [\"客户经理\"], en = \"Manager\", type = \"name\" },\n",
    )
}

/// A folder with packs and the jobs of quarters.
struct Office {
    folder: tempfile::TempDir,
    pack: &'static str,
}

impl Office {
    fn new(pack: &'static str, declared: &str) -> Self {
        let office = Self { folder: tempfile::tempdir().expect("a folder"), pack };
        let own = office.path().join("rules").join(pack);
        // The scheme only: the shipped rules are about datasets these small packs lack.
        std::fs::create_dir_all(own.join("codes")).expect("a folder");
        std::fs::copy(project("rules").join(pack).join("tiers.toml"), own.join("tiers.toml")).expect("copied");
        std::fs::copy(project("rules/large-credit/codes/yes_no.csv"), own.join("codes/yes_no.csv")).expect("copied");
        for codes in ["influence.csv", "villa.csv"] {
            let from = project("rules/property-sales/codes").join(codes);
            std::fs::copy(from, own.join("codes").join(codes)).expect("copied");
        }
        std::fs::write(own.join("params.toml"), PARAMS).expect("written");
        std::fs::write(own.join("pack.toml"), declared).expect("written");
        office
    }

    fn property() -> Self {
        Self::new("property-sales", PROPERTY)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the job of a period with one unit's customers; `more` is added to the job.
    fn job(&self, period: &str, customers: &str, more: &str) -> PathBuf {
        let job = self.path().join(period);
        let unit = job.join("submissions/01-一部");
        std::fs::create_dir_all(&unit).expect("a folder");
        let text = format!(
            "pack = \"{}\"\nperiod = \"{period}\"\ninput = \"submissions\"\nroster = \"roster.csv\"\nrules = \"../rules\"\n{more}\n\
             [institution]\ncode = \"1\"\nname = \"示例公司\"\n",
            self.pack
        );
        std::fs::write(job.join("job.toml"), text).expect("written");
        std::fs::write(job.join("roster.csv"), "社部代码,社部名称\n01,一部\n").expect("written");
        std::fs::write(unit.join("客户.csv"), customers).expect("written");
        job
    }

    fn tier(&self, job: &Path, quarter: &str, more: &[&str]) -> Output {
        let mut command = program(&["tier"]);
        command.arg(job).args(["--quarter", quarter, "--json"]).args(more);
        command.arg("--out").arg(self.path().join("out")).arg("--ledger").arg(self.path().join("l.db"));
        command.output().expect("started")
    }

    fn ran(&self, job: &Path, quarter: &str, code: i32) -> serde_json::Value {
        let output = self.tier(job, quarter, &[]);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("json")
    }

    /// Customer, tier, change, since.
    fn list(&self, quarter: &str) -> Vec<String> {
        let path = self.path().join("out").join(quarter).join("tiers/tiers.csv");
        let text = std::fs::read_to_string(path).expect("the list");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let lines = reader.records().map(|record| {
            let record = record.expect("a line");
            [4, 7, 12, 13].map(|column| record.get(column).unwrap_or_default().to_owned()).join(" ")
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines
    }

    fn column(&self, quarter: &str, customer: &str, column: usize) -> String {
        let path = self.path().join("out").join(quarter).join("tiers/tiers.csv");
        let text = std::fs::read_to_string(path).expect("the list");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let found =
            reader.records().map(|record| record.expect("a line")).find(|record| record.get(4) == Some(customer));
        found.expect("the customer").get(column).expect("the column").to_owned()
    }

    fn sheet(&self, quarter: &str, name: &str) -> Vec<Vec<String>> {
        let path = self.path().join("out").join(quarter).join("tiers/客户分层.xlsx");
        desk::sheet(&path, name)
    }
}

fn customers(lines: &[&str]) -> String {
    format!("{HEADINGS}{}\n", lines.join("\n"))
}

#[test]
fn the_shipped_schemes_pass_their_examples() {
    for (pack, declared) in
        [("property-sales", PROPERTY.to_owned()), ("abc-archive", abc()), ("customer-regulation", regulation())]
    {
        let office = Office::new(pack, &declared);
        let mut command = program(&["rules", "test", "--pack", pack, "--period", "2026-09", "--lang", "en", "--rules"]);
        let output = command.arg(office.path().join("rules")).output().expect("started");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{pack}: {said}");
        assert!(said.contains("examples, 0 come out otherwise") && !said.contains(" 0 examples"), "{said}");
    }
}

/// Article 4: 5,000 and 800 (10,000 yuan) each just below, at and just above.
#[test]
fn quarters_follow_each_other() {
    let office = Office::property();
    let first = office.job(
        "2026-06",
        &customers(&[
            "K1,王一,13800000001,甲,0,4999.99,0,0,0,0,业主",
            "K2,李二,13800000002,甲,0,5000,0,0,0,0,业主",
            "K3,张三,13800000003,乙,0,799.99,0,0,0,0,业主",
            "K4,赵四,13800000004,乙,0,800,0,0,0,0,业主",
            "K5,钱五,13800000005,乙,0,0,0,0,1,0,来电",
            "K6,孙六,13800000006,乙,1,,0,0,0,0,业主",
        ]),
        "",
    );
    // K6 bought a villa and no amount is given: A or B cannot be told.
    let json = office.ran(&first, "2026Q2", 1);
    assert_eq!(json["schemes"][0]["tiers"], serde_json::json!({ "A": 1, "B": 2, "C": 1, "D": 1, "E": 0 }));
    assert_eq!(json["schemes"][0]["unclassed"], 1);
    let now = [
        "K1 B first 2026Q2",
        "K2 A first 2026Q2",
        "K3 C first 2026Q2",
        "K4 B first 2026Q2",
        "K5 D first 2026Q2",
        "K6  first 2026Q2",
    ];
    assert_eq!(office.list("2026Q2"), now);
    assert_eq!(office.column("2026Q2", "K2", 10), "累计购买5000万元，达到5000万元");
    assert_eq!(office.column("2026Q2", "K6", 10), "缺少：累计购买金额(万元)");
    assert_eq!(office.column("2026Q2", "K1", 5), "王*", "names are masked");

    let second = office.job(
        "2026-09",
        &customers(&[
            "K1,王一,13800000001,甲,0,5000.01,0,0,0,0,业主",
            "K2,李二,13800000002,甲,0,5000,0,0,0,0,业主",
            "K4,赵四,13800000004,乙,0,799.99,0,0,0,0,业主",
            "K5,钱五,13800000005,乙,0,300,0,0,1,0,业主",
            "K6,孙六,13800000006,乙,1,700,0,0,0,0,业主",
            "K7,周七,13800000007,乙,0,,0,0,0,0,来访",
        ]),
        "",
    );
    let json = office.ran(&second, "2026Q3", 0);
    let scheme = &json["schemes"][0];
    assert_eq!(
        (&scheme["up"], &scheme["down"], &scheme["new"], &scheme["gone"]),
        (&2.into(), &1.into(), &1.into(), &1.into())
    );
    assert_eq!(
        office.list("2026Q3"),
        [
            "K1 A up 2026Q3",
            "K2 A same 2026Q2",
            "K4 C down 2026Q3",
            "K5 C up 2026Q3",
            "K6 B classed 2026Q3",
            "K7 E new 2026Q3"
        ]
    );
    // From by to, by hand: A 1 stays; B: K1 to A, K4 to C; C: K3 gone; D: K5 to C; K6 classed as B; K7 new in E.
    let matrix = office.sheet("2026Q3", "迁移矩阵");
    let row = |figure: &str, from: &str| {
        let found = matrix.iter().find(|row| row[0].starts_with(figure) && row[1].starts_with(from));
        found.unwrap_or_else(|| panic!("{figure} {from} in {matrix:?}"))[2..].to_vec()
    };
    let heads: Vec<&str> = matrix[0][2..].iter().map(|text| text.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(heads[..5], ["A", "B", "C", "D", "E"]);
    assert_eq!(row("户数", "A"), ["1", "", "", "", "", "", "1"]);
    assert_eq!(row("户数", "B"), ["1", "", "1", "", "", "", "2"]);
    assert_eq!(row("户数", "C"), ["", "", "", "", "", "1", "1"]);
    assert_eq!(row("户数", "D"), ["", "", "1", "", "", "", "1"]);
    assert_eq!(row("户数", "不能分级"), ["", "1", "", "", "", "", "1"]);
    assert_eq!(row("户数", "不在册"), ["", "", "", "", "1", "", "1"]);
    assert_eq!(row("户数", "本期合计"), ["2", "1", "2", "0", "1", "1", "7"]);
    // 5000.01 + 799.99 moved out of B; K3 had 799.99 in the quarter before.
    assert_eq!(row("累计购买金额", "B"), ["5000.01", "", "799.99", "", "", "", "5800"]);
    assert_eq!(row("累计购买金额", "C"), ["", "", "", "", "", "799.99", "799.99"]);
    let managers = office.sheet("2026Q3", "客户经理");
    // Manager, A to E, not classed, total, up, down, new, gone.
    assert_eq!(managers[2][..12], ["甲", "2", "0", "0", "0", "0", "0", "2", "1", "0", "0", "0"]);
    assert_eq!(managers[1][..12], ["乙", "0", "1", "2", "0", "1", "0", "4", "1", "1", "1", "1"]);
}

#[test]
fn a_past_quarter_gives_the_same_bytes_again() {
    let office = Office::property();
    let line = |total: &str| customers(&[&format!("K1,王一,1,甲,0,{total},0,0,0,0,业主")]);
    let jobs = [("2026-03", "900"), ("2026-06", "700"), ("2026-09", "6000")]
        .map(|(period, total)| office.job(period, &line(total), ""));
    let read = |quarter: &str| {
        let folder = office.path().join("out").join(quarter).join("tiers");
        ["客户分层.xlsx", "tiers.csv", "manifest.json"].map(|name| std::fs::read(folder.join(name)).expect("read"))
    };
    for (job, quarter) in jobs.iter().zip(["2026Q1", "2026Q2", "2026Q3"]) {
        office.ran(job, quarter, 0);
    }
    let before = ["2026Q1", "2026Q2", "2026Q3"].map(read);
    for (job, quarter) in jobs.iter().zip(["2026Q1", "2026Q2", "2026Q3"]).rev() {
        let json = office.ran(job, quarter, 0);
        assert_eq!(json["notes"], serde_json::json!([]), "nothing differs");
    }
    assert!(["2026Q1", "2026Q2", "2026Q3"].map(read) == before);
    assert_eq!(office.list("2026Q2"), ["K1 C down 2026Q2"]);

    // Another parameter: the ledger says what differs, and which quarters rest on it.
    let other = office.job("2026-06", &line("700"), "[params]\ntier_platinum = 600\n");
    let json = office.ran(&other, "2026Q2", 0);
    assert_eq!(office.list("2026Q2"), ["K1 B same 2026Q1"]);
    let notes = json["notes"].to_string();
    assert!(notes.contains("(parameters)") && notes.contains("2026Q3"), "{notes}");
    assert_eq!(office.column("2026Q2", "K1", 10), "累计购买700万元，达到600万元");
}

#[test]
fn quarters_that_are_not_complete_are_refused() {
    let office = Office::property();
    let job = office.job("2026-08", &customers(&["K1,王一,1,甲,0,900,0,0,0,0,业主"]), "");
    let refused = office.tier(&job, "2026Q3", &[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("takes data of 2026-09-30") && said.contains("--as-of"), "{said}");
    assert!(!office.path().join("out").exists());
    let forecast = office.tier(&job, "2026Q3", &["--as-of", "2026-08-31"]);
    assert_eq!(forecast.status.code(), Some(0), "{}", String::from_utf8_lossy(&forecast.stderr));
    let overview = format!("{:?}", office.sheet("2026Q3", "总览"));
    assert!(overview.contains("数据截至2026-08-31") && overview.contains("试算"), "{overview}");
}

#[test]
fn people_decide_until_a_day() {
    let office = Office::property();
    let lines: Vec<String> = (1..=6).map(|number| format!("K{number},王一,1,甲,0,100,0,0,0,0,业主")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let job = office.job("2026-09", &customers(&lines), "[tiers]\noverrides = \"人工调整.csv\"\n");
    let decisions = "客户编号,级别,批准人,理由,生效日期,有效期至\n\
                     K1,A,陈经理,战略客户,,2026-09-30\n\
                     K2,A,陈经理,战略客户,,2026-09-29\n\
                     K3,A,陈经理,战略客户,2026-10-01,2026-12-31\n\
                     K4,F,陈经理,战略客户,,2026-12-31\n\
                     K5,A,,战略客户,,2026-12-31\n\
                     K9,A,陈经理,战略客户,,2026-12-31\n\
                     K1,B,陈经理,又一次,,2026-12-31\n";
    std::fs::write(job.join("人工调整.csv"), decisions).expect("written");
    office.ran(&job, "2026Q3", 1);
    assert_eq!(office.list("2026Q3")[0], "K1 A first 2026Q3");
    assert!(office.list("2026Q3")[1..].iter().all(|line| line.contains(" C ")));
    assert_eq!(
        office.column("2026Q3", "K1", 10),
        "人工调整为A（陈经理，战略客户，至2026-09-30）；按数据为C：已购买物业，累计100万元"
    );
    let states: Vec<String> = office.sheet("2026Q3", "人工调整")[1..8].iter().map(|row| row[8].clone()).collect();
    assert_eq!(
        states,
        [
            "生效",
            "已过期",
            "尚未生效",
            "没有级别 F；可以写：A, B, C, D, E",
            "缺少或读不出：批准人",
            "本期没有这户客户",
            "第 2 行已对同一客户作出调整"
        ]
    );
    // A file that cannot be read stops it.
    std::fs::write(job.join("人工调整.csv"), "甲,乙\n1,2\n").expect("written");
    let refused = office.tier(&job, "2026Q3", &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("客户编号"));
}

#[test]
fn customers_without_a_key_of_their_own_are_listed() {
    let office = Office::property();
    let text = customers(&[
        "K1,王一,1,甲,0,900,0,0,0,0,业主",
        "K2,李二,1,甲,0,900,0,0,0,0,业主",
        "K2,李二,1,甲,0,100,0,0,0,0,业主",
        ",张三,1,甲,0,900,0,0,0,0,业主",
        "K5,赵四,1,甲,0,九百,0,0,0,0,业主",
    ]);
    let job = office.job("2026-09", &text, "");
    office.ran(&job, "2026Q3", 1);
    let lines = office.sheet("2026Q3", "不能分级");
    let why: Vec<_> = lines[1..5].iter().map(|row| [row[4].as_str(), row[7].as_str()]).collect();
    assert_eq!(
        why,
        [
            ["有2条记录主键相同", "3"],
            ["有2条记录主键相同", "4"],
            ["主键为空，无法跨季度认出", "5"],
            ["缺少：累计购买金额(万元)（填写有误）", "6"],
        ]
    );
}

#[test]
fn a_unit_that_hands_in_nothing_has_lost_no_customers() {
    let office = Office::property();
    let job = office.job("2026-06", &customers(&["K1,王一,1,甲,0,900,0,0,0,0,业主"]), "");
    office.ran(&job, "2026Q2", 0);
    let job = office.job("2026-09", "x", "");
    std::fs::remove_dir_all(job.join("submissions")).expect("removed");
    std::fs::create_dir(job.join("submissions")).expect("made");
    office.ran(&job, "2026Q3", 1);
    let changes = office.sheet("2026Q3", "升降级");
    assert_eq!((changes[1][0].as_str(), changes[1][7].as_str()), ("不再在册", "该社部本期未报或有文件读不出"));
}

#[test]
fn shares_go_by_rank() {
    let office = Office::new("abc-archive", &abc());
    let text = "客户编号,客户姓名,区域,实力得分,成交可能(%),客户经理\n\
                K1,甲公司,东,90,80,王\nK2,乙公司,东,80,80,王\nK3,丙公司,西,70,60,王\nK4,丁公司,西,60,40,李\nK5,戊公司,西,10,10,李\n";
    let job = office.job("2026-09", text, "");
    office.ran(&job, "2026Q3", 0);
    assert_eq!(
        office.list("2026Q3"),
        ["K1 A first 2026Q3", "K2 B first 2026Q3", "K3 B first 2026Q3", "K4 C first 2026Q3", "K5 C first 2026Q3"]
    );
    // 0.5 × 80 + 0.5 × 80.
    assert_eq!(office.column("2026Q3", "K2", 10), "得分80，在5户中居第2位（本级占40%）");
}

#[test]
fn classes_follow_business_and_value() {
    let office = Office::new("customer-regulation", &regulation());
    let text = "客户编号,客户姓名,成交笔数,价值得分,客户经理\nK1,甲,1,80,王\nK2,乙,1,79,王\nK3,丙,0,99,王\n";
    let job = office.job("2026-09", text, "");
    office.ran(&job, "2026Q3", 0);
    assert_eq!(office.list("2026Q3"), ["K1 1 first 2026Q3", "K2 2 first 2026Q3", "K3 3 first 2026Q3"]);
}

#[test]
fn every_problem_of_a_scheme_is_reported_where_it_stands() {
    let office = Office::property();
    let path = office.path().join("rules/property-sales/tiers.toml");
    let text = std::fs::read_to_string(&path).expect("read");
    let spoilt = text
        .replace("COALESCE(intention = '1', FALSE)", "COALESCE(intent = '1', FALSE)")
        .replace(">= $tier_platinum", ">= $tier_platin")
        .replace("已购买物业，累计{purchases_total}万元", "已购买物业，累计{purchase_total}万元")
        .replace("amount   = ", "amout    = ")
        .replace("{ took_part_in_event = \"1\", expect = \"D\" }", "{ took_part_in_event = \"1\", expect = \"G\" }");
    std::fs::write(&path, spoilt).expect("written");
    let mut command = program(&["rules", "lint", "--pack", "property-sales", "--period", "2026-09", "--rules"]);
    let output = command.arg(office.path().join("rules")).output().expect("started");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    for part in [
        "did you mean `intention`?",
        "did you mean `tier_platinum`?",
        "unknown placeholder {purchase_total}",
        "did you mean `amount`?",
        "unknown tier `G`",
        "property-sales/tiers.toml:",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    let job = office.job("2026-09", &customers(&["K1,王一,1,甲,0,900,0,0,0,0,业主"]), "");
    assert_eq!(office.tier(&job, "2026Q3", &[]).status.code(), Some(2));
}
