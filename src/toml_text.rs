//! Pieces of TOML files the program writes for people to edit.

/// A string in quotes, on one line.
pub fn quoted(text: &str) -> String {
    toml::Value::String(one_line(text)).to_string()
}

/// The text without line breaks and other control characters, as comments must be.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn any_text_comes_back_on_one_line() {
        for text in ["", "客户", "a\"b", "a\\b", "it's \"\"\"", "\"'\\", "'''", "# no comment", "\u{feff}x"] {
            let written = quoted(text);
            assert!(!written.contains('\n'), "{written}");
            let table: toml::Table =
                format!("a = {written}").parse().unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(table.get("a").and_then(toml::Value::as_str), Some(text));
        }
        assert_eq!(quoted("a\nb"), quoted("a b"));
    }
}
