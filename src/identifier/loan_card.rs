//! Loan card codes of the credit registry (中征码): 14 digits or letters and two check digits, 01 to 97.
//!
//! The weighted sum of the 14 characters (A = 10 … Z = 35) modulo 97, plus 1.

use super::{Component, Failure, checksum::value36, filler, number};

const WEIGHTS: [u32; 14] = [1, 3, 5, 7, 11, 2, 13, 1, 1, 17, 19, 97, 23, 29];

/// A code taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanCard<'a> {
    /// The 14 characters before the check digits.
    pub body: &'a str,
}

/// Checks a code of 16 characters.
///
/// # Errors
/// Length, characters, check digits, a filler.
pub fn check(value: &str) -> Result<LoanCard<'_>, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 16 {
        return Err(Failure::Length);
    }
    let check = number(&bytes[14..]).ok_or(Failure::Format)?;
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += value36(*byte).ok_or(Failure::Format)? * weight;
    }
    if check != sum % 97 + 1 {
        return Err(Failure::Checksum);
    }
    let body = &value[..14];
    if filler::is_filler(body) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(LoanCard { body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("1501020000123438"), Ok(LoanCard { body: "15010200001234" }));
        assert_eq!(check("150102000012343"), Err(Failure::Length));
        assert_eq!(check("15010200001234A8"), Err(Failure::Format));
        assert_eq!(check("150102000012-438"), Err(Failure::Format));
        assert_eq!(check("1501020000123400"), Err(Failure::Checksum));
        // A sum of 0 gives the check digits 01.
        assert_eq!(check("0000000000000001"), Err(Failure::Component(Component::Filler)));
    }
}
