//! `profile`: what is found in tables nobody has declared, that no person's number or name is shown, and that the
//! suggested pack loads and proves itself whatever the table looks like.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::desk::{Cell, Ran, Sheet, book, clean, contents, program, project, ran};

/// Files looked into, and what came of it.
struct Looked {
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
    ran: Ran,
}

/// A resident's number of the standard's own example, and a mobile number nobody has.
const RESIDENT: &str = "11010519491231002X";
const MOBILE: &str = "13947101234";

fn sheet(name: &'static str, lines: &[String]) -> Sheet {
    let cell = |text: &str| match text.strip_prefix('=').map(str::parse) {
        Some(Ok(number)) => Cell::Number(number),
        _ => Cell::from(text),
    };
    Sheet { name, rows: lines.iter().map(|line| line.split('|').map(cell).collect()).collect() }
}

/// Lines of headings and `count` records made of the number of each.
fn lines(headings: &[&str], count: usize, record: impl Fn(usize) -> String) -> Vec<String> {
    headings.iter().map(|line| (*line).to_owned()).chain((1..=count).map(record)).collect()
}

impl Looked {
    fn at(files: &[(&str, Vec<u8>)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
        for (path, (_, bytes)) in paths.iter().zip(files) {
            std::fs::write(path, bytes).expect("written");
        }
        let ran = ran(Self::command(&paths, &folder.path().join("made")), Path::new(""));
        Looked { folder, files: paths, ran }
    }

    fn book(sheets: &[Sheet]) -> Self {
        Self::at(&[("表.xlsx", book(sheets))])
    }

    fn command(files: &[PathBuf], made: &Path) -> std::process::Command {
        let mut command = program(&["profile"]);
        command.args(files).arg("-o").arg(made);
        command
    }

    fn made(&self) -> PathBuf {
        self.folder.path().join("made")
    }

    fn pack(&self) -> String {
        std::fs::read_to_string(self.made().join("draft/pack.toml")).expect("a pack")
    }

    fn rules(&self) -> String {
        std::fs::read_to_string(self.made().join("draft/rules.toml")).expect("rules")
    }

    fn codes(&self) -> BTreeMap<String, String> {
        contents(&self.made())
            .into_iter()
            .filter_map(|(name, bytes)| {
                let name = name.strip_prefix("draft/codes/")?.to_owned();
                Some((name, String::from_utf8(bytes).expect("UTF-8")))
            })
            .collect()
    }

    /// The figures of all columns of the first sheet, by heading.
    fn columns(&self) -> BTreeMap<String, Value> {
        let mut command = program(&["profile", "--json", "--lang", "en"]);
        command.args(&self.files);
        let json = ran(command, Path::new("")).json();
        let columns = json[0]["sheets"][0]["columns"].as_array().expect("columns").clone();
        columns.into_iter().map(|column| (column["heading"].as_str().unwrap_or_default().to_owned(), column)).collect()
    }

    fn kinds(&self) -> BTreeMap<String, String> {
        self.columns()
            .into_iter()
            .map(|(name, column)| (name, column["type"].as_str().unwrap_or("?").to_owned()))
            .collect()
    }

    /// The pack loads and its examples come out.
    #[track_caller]
    fn expect_proved(&self) -> &Self {
        let rules = |action: &str| {
            let mut command = program(&["rules", action, "--pack", "draft", "--rules"]);
            command.arg(self.made());
            ran(command, Path::new(""))
        };
        rules("lint").expect_code(0);
        rules("test").expect_code(0).expect_words(&["0 个不符"]);
        self
    }

    /// Nothing that was said or written holds one of these.
    #[track_caller]
    fn expect_hidden(&self, texts: &[&str]) -> &Self {
        let mut all = self.ran.stdout.clone();
        let made = contents(&self.made());
        // The examples of the shipped rules are not the data's.
        let own = made.iter().filter(|(name, _)| !name.starts_with("common/"));
        all.extend(own.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()));
        // The made-up numbers of examples are not the data's.
        let all = all.replace(&format!("\"{RESIDENT}\""), "").replace(&format!("\"{MOBILE}\""), "");
        for text in texts {
            assert!(!all.contains(text), "{text} is shown:\n{all}");
        }
        self
    }

    /// What the suggested pack finds in the files it was suggested for.
    fn checked(&self) -> Vec<String> {
        let mut command = program(&["check", "--pack", "draft", "--period", "2026-10", "--json", "--rules"]);
        command.arg(self.made()).args(&self.files);
        let json = ran(command, Path::new("")).json();
        let lines = json.as_array().expect("a list").iter();
        lines.map(|line| format!("{} {}", line["cell"], line["rule"]).replace('"', "")).collect()
    }
}

#[test]
fn a_plain_table_is_understood_and_checked_by_its_own_pack() {
    let loans = lines(
        &["借据号|借款人|贷款余额(万元)|发放日期|到期日期|利率(%)|五级分类|区域代码"],
        40,
        |n| {
            let class = ["正常", "关注", "次级"][n % 3];
            format!(
                "JJ2026{n:04}|示例旗样板{n}商贸有限公司|={}|2024-0{}-15|2027-03-1{}|={}|{class}|00{}",
                n * 10,
                n % 9 + 1,
                n % 9,
                4.35,
                n % 7 + 1
            )
        },
    );
    let looked = Looked::book(&[sheet("贷款明细", &loans)]);
    looked.ran.expect_code(0).expect_words(&["表头：第1行；记录 40，跳过 0 行，8 列", "baosong rules lint"]);
    let kinds: Vec<_> = looked.kinds().into_iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let expected = [
        "五级分类 code",
        "借据号 identifier",
        "借款人 text",
        "利率(%) decimal",
        "到期日期 date",
        "区域代码 code",
        "发放日期 date",
        "贷款余额(万元) amount",
    ];
    assert_eq!(kinds, expected);
    let pack = looked.expect_proved().pack();
    for part in [
        "id     = \"loans\"",
        "prefix = \"LOAN\"",
        "key    = [\"loan_no\"]",
        r#"{ id = "loan_no", headings = ["借据号"], en = "Loan note", type = "identifier", required = "warning", max_length = 10 }"#,
        r#"{ id = "balance", headings = ["贷款余额(万元)"], en = "Balance", type = "amount", required = "warning", unit = "万元" }"#,
        r#"type = "code", required = "warning", width = 3 }"#,
        "# G 五级分类：代码；填写 40/40；不同值 3；",
    ] {
        assert!(pack.contains(part), "{part} is not in\n{pack}");
    }
    let rules = looked.rules();
    for part in [
        "assert   = \"loan_no ~ '^[A-Z]{2}[0-9]{8}$'\"",
        "assert   = \"balance >= 0\"",
        "assert   = \"annual_rate >= 0 AND annual_rate <= 100\"",
        "assert   = \"disbursed <= due\"",
        "assert   = \"disbursed <= $data_date\"",
    ] {
        assert!(rules.contains(part), "{part} is not in\n{rules}");
    }
    assert_eq!(looked.codes()["loans_five_class.csv"], "code,name,from,until\n关注,,,\n次级,,,\n正常,,,\n");
    assert_eq!(looked.checked(), [""; 0], "the table keeps to what was suggested from it");
}

#[test]
fn damage_is_named_with_its_place() {
    let table = lines(&["证件号码|网点号|备注|日期|金额"], 30, |n| match n {
        3 => "=150102198503051238|001|正常\u{200b}|2026.9.30|12万元".to_owned(),
        4 => "1.50102E+17|=2|乌\u{fffd}其|=46295|3500元".to_owned(),
        5 => "DZ00005|003| 有空格 |2026年9月30日|#N/A".to_owned(),
        _ => format!("DZ{n:05}|{:03}|无异常{n}|2026-09-{:02}|={n}", n % 9 + 1, n % 28 + 1),
    });
    let looked = Looked::book(&[sheet("数据", &table)]);
    looked.expect_proved();
    let columns = looked.columns();
    let damage = |heading: &str| -> Vec<String> {
        let list = columns[heading]["damage"].as_array().expect("a list");
        list.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(
        damage("证件号码"),
        [
            "numbers of 16 digits or more: the last are gone ×1 (from row 4)",
            "identifiers stored as numbers ×1 (from row 4)",
            "scientific notation ×1 (from row 5)",
        ]
    );
    assert_eq!(damage("网点号"), ["leading zeros lost ×1 (from row 5)"]);
    assert_eq!(
        damage("备注"),
        [
            "invisible characters ×1 (from row 4)",
            "lost characters ×1 (from row 5)",
            "blanks at the ends ×1 (from row 6)"
        ]
    );
    assert!(
        damage("日期")[0].starts_with("dates in several forms (9999-99-99, 9999.9.9, 9999年9月9日) ×2 (from row 4)"),
        "{:?}",
        damage("日期")
    );
    assert!(damage("金额").iter().any(|text| text.starts_with("元 and 万元 mixed ×2")), "{:?}", damage("金额"));
    assert!(damage("金额").iter().any(|text| text.starts_with("error values ×1 (from row 6)")), "{:?}", damage("金额"));
    looked.expect_hidden(&["150102198503051", "1.50102E+17"]);
}

#[test]
fn persons_are_neither_shown_nor_named_after() {
    let table = lines(&["姓名|身份证号|手机|王小明|13947101234|客户经理|住址"], 30, |n| {
        let name = ["王小明", "李强", "赵敏敏", "乌云其其格"][n % 4];
        format!("{name}|{RESIDENT}|{MOBILE}|={n}|={n}|{name}|示例旗样板路{n}号")
    });
    let looked = Looked::book(&[sheet("张三丰", &table)]);
    looked.ran.expect_code(0);
    looked.expect_proved().expect_hidden(&[
        RESIDENT,
        MOBILE,
        "王小明",
        "李强",
        "赵敏敏",
        "乌云其其格",
        "张三丰",
        "样板路",
    ]);
    let pack = looked.pack();
    assert!(pack.contains("# D 王**：标题像是个人的姓名或号码，未列入"), "{pack}");
    assert!(pack.contains("# E 1**********：标题像是个人的姓名或号码，未列入"), "{pack}");
    assert_eq!(looked.codes().len(), 0, "persons are no code list: {:?}", looked.codes());
    for masked in ["mask = \"identifier\"", "mask = \"name\""] {
        assert!(pack.contains(masked), "{pack}");
    }
    assert!(looked.rules().contains("resident_id("), "{}", looked.rules());
}

#[test]
fn a_column_of_many_values_is_no_code_list() {
    let table = |values: usize| lines(&["编号|类型|金额"], 120, |n| format!("N{n:04}|类{:02}|={n}", n % values));
    let few = Looked::book(&[sheet("甲", &table(30))]);
    assert_eq!(few.codes().len(), 1);
    let many = Looked::book(&[sheet("甲", &table(31))]);
    assert_eq!(many.codes().len(), 0, "31 values are too many");
    few.expect_proved();
    many.expect_proved();
}

#[test]
fn two_heading_rows_are_read_as_the_reader_reads_them() {
    let headings = ["贷款台账||||", "单位：元||||", "编号|客户|贷款||备注", "||金额|期限|"];
    let table = lines(&headings, 20, |n| format!("D{n:05}|样板{n}公司|={}|={}|无", n * 100, n + 5));
    let looked = Looked::book(&[sheet("台账", &table)]);
    looked.ran.expect_words(&["表头：第3、4行；记录 20，跳过 2 行，5 列", "贷款 / 金额"]);
    let pack = looked.expect_proved().pack();
    assert!(pack.contains("headings = [\"贷款金额\"]"), "{pack}");
    assert_eq!(looked.checked(), [""; 0]);
}

#[test]
fn odd_tables_give_packs_that_load() {
    let hundred: Vec<String> = (0..100).map(|n| format!("栏目{n}")).collect();
    let wide =
        lines(&[&hundred.join("|")], 12, |n| (0..100).map(|at| format!("={}", n * at)).collect::<Vec<_>>().join("|"));
    let double = lines(&["编号|金额|金额|备注| 备注 "], 12, |n| format!("B{n:04}|={n}|={n}|甲|乙"));
    let nasty = lines(
        &["select|Order|a\"b\\c|{余额}|it's <b>|=1+1x|'''|[x].y|#|tab\there|🙂|余额\n(万元)|true|units"],
        12,
        |n| format!("是|N{n}|x|={n}|<script>alert({n})</script>|y|?|@a|=-1|tab|🙂|={n}.5|TRUE|u{n}"),
    );
    let bare = lines(&[], 12, |n| format!("D{n:05}|样板公司|={n}"));
    let sparse = lines(&["甲乙|丙丁|戊己"], 12, |_| "||".to_owned());
    let one = lines(&["编号"], 12, |n| format!("K{n:03}"));
    let few = lines(&["编号|名称"], 2, |n| format!("K{n:03}|甲"));
    for (name, sheets) in [
        ("wide", vec![sheet("宽", &wide)]),
        ("double", vec![sheet("重", &double)]),
        ("nasty", vec![sheet("it's", &nasty)]),
        ("empty first", vec![sheet("空", &[]), sheet("有", &one), sheet("空2", &[])]),
        ("few", vec![sheet("少", &few)]),
        ("same twice", vec![sheet("一月", &few), sheet("二月", &few)]),
        ("no values", vec![sheet("无", &sparse), sheet("units", &few)]),
        ("without headings", vec![sheet("表", &bare), sheet("另", &one)]),
        ("like the pack's own", clean().to_vec()),
    ] {
        let looked = Looked::book(&sheets);
        assert_eq!(looked.ran.code, 0, "{name}: {}", looked.ran.stderr);
        looked.expect_proved();
        let page = std::fs::read_to_string(looked.made().join("profile.html")).expect("a page");
        assert!(!page.contains("<script") && !page.contains("it's"), "{name}: markup of the data in the page");
        let again = looked.folder.path().join("again");
        ran(Looked::command(&looked.files, &again), Path::new("")).expect_code(0);
        assert_eq!(contents(&looked.made()), contents(&again), "{name}: the same input gives the same bytes");
    }
    let pack = Looked::book(&[sheet("重", &double)]).pack();
    assert!(pack.contains("# C 金额：与B列标题相同") && pack.contains("# E 备注：与D列标题相同"), "{pack}");
    let looked = Looked::book(&[sheet("一月", &few), sheet("二月", &few)]);
    assert_eq!(looked.pack().matches("[[dataset]]").count(), 2, "sheets with the same headings are one dataset");
    assert!(looked.pack().contains("sheets = [\"一月\", \"二月\"]"));
}

#[test]
fn sheets_without_anything_suggest_nothing() {
    let looked = Looked::book(&[sheet("空", &[])]);
    looked.ran.expect_code(0).expect_words(&["空工作表", "没有建议规则包"]);
    assert_eq!(contents(&looked.made()).into_keys().collect::<Vec<_>>(), ["profile.html"]);
}

#[test]
fn text_files_in_gbk_and_unreadable_ones() {
    let table =
        lines(&["编号,客户名称,金额（元）"], 20, |n| format!("0{n:05},样板{n}公司,\"{n},200.50\"")).join("\r\n");
    let (bytes, _, _) = encoding_rs::GBK.encode(&table);
    let looked = Looked::at(&[("数据.csv", bytes.into_owned()), ("坏.xlsx", b"PK\x03\x04cut".to_vec())]);
    looked.ran.expect_code(3).expect_words(&["编号", "内容不完整"]);
    looked.expect_proved();
    assert_eq!(looked.kinds()["金额（元）"], "amount");
    assert!(looked.pack().contains("headings = [\"客户名称\"]"), "{}", looked.pack());
}

#[test]
fn what_is_there_is_not_overwritten() {
    let looked = Looked::book(&[sheet("甲", &lines(&["编号|金额"], 9, |n| format!("A{n:03}|={n}")))]);
    let edited = looked.made().join("draft/pack.toml");
    std::fs::write(&edited, "# mine").expect("written");
    std::fs::remove_file(looked.made().join("profile.html")).expect("removed");
    ran(Looked::command(&looked.files, &looked.made()), Path::new("")).expect_code(2).expect_words(&["没有覆盖"]);
    assert_eq!(std::fs::read_to_string(edited).expect("read"), "# mine");
    assert!(!looked.made().join("profile.html").exists());
}

#[test]
fn every_file_of_the_sample_and_every_odd_workbook_gives_a_pack_that_loads() {
    let sample = project("sample-input/large-credit/2026-10");
    let mut groups: Vec<Vec<PathBuf>> = vec![Vec::new()];
    for entry in std::fs::read_dir(project("tests/odd-workbooks")).expect("a folder").flatten() {
        groups[0].push(entry.path());
    }
    for unit in ["150102-城关社部", "150103-东河社部", "150104-西梁社部", "150105-南营子社部", "150106-北湾社部"]
    {
        let files = std::fs::read_dir(sample.join("submissions").join(unit)).expect("a folder").flatten();
        groups.push(files.map(|entry| entry.path()).filter(|path| !path.to_string_lossy().contains("~$")).collect());
    }
    let numbers = regex::Regex::new(r"\d{17}[0-9X]").expect("an expression");
    for mut files in groups {
        files.sort();
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("made");
        let ran = ran(Looked::command(&files, &made), Path::new(""));
        assert!([0, 3].contains(&ran.code), "{files:?}: {}", ran.stderr);
        let looked = Looked { folder, files, ran };
        looked.expect_proved();
        for (name, bytes) in contents(&looked.made()) {
            let text = String::from_utf8(bytes).expect("UTF-8").replace(RESIDENT, "");
            let found = numbers.find(&text).map(|found| found.as_str().to_owned());
            assert!(found.is_none() || name.starts_with("common/"), "{name} shows {found:?}");
        }
        assert!(numbers.find(&looked.ran.stdout).is_none(), "{}", looked.ran.stdout);
    }
}

/// Six branches hand in five months: neither column tells the records apart, and the running number is none of the data's.
#[test]
fn several_columns_are_suggested_as_a_key_where_none_is_enough() {
    let record = |number: usize| {
        let (branch, month) = ((number - 1) % 6, (number - 1) / 6 + 1);
        format!("={number}|1501{branch:02}|2026-{month:02}-28|={}", 100 + branch * 7)
    };
    let all = lines(&["序号|社部代码|报告日期|户数"], 30, record);
    let looked = Looked::book(&[sheet("月报", &all)]);
    looked.expect_proved();
    let pack = looked.pack();
    let key = pack.lines().filter(|line| line.starts_with("key ")).nth(1).unwrap_or_else(|| panic!("no key in {pack}"));
    let names: Vec<&str> = key.split('"').skip(1).step_by(2).collect();
    let heading = |id: &str| {
        let line = pack.lines().find(|line| line.contains(&format!("id = \"{id}\", headings"))).expect("the field");
        line.split("headings = [\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a heading").to_owned()
    };
    // The first dataset's names: the roster's fields have other lines.
    assert_eq!(names.len(), 2, "{key}");
    assert!(pack.contains("together; each alone repeats"), "{pack}");
    assert!(key.contains("unit_code") || heading(names[0]) == "社部代码", "{key}");
    assert!(!looked.checked().iter().any(|line| line.contains("KEY")), "{:?}", looked.checked());
    // One record twice: nothing tells them apart any more, and no key is made up.
    let mut twice = all.clone();
    twice.push("=31|150105|2026-05-28|=135".to_owned());
    let pack = Looked::book(&[sheet("月报", &twice)]).pack();
    assert_eq!(pack.lines().filter(|line| line.starts_with("key ")).count(), 1, "the roster's only: {pack}");
}
