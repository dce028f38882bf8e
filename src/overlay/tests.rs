//! Corrections on the small outcome of the message fixture.

use super::*;
use crate::{
    ingest::Entered,
    message::fixture::{self, AMOUNT, BALANCE, DISBURSED, DOC_NO},
    outcome::Outcome,
    table::FaultKind,
};

fn correction(
    outcome: &Outcome,
    ids: &RecordIds,
    record: u32,
    field: u16,
    old: Option<&str>,
    new: Entered,
) -> Correction {
    Correction {
        unit: outcome.units[outcome.intake.tables[0].segment(record).unit].code.clone(),
        dataset: "loans".into(),
        record: ids.get(0, record).expect("an id"),
        field: outcome.pack.datasets[0].fields[usize::from(field)].id.clone(),
        old: old.map(ToOwned::to_owned),
        new,
        flagged: true,
        source_changed: false,
        suspicions: Vec::new(),
        findings: Vec::new(),
        who: "报送员甲".into(),
        given: chrono::NaiveDateTime::default(),
        workbook: "150102.xlsx".into(),
        sha256: String::new(),
    }
}

fn text(text: &str) -> Entered {
    Entered::Text(text.to_owned())
}

#[test]
fn corrected_values_are_typed_and_take_the_place_of_the_old() {
    let mut outcome = fixture::outcome();
    outcome.intake.tables[0].cell_faults.push(crate::table::CellFault {
        record: 2,
        field: DOC_NO,
        kind: FaultKind::ScientificNotation,
    });
    let ids = RecordIds::of(&outcome.pack.datasets, &outcome.intake.tables).expect("ids");
    let corrections = vec![
        correction(&outcome, &ids, 0, AMOUNT, Some("0"), Entered::Number(600.5)),
        correction(&outcome, &ids, 2, DOC_NO, Some("1.50102E+17"), text("150102197001011234")),
        correction(&outcome, &ids, 2, DISBURSED, Some("2026年13月"), text("2026-12-31")),
        correction(&outcome, &ids, 1, BALANCE, Some("560"), text("")),
    ];
    let tables = &mut outcome.intake.tables;
    let laid = lay(corrections, &outcome.pack, &outcome.units, &ids, tables).expect("laid");
    assert!(laid.iter().all(|laid| laid.fate == Fate::Applied), "{laid:?}");
    assert_eq!(laid[3].submitted.as_deref(), Some("2026年13月"));
    let cells = Cells::new(&outcome.pack.datasets[0], &tables[0]).expect("cells");
    let plain = |record, field| cells.plain(record, field).map(std::borrow::Cow::into_owned);
    assert_eq!(plain(0, AMOUNT).as_deref(), Some("600.5"));
    assert_eq!(plain(2, DOC_NO).as_deref(), Some("150102197001011234"));
    assert_eq!(plain(2, DISBURSED).as_deref(), Some("2026-12-31"));
    assert_eq!(plain(1, BALANCE), None);
    assert_eq!(plain(5, AMOUNT).as_deref(), Some("1"), "the record of the same key in another unit is another");
    assert!(tables[0].cell_faults.is_empty(), "what was wrong with the old text is gone with it");
}

#[test]
fn a_correction_holds_only_for_the_value_it_corrects() {
    let mut outcome = fixture::outcome();
    let ids = RecordIds::of(&outcome.pack.datasets, &outcome.intake.tables).expect("ids");
    let mut gone = correction(&outcome, &ids, 0, AMOUNT, Some("0"), text("1"));
    gone.record = [9; 10];
    let corrections = vec![
        // The file had 490 when it was corrected, and now has 500; the correction was to 500, then to 510.
        correction(&outcome, &ids, 1, AMOUNT, Some("490"), text("500.00")),
        correction(&outcome, &ids, 1, AMOUNT, Some("490"), text("510")),
        gone,
    ];
    let tables = &mut outcome.intake.tables;
    let laid = lay(corrections, &outcome.pack, &outcome.units, &ids, tables).expect("laid");
    let fates: Vec<_> = laid.iter().map(|laid| laid.fate).collect();
    assert_eq!(fates, [Fate::Adopted, Fate::Changed, Fate::Gone]);
    let cells = Cells::new(&outcome.pack.datasets[0], &tables[0]).expect("cells");
    assert_eq!(cells.plain(1, AMOUNT).as_deref(), Some("500"));
}
