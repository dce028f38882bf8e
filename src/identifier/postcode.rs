//! Postcodes of mainland China: six digits, no check digit.

use super::{Component, Failure, number};

/// A postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Postcode {
    /// The code; those of Inner Mongolia and others begin with 0.
    pub number: u32,
}

/// Checks the form of a postcode.
///
/// # Errors
/// Length, characters, six times the same digit.
pub fn check(value: &str) -> Result<Postcode, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 6 {
        return Err(Failure::Length);
    }
    let number = number(bytes).ok_or(Failure::Format)?;
    if number % 111_111 == 0 {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(Postcode { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("010010"), Ok(Postcode { number: 10_010 }));
        assert_eq!(check("10010"), Err(Failure::Length));
        assert_eq!(check("01001O"), Err(Failure::Format));
        assert_eq!(check("000000"), Err(Failure::Component(Component::Filler)));
        assert_eq!(check("999999"), Err(Failure::Component(Component::Filler)));
    }
}
