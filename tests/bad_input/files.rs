//! Files that cannot be read, or not without help.

use crate::desk::{BOOK, Desk, UNIT, book, clean};

/// Beside the unit's good workbook, a file that makes trouble.
const BAD: &str = "150102-城关社部/补充数据.xlsx";

#[test]
fn a_job_of_good_files_has_the_one_planted_finding() {
    let run = Desk::new().run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.troubles(), []);
}

#[test]
fn an_empty_file() {
    let desk = Desk::new();
    desk.put(BAD, b"");
    desk.run().expect_trouble(BAD, "empty", &["重新导出", "export it again"]).expect_findings(&[]);
}

#[test]
fn text_renamed_xlsx() {
    let desk = Desk::new();
    desk.put(BAD, "本月没有新增贷款。\n填表人：王示例\n".as_bytes());
    desk.run().expect_trouble(BAD, "nothing-matches", &["按模板的标题重新导出", "delimited text"]).expect_findings(&[]);
}

#[test]
fn a_page_of_another_kind_renamed_xlsx() {
    let desk = Desk::new();
    desk.put(BAD, b"<html><body><table><tr><td>1</td></tr></table></body></html>");
    desk.run().expect_trouble(BAD, "unknown-format", &["另存为 xlsx", "HTML"]).expect_findings(&[]);
}

#[test]
fn a_zip_cut_off() {
    let desk = Desk::new();
    let whole = book(&clean());
    for length in [40, whole.len() / 2, whole.len() - 30] {
        desk.put(BAD, &whole[..length]);
        desk.run().expect_trouble(BAD, "damaged", &["重新导出并完整传送"]).expect_findings(&[]);
    }
}

/// The unit's good workbook in the encryption Excel uses, with the password 口令2026.
const ENCRYPTED: &[u8] = include_bytes!("../odd-workbooks/encrypted_submission.xlsx");

#[test]
fn an_encrypted_workbook() {
    let desk = Desk::new();
    desk.put(BOOK, ENCRYPTED);
    let needed = desk.run();
    needed.expect_trouble(BOOK, "password-needed", &["password_env", "环境变量"]);
    // What the unit is asked for is the file, not the tables in it.
    needed.expect_findings(&[]);

    desk.write_job("2026-10", "password_env = \"BAOSONG_TEST_PASSWORD\"");
    let with = |password: &str| {
        let mut command = desk.command();
        command.env("BAOSONG_TEST_PASSWORD", password);
        crate::desk::ran(command, &desk.out().join("2026-10"))
    };
    let wrong = with("123456");
    wrong.expect_trouble(BOOK, "password-wrong", &["不正确", "password_env"]).expect_findings(&[]);
    let right = with("口令2026");
    right.expect_code(1).expect_findings(&[]);
    assert_eq!(right.troubles(), []);
    assert_eq!(right.json()["units"][0]["records"], 4, "one customer, one shareholder, two loans");
    for run in [&needed, &wrong, &right] {
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("口令2026"), "the password is printed");
    }
    // A variable that is not set is like no password.
    desk.run().expect_trouble(BOOK, "password-needed", &["password_env"]);
}

#[test]
fn a_file_of_no_unit() {
    let desk = Desk::new();
    desk.put("新来的社部/贷款.xlsx", &book(&clean()));
    let run = desk.run();
    run.expect_trouble("新来的社部/贷款.xlsx", "no-unit", &["代码-名称", "roster"]).expect_findings(&[]);
}

#[test]
fn lock_files_and_hidden_files_are_passed_over() {
    let desk = Desk::new();
    desk.put(&format!("{UNIT}/~$客户风险数据.xlsx"), b"lock");
    desk.put(&format!("{UNIT}/.DS_Store"), b"x");
    desk.put("~$名册.xlsx", b"lock");
    let run = desk.run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.json()["totals"]["files"], 3, "two workbooks and the roster");
}

#[test]
fn a_unit_that_hands_in_nothing() {
    let desk = Desk::new();
    desk.remove(BOOK);
    let run = desk.run();
    run.expect_code(1).expect_findings(&[]);
    assert_eq!(run.json()["units"][0]["timeliness"], "missing");
    assert_eq!(run.json()["totals"]["units_missing"], 1);
}

#[test]
fn many_bad_files_at_once_are_each_named() {
    let desk = Desk::new();
    desk.put(&format!("{UNIT}/a.xlsx"), b"");
    desk.put(&format!("{UNIT}/b.csv"), b"\n \n");
    desk.put(&format!("{UNIT}/c.pdf"), b"%PDF-1.7\n");
    let run = desk.run();
    run.expect_code(3).expect_findings(&[]);
    let kinds: Vec<_> = run.troubles().into_iter().map(|(name, kind)| (name.replace(UNIT, ""), kind)).collect();
    let wanted = [("/a.xlsx", "empty"), ("/b.csv", "empty"), ("/c.pdf", "unknown-format")];
    assert_eq!(kinds, wanted.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    // The table for people names them too.
    let mut command = crate::desk::program(&["run"]);
    command.arg(desk.path()).arg("--out").arg(desk.out());
    crate::desk::ran(command, &desk.out()).expect_code(3).expect_words(&["a.xlsx", "b.csv", "c.pdf"]);
}
