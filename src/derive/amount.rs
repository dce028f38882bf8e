//! Exact money and ratios: fen as whole numbers, ratios in millionths. No floating point.
//!
//! Knows nothing of datasets.

use crate::pack::{AmountUnit, Literal, sql::scaled};

/// A whole in millionths: 1 % is 10,000, a basis point 100.
pub const WHOLE_PPM: i128 = 1_000_000;

/// Amounts beyond this many fen are taken as unreadable. No sum of money is as large; one amount fits into 64 bits, and
/// every sum and product below stays within 128.
pub const LARGEST_FEN: i128 = 10_i128.pow(18);

/// Decimal places of a per cent figure that reach down to a millionth.
const PERCENT_SCALE: usize = 4;

/// A number with `from` decimal places as one with `to`; nothing if digits would be lost or it is too large.
pub(super) fn rescale(value: i128, from: usize, to: usize) -> Option<i128> {
    let factor = 10_i128.checked_pow(u32::try_from(from.abs_diff(to)).ok()?)?;
    if from <= to { value.checked_mul(factor) } else { (value % factor == 0).then(|| value / factor) }
}

/// A parameter stated in `unit` as fen; nothing if it is no number, finer than a fen, or absurdly large.
pub fn literal_fen(literal: &Literal, unit: AmountUnit) -> Option<i128> {
    let (value, scale) = literal_number(literal)?;
    rescale(value, scale, usize::from(unit.fen_scale())).filter(|fen| fen.abs() <= LARGEST_FEN)
}

/// A parameter stated in per cent as millionths; nothing if it is no number or finer than a millionth.
pub fn literal_ppm(literal: &Literal) -> Option<i128> {
    let (value, scale) = literal_number(literal)?;
    rescale(value, scale, PERCENT_SCALE)
}

fn literal_number(literal: &Literal) -> Option<(i128, usize)> {
    match literal {
        Literal::Integer(number) => Some((i128::from(*number), 0)),
        Literal::Decimal(digits) => scaled(digits),
        Literal::Text(_) | Literal::Date(_) | Literal::Bool(_) => None,
    }
}

/// `part` of `whole` in millionths, rounded half to even; nothing if `whole` is not positive.
pub fn ratio_ppm(part: i128, whole: i128) -> Option<i128> {
    if whole <= 0 {
        return None;
    }
    let scaled = part.checked_mul(WHOLE_PPM)?;
    let (below, rest) = (scaled.div_euclid(whole), scaled.rem_euclid(whole));
    let up = match rest.cmp(&(whole - rest)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => below % 2 != 0,
    };
    Some(below + i128::from(up))
}

/// Millionths as per cent, without zeros at the end: 125,000 is `12.5`.
pub fn percent_text(ppm: i128) -> String {
    let sign = if ppm < 0 { "-" } else { "" };
    let (whole, fraction) = (ppm.unsigned_abs() / 10_000, ppm.unsigned_abs() % 10_000);
    let text = format!("{sign}{whole}.{fraction:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_round_half_to_even() {
        // 1/3, 2/3; 0.5, 1.5 and 2.5 millionths.
        assert_eq!(ratio_ppm(1, 3), Some(333_333));
        assert_eq!(ratio_ppm(2, 3), Some(666_667));
        assert_eq!(ratio_ppm(1, 2_000_000), Some(0));
        assert_eq!(ratio_ppm(3, 2_000_000), Some(2));
        assert_eq!(ratio_ppm(5, 2_000_000), Some(2));
        assert_eq!(ratio_ppm(-1, 2_000_000), Some(0));
        assert_eq!(ratio_ppm(-3, 2_000_000), Some(-2));
        assert_eq!(ratio_ppm(1, 0), None);
        assert_eq!(ratio_ppm(1, -5), None);
    }

    #[test]
    fn parameters() {
        let decimal = |digits: &str| Literal::Decimal(digits.to_owned());
        assert_eq!(literal_fen(&decimal("500.00"), AmountUnit::WanYuan), Some(500_000_000));
        assert_eq!(literal_fen(&Literal::Integer(3), AmountUnit::Yuan), Some(300));
        assert_eq!(literal_fen(&decimal("0.001"), AmountUnit::Yuan), None);
        assert_eq!(literal_fen(&decimal("0.010"), AmountUnit::Yuan), Some(1));
        assert_eq!(literal_ppm(&decimal("2.5")), Some(25_000));
        assert_eq!(literal_ppm(&Literal::Integer(10)), Some(100_000));
        assert_eq!(literal_ppm(&Literal::Text("10".to_owned())), None);
    }

    #[test]
    fn per_cent() {
        assert_eq!(percent_text(125_000), "12.5");
        assert_eq!(percent_text(500_000), "50");
        assert_eq!(percent_text(-1), "-0.0001");
        assert_eq!(percent_text(0), "0");
    }
}
