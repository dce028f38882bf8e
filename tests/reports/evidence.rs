//! Evidence and the way from a figure back to its cells.

use std::io::{Read as _, Write as _};

use super::sample;
use crate::desk::{Desk, program, project, ran};

fn evidence(desk: &Desk, options: &[&str]) -> std::path::PathBuf {
    let file = desk.path().join("evidence.zip");
    let mut command = program(&["evidence"]);
    command.arg(desk.path()).arg("--out").arg(desk.out()).args(options).arg("-o").arg(&file);
    ran(command, desk.path()).expect_code(0);
    file
}

fn verify(file: &std::path::Path) -> crate::desk::Ran {
    let mut command = program(&["verify"]);
    command.arg(file);
    ran(command, file)
}

#[test]
fn a_run_comes_out_again_from_its_evidence() {
    let desk = Desk::new();
    desk.write_job("2026-10", "[params]\nlarge_loan = 450.00\n");
    desk.run();
    let file = evidence(&desk, &[]);
    verify(&file).expect_code(0).expect_words(&["一致", "比较了"]);
    let again = evidence(&desk, &[]);
    assert_eq!(std::fs::read(&file).expect("read"), std::fs::read(again).expect("read"));
}

#[test]
fn a_changed_file_and_another_result_are_named() {
    let desk = Desk::new();
    desk.run();
    let file = evidence(&desk, &[]);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&file).expect("opened")).expect("a zip");
    let changed = desk.path().join("changed.zip");
    let mut copy = zip::ZipWriter::new(std::fs::File::create(&changed).expect("made"));
    let options = zip::write::SimpleFileOptions::default();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        if name == "outputs/findings.csv" {
            bytes.extend(b"more");
        }
        copy.start_file(name, options).expect("begun");
        copy.write_all(&bytes).expect("written");
    }
    copy.finish().expect("finished");
    verify(&changed).expect_code(1).expect_words(&[
        "outputs/findings.csv：与清单的哈希不符",
        "outputs/findings.csv：重新运行的结果不同",
        "有差异",
    ]);
}

#[test]
fn evidence_without_inputs_is_checked_by_its_hashes_alone() {
    let desk = Desk::new();
    desk.run();
    verify(&evidence(&desk, &["--without-inputs"])).expect_code(0).expect_words(&["没有重新运行"]);
    verify(&project("README.md")).expect_code(2).expect_words(&["不是存证文件"]);
}

#[test]
fn a_job_that_was_not_run_has_no_evidence() {
    let desk = Desk::new();
    let mut command = program(&["evidence"]);
    command.arg(desk.path()).arg("--out").arg(desk.out()).arg("-o").arg(desk.path().join("x.zip"));
    ran(command, desk.path()).expect_code(2).expect_words(&["没有运行结果"]);
}

fn why(cell: &str) -> crate::desk::Ran {
    let mut command = program(&["why"]);
    command.arg(project("sample-input/large-credit/2026-10")).arg(cell);
    command.arg("--out").arg(sample().parent().expect("the folder of outputs"));
    ran(command, sample())
}

#[test]
fn a_figure_leads_to_the_cells_handed_in() {
    // E6 of the sheet is the amount in default of the unit 150102, which handed in 42 personal defaults.
    let found = why("零售贷款违约个人客户情况统计表!按社部!E6");
    found.expect_code(0).expect_words(&[
        "SUM(r.default_amount)",
        "retail_defaults_personal：42条记录",
        "150102-城关社部/违约个人客户.xlsx 零售贷款违约个人客户!L2",
    ]);
    // E7 of the reconciliation is the balance of the same unit. Its query is a `WITH` over a `UNION`; counted with openpyxl
    // the unit handed in 186 loans that are not withdrawn.
    let found = why("对账表!对账!E7");
    found.expect_code(0).expect_words(&[
        "ledger_totals：1行",
        "loans：186条记录",
        "150102-城关社部/贷款数据.xlsx 贷款明细!K2 贷款余额(万元) = 939.5",
    ]);
    // The comparison is made by the program: from the loans of both periods.
    let found = why("与上期比较!总表!H15");
    found.expect_code(0).expect_words(&[
        "bridge_amounts：1行",
        "prior_loans：",
        "2026-09 150103-东河社部/客户风险数据.xlsx",
    ]);
    why("对帐表!对账!E6").expect_code(2).expect_words(&["没有报表 `对帐表`", "对账表"]);
    why("对账表!对账!A1").expect_code(2).expect_words(&["没有数据"]);
    why("对账表").expect_code(2).expect_words(&["不是报表的单元格"]);
}

#[test]
fn a_figure_of_the_concentration_workbook_leads_to_loans() {
    // The largest member of the first group has one loan, of 16000 (10,000 yuan), in row 70 of its unit's sheet.
    why("大额风险暴露及集中度!关联集团!I2")
        .expect_code(0)
        .expect_words(&["值：160000000", "贷款明细!K70 贷款余额(万元) = 16000"]);
    why("大额风险暴露及集中度!关联集团!I1").expect_code(2).expect_words(&["标题"]);
    why("大额风险暴露及集中度!关联集闭!I2").expect_code(2).expect_words(&["关联集团"]);
}
