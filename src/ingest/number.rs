//! Numbers of cells and texts as exact decimals.
//!
//! Knows nothing of cells, fields or files. A decimal is an integer `mantissa` that stands for `mantissa / 10^scale`.

/// Why a number has no exact decimal at the scale asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inexact {
    /// It has more decimal places.
    TooManyDecimals,
    /// It is no number, or has more digits than a decimal can hold.
    NotANumber,
}

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// Integers below 2^53 are exact in binary64.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// The least integer of 16 digits.
const FIFTEEN_DIGITS: i64 = 1_000_000_000_000_000;
/// Digits that fit a decimal of precision 38.
const LIMIT: i128 = 10_i128.pow(37);

/// The decimal of a number cell at `scale` places. Negative scales round nothing: `scale` −2 takes multiples of 100.
///
/// A number whose shortest decimal has up to 15 significant digits is taken as that; of others the first 15 digits are,
/// which is what Excel shows, so that `0.1 + 0.2` is `0.3`.
///
/// # Errors
/// If it has more decimal places, or is too large.
pub fn decimal_of_f64(value: f64, scale: i32) -> Result<i128, Inexact> {
    if let Some(power) = usize::try_from(scale).ok().and_then(|scale| POWERS.get(scale)) {
        let scaled = value * power;
        if scaled.abs() < EXACT {
            // `power` and the rounded integer are exact and the division is correctly rounded, so equality means that
            // this decimal is one whose nearest binary64 is `value`.
            #[allow(clippy::cast_possible_truncation, reason = "below 2^53")]
            let rounded = (scaled + 0.5_f64.copysign(scaled)) as i64;
            #[allow(clippy::cast_precision_loss, reason = "exact below 2^53")]
            let distance = (rounded as f64 / power - value).abs();
            if distance == 0.0 {
                return Ok(i128::from(rounded));
            }
            // One unit in the last place of binary64 is less than half a unit of the 15th digit: the decimal, if it has
            // no more digits, is the number to 15 digits.
            if distance <= f64::EPSILON * value.abs() && rounded.abs() < FIFTEEN_DIGITS {
                return Ok(i128::from(rounded));
            }
        }
    }
    let (mantissa, exponent) = fifteen_digits(value).ok_or(Inexact::NotANumber)?;
    shifted(i128::from(mantissa), exponent + scale)
}

/// The number to 15 significant digits: mantissa and power of ten.
fn fifteen_digits(value: f64) -> Option<(i64, i32)> {
    let text = format!("{value:.14e}");
    let (digits, exponent) = text.split_once('e')?;
    let mantissa: i64 = digits.replace('.', "").parse().ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    Some((mantissa, exponent - 14))
}

/// `mantissa * 10^exponent`, exactly.
fn shifted(mut mantissa: i128, mut exponent: i32) -> Result<i128, Inexact> {
    while exponent < 0 {
        if mantissa % 10 != 0 {
            return Err(Inexact::TooManyDecimals);
        }
        if mantissa == 0 {
            return Ok(0);
        }
        mantissa /= 10;
        exponent += 1;
    }
    while exponent > 0 && mantissa != 0 {
        if mantissa.abs() >= LIMIT {
            return Err(Inexact::NotANumber);
        }
        mantissa *= 10;
        exponent -= 1;
    }
    Ok(mantissa)
}

/// The decimal of a plain text such as `-1234.50` at `scale` places: sign, digits, point, digits; nothing else.
///
/// # Errors
/// If it is anything else, or has more decimal places that are not zero.
pub fn decimal_of_text(text: &str, scale: i32) -> Result<i128, Inexact> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let mut mantissa: i128 = 0;
    let mut places: i32 = 0;
    let mut seen_digit = false;
    let mut seen_point = false;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                if mantissa >= LIMIT {
                    return Err(Inexact::NotANumber);
                }
                mantissa = mantissa * 10 + i128::from(byte - b'0');
                places += i32::from(seen_point);
                seen_digit = true;
            }
            b'.' if !seen_point => seen_point = true,
            _ => return Err(Inexact::NotANumber),
        }
    }
    if !seen_digit {
        return Err(Inexact::NotANumber);
    }
    shifted(if negative { -mantissa } else { mantissa }, scale - places)
}

/// The number as Excel shows it in a wide enough cell of general format: up to 15 significant digits, no exponent.
pub fn shown(value: f64) -> String {
    let Some((mantissa, exponent)) = fifteen_digits(value) else { return value.to_string() };
    let digits = mantissa.unsigned_abs().to_string();
    let sign = if mantissa < 0 { "-" } else { "" };
    if mantissa == 0 {
        return "0".to_owned();
    }
    let point = i64::try_from(digits.len()).unwrap_or(0) + i64::from(exponent);
    let text = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0)))
    } else {
        let point = usize::try_from(point).unwrap_or(0);
        match digits.split_at_checked(point) {
            Some((whole, fraction)) => format!("{whole}.{fraction}"),
            None => return format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
        }
    };
    format!("{sign}{}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_cells_are_exact_to_the_fen() {
        for (value, scale, expected) in [
            (499.99, 6, 499_990_000),
            (500.0, 6, 500_000_000),
            (500.01, 6, 500_010_000),
            (-0.01, 2, -1),
            (0.1 + 0.2, 2, 30),
            (1.005, 3, 1005),
            (4.35, 2, 435),
            (123_456_789_012.34, 2, 12_345_678_901_234),
            (0.0, 2, 0),
            (-0.0, 2, 0),
            (1e21, 2, 100_000_000_000_000_000_000_000),
            (4_350_000.0, -4, 435),
        ] {
            assert_eq!(decimal_of_f64(value, scale), Ok(expected), "{value} at {scale}");
        }
        assert_eq!(decimal_of_f64(0.125, 2), Err(Inexact::TooManyDecimals));
        assert_eq!(decimal_of_f64(1.0 / 3.0, 6), Err(Inexact::TooManyDecimals));
        assert_eq!(decimal_of_f64(12_345.0, -4), Err(Inexact::TooManyDecimals));
        assert_eq!(decimal_of_f64(1e40, 2), Err(Inexact::NotANumber));
        assert_eq!(decimal_of_f64(f64::NAN, 2), Err(Inexact::NotANumber));
        assert_eq!(decimal_of_f64(f64::INFINITY, 2), Err(Inexact::NotANumber));
    }

    /// The quick way gives what the slow one does, with and without noise in the last place.
    #[test]
    fn noise_of_one_unit_is_rounded_like_fifteen_digits() {
        let mut cents: i64 = 11;
        for step in 0..200_000 {
            cents = (cents * 69_069 + 362_437) % 9_999_999_999_973;
            #[allow(clippy::cast_precision_loss, reason = "a test value")]
            let value = cents as f64 / 1e6;
            let noisy = [value, value.next_up(), value.next_down(), value / 3.0];
            for value in noisy {
                let (mantissa, exponent) = fifteen_digits(value).expect("a number");
                assert_eq!(
                    decimal_of_f64(value, 6),
                    shifted(i128::from(mantissa), exponent + 6),
                    "{value} step {step}"
                );
            }
        }
    }

    /// Every amount of up to 14 digits survives the way through binary64 (sampled).
    #[test]
    fn cents_survive_binary64() {
        let mut cents: i64 = 7;
        for _ in 0..200_000 {
            cents = (cents * 69_069 + 1_442_695) % 99_999_999_999_973;
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            let value: f64 = text.parse().expect("a number");
            assert_eq!(decimal_of_f64(value, 2), Ok(i128::from(cents)), "{text}");
        }
    }

    #[test]
    fn plain_texts_are_read_and_nothing_else() {
        assert_eq!(decimal_of_text("1234.50", 2), Ok(123_450));
        assert_eq!(decimal_of_text("-0.5", 6), Ok(-500_000));
        assert_eq!(decimal_of_text("+7", 0), Ok(7));
        assert_eq!(decimal_of_text("1.2300", 2), Ok(123));
        assert_eq!(decimal_of_text("1.234", 2), Err(Inexact::TooManyDecimals));
        assert_eq!(decimal_of_text("9".repeat(50).as_str(), 2), Err(Inexact::NotANumber));
        for text in ["", "-", ".", "1.2.3", "1e5", "1,000", "12 3", "0x1", "１"] {
            assert_eq!(decimal_of_text(text, 2), Err(Inexact::NotANumber), "{text}");
        }
    }

    #[test]
    fn shows_what_excel_shows() {
        for (value, text) in [
            (150_102_198_503_051_238.0, "150102198503051000"),
            (46295.0, "46295"),
            (0.1 + 0.2, "0.3"),
            (1234.5, "1234.5"),
            (-0.05, "-0.05"),
            (0.0, "0"),
            (100.0, "100"),
        ] {
            assert_eq!(shown(value), text);
        }
    }
}
