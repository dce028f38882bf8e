//! The page for browsers: self-contained, masked, and without a way for data to become markup.

use super::sample;
use crate::desk::{BOOK, Cell, Desk, book, clean};

#[test]
fn it_asks_for_nothing_and_reads_without_scripts() {
    let page = std::fs::read_to_string(sample().join("report.html")).expect("the page");
    for word in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    for part in ["<html lang=\"zh-CN\">", "<caption>", "scope=\"col\"", "aria-live=\"polite\"", "label for=\"f-unit\""]
    {
        assert!(page.contains(part), "{part}");
    }
    let findings = page.matches("<tr data-unit=").count();
    let listed = std::fs::read_to_string(sample().join("findings.csv")).expect("the list");
    let mut reader = csv::Reader::from_reader(listed.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(findings, reader.records().count());
    for tag in ["table", "tbody", "form", "select", "main", "svg"] {
        assert_eq!(page.matches(&format!("<{tag}")).count(), page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn no_number_of_an_identity_card_is_on_it() {
    let page = std::fs::read_to_string(sample().join("report.html")).expect("the page");
    let mut run = String::new();
    for c in page.chars() {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        let card = run.len() >= 17 && run.get(6..10).is_some_and(|year| ("1900".."2030").contains(&year));
        assert!(!card, "{run}");
        run.clear();
    }
}

#[test]
fn data_stays_text() {
    let desk = Desk::new();
    let [mut customers, shareholders, loans] = clean();
    customers.set(0, "客户名称", Cell::Text("<img src=x onerror=alert(1)>&\"".to_owned()));
    desk.put(BOOK, &book(&[customers, shareholders, loans]));
    desk.run();
    let page = std::fs::read_to_string(desk.out().join("2026-10/report.html")).expect("the page");
    assert!(!page.contains("<img"));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;"));
}
