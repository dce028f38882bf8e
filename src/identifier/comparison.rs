//! Every check against numbers whose verdict comes from elsewhere: worked examples, and python-stdnum
//! (`tests/data/identifiers/`, made by `generate.py` there).

use chrono::NaiveDate;

use super::{
    bank_card, biz_reg, foreign_residence, institution_credit, lei, loan_card, normalise, org_code, residence_permit,
    resident_id, uscc,
};

fn data_date() -> NaiveDate {
    "2026-10-31".parse().expect("a date")
}

fn accepts(kind: &str, value: &str) -> bool {
    match kind {
        "resident_id" => resident_id::check(value, data_date()).is_ok(),
        "residence_permit" => residence_permit::check(value, data_date()).is_ok(),
        "foreign_residence" => foreign_residence::check(value).is_ok(),
        "uscc" => uscc::check(value).is_ok(),
        "org_code" => org_code::check(value).is_ok(),
        "biz_reg" => biz_reg::check(value).is_ok(),
        "loan_card" => loan_card::check(value).is_ok(),
        "institution_credit" => institution_credit::check(value).is_ok(),
        "lei" => lei::check(value).is_ok(),
        "bank_card" => bank_card::check(value).is_ok(),
        other => panic!("no check for {other}"),
    }
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn worked_examples() {
    for row in rows(include_str!("../../tests/data/identifiers/examples.csv")) {
        let (kind, value, expect) = (row[0].as_str(), row[1].as_str(), row[2].as_str());
        let embedded = kind != "uscc" || uscc::embedded_ok(value);
        match expect {
            "valid" => assert!(accepts(kind, value) && embedded, "{row:?}"),
            "invalid" => assert!(!(accepts(kind, value) && embedded), "{row:?}"),
            "normalise" => assert!(!accepts(kind, value) && accepts(kind, &normalise(value)), "{row:?}"),
            other => panic!("what is {other}?"),
        }
    }
}

#[test]
fn same_verdict_as_stdnum_but_for_the_differences_we_want() {
    let files = [
        ("resident_id", include_str!("../../tests/data/identifiers/resident_id.csv")),
        ("uscc", include_str!("../../tests/data/identifiers/uscc.csv")),
        ("bank_card", include_str!("../../tests/data/identifiers/bank_card.csv")),
        ("lei", include_str!("../../tests/data/identifiers/lei.csv")),
        ("biz_reg", include_str!("../../tests/data/identifiers/biz_reg.csv")),
        ("institution_credit", include_str!("../../tests/data/identifiers/institution_credit.csv")),
    ];
    for (kind, text) in files {
        let rows = rows(text);
        assert_eq!(rows.len(), 2000, "{kind}");
        for row in rows {
            assert_eq!(row[1] != row[2], !row[3].is_empty(), "a difference has a reason: {row:?}");
            assert_eq!(accepts(kind, &row[0]), row[2] == "1", "{kind} {row:?}");
            if kind == "uscc" {
                assert_eq!(accepts(kind, &row[0]) && uscc::embedded_ok(&row[0]), row[4] == "1", "{row:?}");
            }
        }
    }
}

/// The check characters of these standards find every changed digit.
#[test]
fn one_changed_character_is_always_found() {
    let numbers = [
        ("resident_id", "11010519491231002X"),
        ("resident_id", "150102198503051238"),
        ("uscc", "91150102MA0NABCD5T"),
        ("uscc", "12150000460012344M"),
        ("org_code", "753468708"),
        ("org_code", "D2143569X"),
        ("bank_card", "6228480012345678903"),
        ("bank_card", "622166200000123452"),
        ("lei", "529900T8BM49AURSDO55"),
        ("lei", "300300ABCDEFGH123464"),
        ("biz_reg", "110108000000016"),
        ("institution_credit", "G10150102000123451"),
        ("residence_permit", "810000199005200012"),
        ("foreign_residence", "911840198503050015"),
    ];
    for (kind, number) in numbers {
        assert!(accepts(kind, number), "{kind} {number}");
        for place in 0..number.len() {
            for character in ('0'..='9').chain('A'..='Z') {
                let mut changed = number.to_owned();
                changed.replace_range(place..=place, character.encode_utf8(&mut [0; 4]));
                let letters = (kind == "org_code" || kind == "lei") && character.is_ascii_uppercase();
                // Organisation codes and LEIs count letters as 10 to 35 in weights modulo 11 and two digits modulo 97:
                // the standards promise to find a changed digit, not every letter.
                if changed != number && !letters && number.as_bytes()[place].is_ascii_digit() {
                    assert!(!accepts(kind, &changed), "{kind} {number} at {place}: {changed}");
                }
            }
        }
    }
}
