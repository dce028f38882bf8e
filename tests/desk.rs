//! A small job folder of two units, and the program run on it. The unit `150102` hands in what a test is about; the
//! unit `150103` hands in a workbook with one loan below the reporting threshold, so that a test can tell that the rest
//! of the batch was done. Knows nothing of what is tested.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use calamine::{Reader as _, Xlsx, open_workbook};
use rust_xlsxwriter::{Formula, Workbook};

/// Folder of the unit the tests are about.
pub const UNIT: &str = "150102-城关社部";
/// Workbook of the unit the tests are about.
pub const BOOK: &str = "150102-城关社部/客户风险数据.xlsx";
/// What is always found in the workbook of the other unit.
pub const OTHER_FINDING: &str = "150103 客户风险数据.xlsx 贷款明细!J3 LOAN-SCP-001";

/// A cell of a workbook.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Blank,
    Text(String),
    Number(f64),
    /// A formula and its stored result.
    Formula(&'static str, &'static str),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) }
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Cell::Number(number)
    }
}

/// A sheet: its name and rows, the headings first.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub name: &'static str,
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// Headings and records separated by `|`, so that a record stands on one line.
    fn new(name: &'static str, lines: &[&str]) -> Self {
        Sheet { name, rows: lines.iter().map(|line| line.split('|').map(Cell::from).collect()).collect() }
    }

    /// Position of the column under `heading`.
    pub fn column(&self, heading: &str) -> usize {
        let at = self.rows[0].iter().position(|cell| *cell == Cell::from(heading));
        at.unwrap_or_else(|| panic!("{} has no column {heading}; correct the test", self.name))
    }

    /// Sets a cell of the `row`-th record (from 0).
    pub fn set(&mut self, record: usize, heading: &str, cell: impl Into<Cell>) -> &mut Self {
        let column = self.column(heading);
        self.rows[record + 1][column] = cell.into();
        self
    }

    /// The sheet as comma-separated text.
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &self.rows {
            let texts = row.iter().map(|cell| match cell {
                Cell::Blank => String::new(),
                Cell::Text(text) => text.clone(),
                Cell::Number(number) => number.to_string(),
                Cell::Formula(..) => panic!("csv has no formulas; correct the test"),
            });
            writer.write_record(texts).expect("csv");
        }
        String::from_utf8(writer.into_inner().expect("csv")).expect("UTF-8")
    }
}

const CUSTOMER_HEADINGS: &str = "报送社部代码|客户代码|客户名称|客户类型|国别代码|证件类型|证件代码|统一社会信用代码|中征码|法定代表人|\
    法定代表人证件类型|法定代表人证件号码|注册地|行政区划代码|行业分类|成立日期|注册资本(万元)|总资产(万元)|总负债(万元)|财务报表日期|\
    授信额度(万元)|贷款余额(万元)";
const SHAREHOLDER_HEADINGS: &str = "客户代码|股东名称|股东类型|股东证件类型|股东证件代码|持股比例(%)";
const LOAN_HEADINGS: &str = "社部代码|借据号|贷款合同号|客户代码|客户名称|贷款类型|贷款业务种类|发放类型|币种|贷款金额(万元)|贷款余额(万元)|\
    年利率(%)|发放日期|到期日期|五级分类|主要担保方式|逾期本金(万元)|本金逾期天数|欠息余额(万元)|欠息天数|贷款投向行业|社团贷款标志|\
    社团角色|贷款状态";

/// Sheets of the unit the tests are about, in which nothing is wrong: customers, shareholders, loans.
pub fn clean() -> [Sheet; 3] {
    [
        Sheet::new(
            "客户基本信息",
            &[
                CUSTOMER_HEADINGS,
                "150102|91150103MA0KLY3K5B|示例旗昌晟建筑工程有限公司|A3|CHN|1|MA0KLY3K-5|91150103MA0KLY3K5B|1501034900192349|\
                 刘思建|2|150122196508180836|内蒙古自治区呼和浩特市回民区样板路161号|150103|F5112|1996-12-17|3600|6647.62|2725.52|\
                 2026-06-30|1367.4|1283.43",
            ],
        ),
        Sheet::new("股东情况", &[SHAREHOLDER_HEADINGS, "91150103MA0KLY3K5B|罗海涵|6|2|150221199608128907|100"]),
        Sheet::new(
            "贷款明细",
            &[
                LOAN_HEADINGS,
                "150102|1501022024111137|示农信借字2024第0301号|91150103MA0KLY3K5B|示例旗昌晟建筑工程有限公司|1|2|1|CNY|570|\
                 564.87|6.55|2024-07-24|2027-07-24|1|4|0|0|0|0|F5112|0||1",
                "150102|1501022024111174|示农信借字2024第0302号|91150103MA0KLY3K5B|示例旗昌晟建筑工程有限公司|1|4|1|CNY|720|\
                 718.56|5.79|2024-03-28|2027-03-28|1|2|0|0|0|0|F5112|0||1",
            ],
        ),
    ]
}

/// Sheets of the other unit; its second loan, on row 3, is below the threshold of 5 million yuan.
pub fn other() -> [Sheet; 3] {
    [
        Sheet::new(
            "客户基本信息",
            &[
                CUSTOMER_HEADINGS,
                "150103|91150104MA0HH52J78|示例旗丰瑞商贸股份有限公司|A3|CHN|1|MA0HH52J-7|91150104MA0HH52J78|1501044934145136|\
                 孙强浩|2|150121196512266302|内蒙古自治区呼和浩特市玉泉区样板路74号|150104|B0610|2011-02-19|2650|9393.54|5917.93|\
                 2026-06-30|2314.2|1087.87",
            ],
        ),
        Sheet::new("股东情况", &[SHAREHOLDER_HEADINGS, "91150104MA0HH52J78|高建思|6|2|150121196502181698|12.5"]),
        Sheet::new(
            "贷款明细",
            &[
                LOAN_HEADINGS,
                "150103|1501032026118167|示农信借字2026第0491号|91150104MA0HH52J78|示例旗丰瑞商贸股份有限公司|1|1|1|CNY|830|\
                 687.87|5.29|2026-03-20|2027-03-20|1|4|0|0|0|0|B0610|0||1",
                "150103|1501032025118204|示农信借字2025第0492号|91150104MA0HH52J78|示例旗丰瑞商贸股份有限公司|1|1|2|CNY|400|400|\
                 5.45|2025-06-05|2027-06-05|1|2|0|0|0|0|B0610|0||1",
            ],
        ),
    ]
}

/// A workbook of these sheets, as bytes.
pub fn book(sheets: &[Sheet]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet.name).expect("a sheet name");
        for (row, cells) in (0..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Blank => continue,
                    Cell::Text(text) => worksheet.write_string(row, column, text),
                    Cell::Number(number) => worksheet.write_number(row, column, *number),
                    Cell::Formula(formula, result) => {
                        worksheet.write_formula(row, column, Formula::new(*formula).set_result(*result))
                    }
                }
                .expect("a cell");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

/// A job folder.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// The job of two units; both hand in, and only in the other unit's workbook something is found.
    pub fn new() -> Self {
        let desk = Desk { folder: tempfile::tempdir().expect("a temporary folder") };
        desk.write_job("2026-10", "");
        desk.write_roster(&[("150102", "城关社部"), ("150103", "东河社部")]);
        desk.put(BOOK, &book(&clean()));
        desk.put("150103-东河社部/客户风险数据.xlsx", &book(&other()));
        desk
    }

    /// Where the job is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the job file; `more` is added to its first lines.
    pub fn write_job(&self, period: &str, more: &str) {
        let text = format!(
            "pack = \"large-credit\"\nperiod = \"{period}\"\ninput = \"submissions\"\nroster = \"roster.xlsx\"\n{more}\n\
             [institution]\ncode = \"150199\"\nname = \"示例旗农村信用合作联社\"\n"
        );
        std::fs::write(self.path().join("job.toml"), text).expect("the job file");
    }

    /// Writes the roster: code and name of each unit.
    pub fn write_roster(&self, units: &[(&str, &str)]) {
        let mut roster = Sheet::new("社部名册", &["社部代码|社部名称|报送人员|任职日期|复核人|联系电话"]);
        roster.rows.extend(units.iter().map(|(code, name)| {
            [code, name, "王示例", "2025-01-24", "李示例", "0471-3263971"].map(Cell::from).to_vec()
        }));
        std::fs::write(self.path().join("roster.xlsx"), book(&[roster])).expect("the roster");
    }

    /// Hands in a file; `name` is its path below the submissions.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join("submissions").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the unit's folder");
        std::fs::write(path, bytes).expect("the file");
    }

    /// Takes a file back.
    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path().join("submissions").join(name)).expect("removed");
    }

    /// Where the outputs go.
    pub fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    /// The command that runs the job, to be changed.
    pub fn command(&self) -> Command {
        let mut command = program(&["run"]);
        command.arg(self.path()).arg("--out").arg(self.out()).arg("--json");
        command
    }

    /// Runs the job.
    pub fn run(&self) -> Ran {
        ran(self.command(), &self.out().join("2026-10"))
    }
}

/// The program with arguments. Nothing of the machine's settings reaches it.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baosong"));
    command.args(arguments).env_remove("POLARS_MAX_THREADS").env_remove("RAYON_NUM_THREADS").env("NO_COLOR", "1");
    command
}

/// A folder of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies a folder with all in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// The cells of a sheet of a workbook, as texts.
pub fn sheet(path: &Path, name: &str) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = open_workbook(path).expect("a workbook");
    let range = workbook.worksheet_range(name).expect("the sheet");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// All files below a folder by their path in it.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(&current).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// Folder of the outputs.
    pub place: PathBuf,
    /// findings.csv, read at once: a job's folder may be gone when it is looked at.
    list: Option<String>,
}

/// Runs a command to its end; the outputs of a run are at `place`.
pub fn ran(mut command: Command, place: &Path) -> Ran {
    let output = command.output().expect("the program starts");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        place: place.to_owned(),
        list: std::fs::read_to_string(place.join("findings.csv")).ok(),
    }
}

impl Ran {
    /// Fails unless the run ended with this exit code.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "exit code; the run said:\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard error or output holds all of these.
    #[track_caller]
    pub fn expect_words(&self, words: &[&str]) -> &Self {
        // Problems are wrapped to the width of the terminal.
        let flat = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect::<String>();
        let said = format!("{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(flat(&said).contains(&flat(word)), "`{word}` is not in what the run said:\n{said}");
        }
        self
    }

    /// The lines of findings.csv, by column name.
    pub fn lines(&self) -> Vec<Line> {
        let text = self.list.as_ref();
        let text = text.unwrap_or_else(|| panic!("no findings.csv; the run said:\n{}{}", self.stdout, self.stderr));
        let text = text.strip_prefix('\u{feff}').expect("a byte order mark, so that Excel takes it for UTF-8");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().expect("a heading").clone();
        let line = |record: csv::StringRecord| {
            Line(names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect())
        };
        reader.records().map(|record| line(record.expect("a record"))).collect()
    }

    /// The findings in short: unit, file name, place and rule, sorted.
    pub fn findings(&self) -> Vec<String> {
        let mut short: Vec<_> = self
            .lines()
            .iter()
            .map(|line| {
                let file = line.get("file").rsplit('/').next().unwrap_or_default();
                let place = match (line.get("sheet"), line.get("cell")) {
                    ("", cell) => cell.to_owned(),
                    (sheet, "") => sheet.to_owned(),
                    (sheet, cell) => format!("{sheet}!{cell}"),
                };
                let parts = [line.get("unit"), file, &place, line.get("rule")];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            })
            .collect();
        short.sort();
        short
    }

    /// Fails unless the findings are that of the other unit and these.
    #[track_caller]
    pub fn expect_findings(&self, wanted: &[&str]) -> &Self {
        let mut wanted: Vec<_> = wanted.iter().map(|finding| format!("150102 {finding}")).collect();
        wanted.push(OTHER_FINDING.to_owned());
        wanted.sort();
        assert_eq!(
            self.findings(),
            wanted,
            "found (left), wanted (right); the run said:\n{}{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The closing table of `--json`.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not JSON ({error}):\n{}", self.stdout))
    }

    /// The kinds of trouble with files, by file name, as `--json` lists them.
    pub fn troubles(&self) -> Vec<(String, String)> {
        let json = self.json();
        let list = json["unreadable"].as_array().expect("`unreadable` is a list");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        list.iter().map(|file| (text(&file["file"]), text(&file["kind"]))).collect()
    }

    /// Fails unless just this file could not be read, for this reason, and says what to do in both languages.
    #[track_caller]
    pub fn expect_trouble(&self, name: &str, kind: &str, words: &[&str]) -> &Self {
        self.expect_code(3);
        assert_eq!(self.troubles(), [(name.to_owned(), kind.to_owned())]);
        let json = self.json();
        let message = &json["unreadable"][0]["message"];
        assert!(
            ["zh", "en"].iter().all(|lang| message[lang].as_str().is_some_and(|text| !text.is_empty())),
            "{message}"
        );
        self.expect_words(words)
    }
}

/// A line of findings.csv.
pub struct Line(BTreeMap<String, String>);

impl Line {
    /// The text in a column.
    #[track_caller]
    pub fn get(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("findings.csv has no column `{column}`"))
    }
}
