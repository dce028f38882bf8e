//! Travel permits to the mainland: of Hong Kong and Macau residents (回乡证) `H` or `M` and 8 or 10 digits, of Taiwan
//! residents (台胞证) 8 digits, 10 on old ones. No check digit: the form is all there is.

use super::{Component, Failure, filler, number, residence_permit::Origin};

/// A permit's number taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TravelPermit {
    /// Where the holder comes from.
    pub origin: Origin,
}

/// Checks a number of 8 to 11 characters.
///
/// # Errors
/// Length, characters, a filler.
pub fn check(value: &str) -> Result<TravelPermit, Failure> {
    let (origin, digits) = match value.as_bytes() {
        [b'H', digits @ ..] => (Origin::HongKong, digits),
        [b'M', digits @ ..] => (Origin::Macau, digits),
        digits => (Origin::Taiwan, digits),
    };
    let (8 | 10) = digits.len() else { return Err(Failure::Length) };
    let (head, tail) = digits.split_at(digits.len() - 8);
    if number(tail).is_none() || number(head).is_none() {
        return Err(Failure::Format);
    }
    if filler::is_filler(&value[value.len() - digits.len()..]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(TravelPermit { origin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let origin = |value| check(value).map(|permit| permit.origin);
        assert_eq!(origin("H60728194"), Ok(Origin::HongKong));
        assert_eq!(origin("M6072819401"), Ok(Origin::Macau));
        assert_eq!(origin("60728194"), Ok(Origin::Taiwan));
        assert_eq!(origin("6072819401"), Ok(Origin::Taiwan));
        assert_eq!(origin("H607281940"), Err(Failure::Length));
        assert_eq!(origin("T60728194"), Err(Failure::Length));
        assert_eq!(origin("H6072819A"), Err(Failure::Format));
        assert_eq!(origin("H00000000"), Err(Failure::Component(Component::Filler)));
    }
}
