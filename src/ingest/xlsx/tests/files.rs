//! Workbooks as programs write them.

use std::path::{Path, PathBuf};

use super::*;

fn workbooks(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "xlsx")
                && !name.starts_with("~$")
                && !name.starts_with("encrypted")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// None of them may be left to calamine: they come from the libraries programs write xlsx with. The sample holds one file
/// that is damaged; neither reader takes it.
#[test]
fn files_of_all_writers_are_read_by_the_own_reader_and_alike() {
    let paths: Vec<_> = ["tests/odd-workbooks", "sample-input"].into_iter().flat_map(workbooks).collect();
    assert!(paths.len() > 30, "only {} workbooks", paths.len());
    for path in paths {
        let bytes = std::fs::read(&path).expect("the file");
        if path.ends_with("违约法人客户.xlsx") {
            assert!(own(&bytes, false).is_err() && foreign(&bytes).is_err());
            continue;
        }
        assert_eq!(compare(&bytes), Verdict::Same, "{}", path.display());
    }
}

/// What the scripts beside the files say they write, read off the scripts.
#[test]
fn files_of_all_writers_hold_what_was_written() {
    for path in workbooks("tests/odd-workbooks").iter().filter(|path| path.to_string_lossy().contains("written_by_")) {
        let bytes = std::fs::read(path).expect("the file");
        let read = own(&bytes, true).expect("an ordinary workbook");
        let (cells, marks) = &read.cells[0];
        let at = |row: u32, column: u32| {
            cells.iter().find(|cell| (cell.0, cell.1) == (row, column)).map(|cell| cell.2.as_str())
        };
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(read.sheets[0].0, "贷款明细", "{name}");
        assert_eq!(at(1, 3), Some(r#"Text("贷款金额(万元)")"#), "{name}");
        assert_eq!(at(2, 0), Some(r#"Text("150102")"#), "{name}");
        assert_eq!(at(2, 2), Some(r#"Text("甲商贸 & <乙>")"#), "{name}");
        assert_eq!(at(2, 3), Some("Number(499.99)"), "{name}");
        assert_eq!(at(2, 8), Some(r#"Text(" 周转\n第二行 ")"#), "{name}");
        assert_eq!(at(3, 4), None, "{name}");
        assert_eq!(at(4, 8), Some(r#"Text("𠮷野家")"#), "{name}");
        assert_eq!(read.is_1904, name.contains("1904"));
        // 2026-09-30 is day 20,726 from 1970-01-01.
        let plain = name.contains("pyexcelerate");
        let due = if plain { "Number(46295.0)" } else { "Date(DayTime { day: 20726, second: 0 })" };
        assert_eq!(at(2, 6), Some(due), "{name}");
        let hides = !plain && !name.contains("exceljs_stream");
        assert_eq!(marks.hidden_rows, if hides { vec![3] } else { Vec::new() }, "{name}");
    }
}
