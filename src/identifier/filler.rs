//! Text typed only to fill a cell that may not be blank: one character repeated, running digits, words for "none".

/// Words for "no number", as they are found in number columns.
const WORDS: [&str; 15] = [
    "无",
    "无证件",
    "无号码",
    "没有",
    "暂无",
    "不详",
    "未知",
    "未提供",
    "待补",
    "待补充",
    "空",
    "NULL",
    "NONE",
    "N/A",
    "NA",
];

/// Whether the value is a filler: three or more times the same digit or letter, zeros or signs only, four or more
/// digits that run up or down by one (9 and 0 are neighbours), or a word for "none". Hyphens and blanks between do not
/// count; nothing at all is no filler.
pub fn is_filler(value: &str) -> bool {
    let mut seen = Run::default();
    for byte in value.bytes() {
        match byte {
            b'-' | b' ' => {}
            // Runs are of ASCII; a word for "none" is Chinese or Latin letters.
            byte if byte.is_ascii() => seen.add(byte),
            _ => return is_word(value),
        }
        if seen.broken() {
            return is_word(value);
        }
    }
    seen.is_filler() || (seen.length == 0 && value.contains('-')) || is_word(value)
}

/// Whether the value is a word for "none".
pub(super) fn is_word(value: &str) -> bool {
    let value = value.trim();
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// What the characters so far have in common.
#[derive(Default)]
struct Run {
    length: usize,
    first: u8,
    last: u8,
    same: bool,
    up: bool,
    down: bool,
}

impl Run {
    fn add(&mut self, byte: u8) {
        if self.length == 0 {
            *self = Run { length: 1, first: byte, last: byte, same: true, up: true, down: true };
            return;
        }
        let digits = byte.is_ascii_digit() && self.last.is_ascii_digit();
        let step = |from: u8, to: u8| digits && (from - b'0' + 1) % 10 == to - b'0';
        self.same &= byte == self.first;
        self.up &= step(self.last, byte);
        self.down &= digits && step(byte, self.last);
        self.last = byte;
        self.length += 1;
    }

    fn broken(&self) -> bool {
        self.length > 1 && !(self.same || self.up || self.down)
    }

    fn is_filler(&self) -> bool {
        let sign = !self.first.is_ascii_alphanumeric();
        match self.length {
            0 => false,
            1 | 2 => self.same && (sign || self.first == b'0'),
            3 => self.same,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers() {
        let fillers = [
            "0",
            "00",
            "00000000-0",
            "000000000000000000",
            "111111111",
            "XXXXXXXXX",
            "12345678",
            "123456789012345678",
            "987654321",
            "0987654321",
            "1234",
            "-",
            "--",
            "/",
            "***",
            "无",
            " 无 ",
            "不详",
            "n/a",
            "NULL",
        ];
        for value in fillers {
            assert!(is_filler(value), "{value}");
        }
    }

    #[test]
    fn numbers() {
        let numbers = [
            "",
            " ",
            "1",
            "11",
            "12",
            "123",
            "753468708",
            "E00000002",
            "150102198503051238",
            "1111111112",
            "12345679",
            "无锡",
            "123456788",
            "110000",
        ];
        for value in numbers {
            assert!(!is_filler(value), "{value}");
        }
    }
}
