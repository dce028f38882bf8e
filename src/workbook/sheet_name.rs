//! Names of worksheets: what Excel forbids is replaced, and no two are alike.

use std::collections::HashSet;

/// Longest name, in UTF-16 units.
const LONGEST: usize = 31;

/// Gives out names of one workbook.
pub struct SheetNames {
    taken: HashSet<String>,
}

impl SheetNames {
    /// Names not to be given out.
    pub fn new(reserved: &[&str]) -> Self {
        // `History` is the name Excel keeps for itself.
        let taken = reserved.iter().chain(&["History"]).map(|name| name.to_lowercase()).collect();
        Self { taken }
    }

    /// A name as near to `wanted` as Excel allows, not given out before.
    pub fn take(&mut self, wanted: &str) -> String {
        let clean: String =
            wanted.chars().map(|c| if c.is_control() || "[]:*?/\\".contains(c) { '_' } else { c }).collect();
        let clean = clean.trim().trim_matches('\'');
        let base = if clean.is_empty() { "Sheet" } else { clean };
        let mut name = shortened(base, LONGEST);
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            let suffix = format!(" ({number})");
            name = shortened(base, LONGEST - suffix.len()) + &suffix;
            number += 1;
        }
        name
    }
}

fn shortened(text: &str, longest: usize) -> String {
    let mut length = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            length += c.len_utf16();
            length <= longest
        })
        .collect();
    kept.trim_end_matches(['\'', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_distinct() {
        let mut names = SheetNames::new(&["说明"]);
        assert_eq!(names.take("贷款明细"), "贷款明细");
        assert_eq!(names.take("贷款明细"), "贷款明细 (2)");
        assert_eq!(names.take("说明"), "说明 (2)");
        assert_eq!(names.take("a/b[c]:*?\\"), "a_b_c_____");
        assert_eq!(names.take("LOANS"), "LOANS");
        assert_eq!(names.take("loans"), "loans (2)");
        assert_eq!(names.take("'quoted'"), "quoted");
        assert_eq!(names.take(""), "Sheet");
        assert_eq!(names.take("history"), "history (2)");
    }

    #[test]
    fn long_names_are_cut_in_utf16_units() {
        let mut names = SheetNames::new(&[]);
        let wide = "𠮷".repeat(20);
        assert_eq!(names.take(&wide), "𠮷".repeat(15));
        assert_eq!(names.take(&wide), "𠮷".repeat(13) + " (2)");
        assert_eq!(names.take(&"长".repeat(40)).encode_utf16().count(), 31);
    }
}
