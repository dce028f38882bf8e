//! What a cell holds, shortened to four bytes: enough to see that it changed, too little to tell what it was.

use crate::message::{Cells, Value};

/// Start and factor of the FNV-1a hash of 32 bits: kept in ledgers, so never to be changed.
const START: u32 = 0x811c_9dc5;
const FACTOR: u32 = 0x0100_0193;

/// The mark of a cell: the same for values that are equal however they are spelt.
pub fn mark(cells: &Cells<'_>, record: u32, field: u16) -> u32 {
    match cells.value(record, field) {
        Value::Blank => match cells.submitted(record, field) {
            Some(text) => hash(1, text.as_bytes()),
            None => hash(0, &[]),
        },
        Value::Text(text) => hash(2, text.as_bytes()),
        Value::Number { mantissa, .. } => hash(3, &mantissa.to_le_bytes()),
        Value::Integer(number) => hash(4, &number.to_le_bytes()),
        Value::Date(day) => hash(5, day.to_string().as_bytes()),
    }
}

fn hash(kind: u8, bytes: &[u8]) -> u32 {
    std::iter::once(&kind).chain(bytes).fold(START, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::fixture;

    #[test]
    fn marks_are_those_of_the_value() {
        // FNV-1a of the bytes 02 61, computed by hand from the definition.
        let step = |hash: u64, byte: u64| (hash ^ byte) * 0x0100_0193 % (1 << 32);
        assert_eq!(u64::from(hash(2, b"a")), step(step(0x811c_9dc5, 2), 0x61));
        let mut outcome = fixture::outcome();
        let cells = |outcome: &crate::outcome::Outcome| {
            let cells = Cells::new(&outcome.pack.datasets[0], &outcome.intake.tables[0]).expect("cells");
            [(1, fixture::AMOUNT), (4, fixture::AMOUNT), (5, fixture::AMOUNT)]
                .map(|(record, field)| mark(&cells, record, field))
        };
        let before = cells(&outcome);
        outcome.intake.tables[0].submitted.clear();
        assert_eq!(cells(&outcome), before, "500.00 is 500");
        assert_eq!(before[1], before[2]);
        assert_ne!(before[0], before[1]);
    }
}
