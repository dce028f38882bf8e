//! Bank card numbers (ISO/IEC 7812): 13 to 19 digits, the last the check digit by Luhn's formula.

use super::{Component, Failure, filler};

/// A number taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankCard<'a> {
    /// The first six digits, which name the issuer.
    pub issuer: &'a str,
}

/// Checks a number of 13 to 19 digits.
///
/// # Errors
/// Length, characters, check digit, a filler.
pub fn check(value: &str) -> Result<BankCard<'_>, Failure> {
    let bytes = value.as_bytes();
    if !(13..=19).contains(&bytes.len()) {
        return Err(Failure::Length);
    }
    let mut sum = 0;
    for (index, byte) in bytes.iter().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(Failure::Format);
        }
        let digit = u32::from(byte - b'0');
        // Every second digit from the right is doubled; of a double with two digits the digits are added.
        sum += match (index % 2, digit) {
            (0, digit) => digit,
            (_, 0..=4) => digit * 2,
            _ => digit * 2 - 9,
        };
    }
    if sum % 10 != 0 {
        return Err(Failure::Checksum);
    }
    if filler::is_filler(&value[..value.len() - 1]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(BankCard { issuer: &value[..6] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("6228480012345678903"), Ok(BankCard { issuer: "622848" }));
        assert_eq!(check("622848001234"), Err(Failure::Length));
        assert_eq!(check("622848001234567890X"), Err(Failure::Format));
        assert_eq!(check("6228480012345678900"), Err(Failure::Checksum));
        assert_eq!(check("0000000000000000"), Err(Failure::Component(Component::Filler)));
    }
}
