//! Outputs that cannot be written: what was there before is still there, and nothing half-made beside it.

use std::process::Command;

use crate::desk::{BOOK, Desk, book, clean, contents, program, ran};

#[test]
fn a_file_stands_where_the_output_folder_is_to_be() {
    let desk = Desk::new();
    std::fs::write(desk.out(), "not a folder").expect("written");
    let run = desk.run();
    run.expect_code(4).expect_words(&["不能写入", "--out", "cannot write to the output folder"]);
    assert_eq!(std::fs::read_to_string(desk.out()).expect("read"), "not a folder");
    assert_eq!(run.stdout, "");
}

#[test]
fn a_folder_below_a_file() {
    let desk = Desk::new();
    let mut command = program(&["run"]);
    command.arg(desk.path()).arg("--out").arg(desk.path().join("job.toml/out"));
    ran(command, desk.path()).expect_code(4).expect_words(&["不能写入", "--out"]);
}

/// The run with a limit on the size of files, which every file system honours, for root too; it stands for a full disk.
fn limited(desk: &Desk, kilobytes: u32) -> Command {
    let mut command = Command::new("bash");
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"");
    command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_baosong"), "run"]);
    command.arg(desk.path()).arg("--out").arg(desk.out()).arg("--json");
    command
}

#[test]
#[cfg(target_os = "linux")]
fn no_room_for_the_outputs() {
    let desk = Desk::new();
    desk.run().expect_code(1);
    let before = contents(&desk.out());
    assert!(before.len() > 4, "{:?}", before.keys());
    // Other input, so that other outputs would be written.
    let [customers, shareholders, mut loans] = clean();
    loans.set(0, "贷款金额(万元)", 0.0);
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    for kilobytes in [0, 2, 8] {
        let run = ran(limited(&desk, kilobytes), &desk.out().join("2026-10"));
        run.expect_code(4).expect_words(&["磁盘已满", "原有输出未改动", "free some space and run again"]);
        assert_eq!(run.stdout, "", "nothing is reported as done");
        assert!(contents(&desk.out()) == before, "the earlier outputs changed, or something is left beside them");
        let left: Vec<_> =
            std::fs::read_dir(desk.out()).expect("out").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["2026-10"]);
    }
    // With room it goes through.
    ran(limited(&desk, 100_000), &desk.out().join("2026-10")).expect_code(1);
    assert!(contents(&desk.out()) != before);
}

#[test]
fn outputs_someone_worked_in_are_kept() {
    let desk = Desk::new();
    desk.run().expect_code(1);
    let list = desk.out().join("2026-10/findings.csv");
    std::fs::write(&list, "corrected by hand").expect("written");
    let mut command = program(&["run"]);
    command.arg(desk.path()).arg("--out").arg(desk.out());
    let run = ran(command, &desk.out().join("2026-10"));
    run.expect_code(1).expect_words(&["2026-10.kept-1"]);
    let kept = std::fs::read_to_string(desk.out().join("2026-10.kept-1/findings.csv")).expect("kept");
    assert_eq!(kept, "corrected by hand");
    run.expect_findings(&[]);
}
