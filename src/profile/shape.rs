//! The shape of a value: every digit 9, every capital A, every small letter a, every Chinese character 汉. Says how
//! values are built without showing any.

use std::fmt::Write as _;

use crate::ingest::characters::is_hanzi;

/// Repetitions from which on a run is written as a number: `9{18}`.
const LONG_RUN: usize = 5;

/// Longest shape, in characters.
const LONGEST: usize = 40;

/// The shape of a text.
pub fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut run: Option<(char, usize)> = None;
    for class in text.chars().map(class) {
        run = match run {
            Some((last, count)) if last == class && is_class(class) => Some((last, count + 1)),
            _ => {
                write_run(&mut shape, run);
                Some((class, 1))
            }
        };
        if shape.chars().count() > LONGEST {
            return shape.chars().take(LONGEST).collect::<String>() + "…";
        }
    }
    write_run(&mut shape, run);
    shape
}

fn write_run(shape: &mut String, run: Option<(char, usize)>) {
    match run {
        Some((class, count)) if count < LONG_RUN => shape.extend(std::iter::repeat_n(class, count)),
        Some((class, count)) => {
            // Writing to a string cannot fail.
            let _ = write!(shape, "{class}{{{count}}}");
        }
        None => {}
    }
}

fn is_class(c: char) -> bool {
    matches!(c, '9' | 'A' | 'a' | '汉' | '文')
}

fn class(c: char) -> char {
    match c {
        '0'..='9' | '０'..='９' => '9',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        _ if is_hanzi(c) => '汉',
        _ if c.is_alphabetic() => '文',
        _ if c.is_control() => '?',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn shapes_show_no_value() {
        for (text, expected) in [
            ("2026-09", "9999-99"),
            ("150102198503051238", "9{18}"),
            ("91150102MA0NABCD5T", "9{8}AA9A{5}9A"),
            ("农信借字2024第0301号", "汉汉汉汉9999汉9999汉"),
            ("内蒙古自治区样板路161号", "汉{9}999汉"),
            ("1,200.50", "9,999.99"),
            ("１２", "99"),
            ("", ""),
        ] {
            assert_eq!(shape(text), expected);
        }
        assert_eq!(shape(&"a1".repeat(100)).chars().count(), 41);
    }
}
