//! Business registration numbers (GS 15-2006): 15 digits, the first six the area code of the registering office
//! (100000 for national registration), the last the check digit by ISO 7064 MOD 11,10.

use super::{Component, Failure, checksum::mod_11_10, filler, number};

/// A number taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BizReg {
    /// Area code of the registering office.
    pub area: u32,
}

/// Checks a number of 15 digits. Whether the area code is known is not asked: offices of development zones have codes
/// of their own.
///
/// # Errors
/// Length, characters, check digit, a filler.
pub fn check(value: &str) -> Result<BizReg, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 15 {
        return Err(Failure::Length);
    }
    let (body, last) = bytes.split_at(14);
    let check = mod_11_10(body).ok_or(Failure::Format)?;
    let area = number(&body[..6]).ok_or(Failure::Format)?;
    if !matches!(last, [b'0'..=b'9']) {
        return Err(Failure::Format);
    }
    if last != [check] {
        return Err(Failure::Checksum);
    }
    if filler::is_filler(&value[..14]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(BizReg { area })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_is_given() {
        assert_eq!(check("110108000000016"), Ok(BizReg { area: 110_108 }));
    }

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("11010800000001"), Err(Failure::Length));
        assert_eq!(check("1101080000000A6"), Err(Failure::Format));
        assert_eq!(check("11010800000001X"), Err(Failure::Format));
        assert_eq!(check("一二三四五"), Err(Failure::Format));
        assert_eq!(check("110108000000017"), Err(Failure::Checksum));
    }
}
