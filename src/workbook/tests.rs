use super::*;
use crate::{message::fixture, text::Lang};

#[test]
fn look() {
    let outcome = fixture::outcome();
    write_error_workbook(&outcome, 0, Lang::Zh, std::path::Path::new("/tmp/look/small.xlsx")).expect("written");
    let start = std::time::Instant::now();
    let outcome = fixture::large(500_000, 62);
    println!("built {:?} findings {}", start.elapsed(), outcome.findings.len());
    let start = std::time::Instant::now();
    let renderer = crate::message::Renderer::new(&outcome, Lang::Zh, true).expect("r");
    let total: usize = outcome.findings.iter().map(|f| renderer.message(f).len() + renderer.fix(f).len()).sum();
    println!("render {:?} {total}", start.elapsed());
    let start = std::time::Instant::now();
    renderer.fingerprints(&outcome.findings);
    println!("fingerprints {:?}", start.elapsed());
    let start = std::time::Instant::now();
    write_error_workbook(&outcome, 0, Lang::Zh, std::path::Path::new("/tmp/look/large.xlsx")).expect("written");
    println!("workbook {:?}", start.elapsed());
    let start = std::time::Instant::now();
    crate::listing::write_findings_csv(&outcome, Lang::Zh, std::path::Path::new("/tmp/look/large.csv"))
        .expect("written");
    println!("csv {:?}", start.elapsed());
    let start = std::time::Instant::now();
    crate::listing::write_findings_parquet(&outcome, Lang::Zh, std::path::Path::new("/tmp/look/large.parquet"))
        .expect("written");
    println!("parquet {:?}", start.elapsed());
}
