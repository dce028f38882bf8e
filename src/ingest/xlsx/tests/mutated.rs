//! Workbooks damaged at random: no panic, no endless run, and never other cells than calamine finds.

use std::time::{Duration, Instant};

use super::{rng::Rng, *};

/// Damaged workbooks tried; more if the environment says so.
fn attempts(usual: u64) -> u64 {
    std::env::var("BAOSONG_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Pieces of XML put in anywhere.
const PIECES: [&str; 40] = [
    "<",
    ">",
    "\"",
    "'",
    "&",
    ";",
    "/",
    "=",
    " ",
    "\n",
    "\r",
    "0",
    "9",
    "-",
    "A",
    "&amp;",
    "&#x41;",
    "<c>",
    "</c>",
    "<c/>",
    "<v>",
    "</v>",
    "<v/>",
    "<row>",
    "</row>",
    "<f>",
    "</f>",
    "<is>",
    "</is>",
    "<t>",
    "</t>",
    "<si>",
    "</si>",
    "</sheetData>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?a?>",
    "\u{feff}",
];

const SHEET: &str = r#"<sheetPr/><dimension ref="A1:F9"/><sheetViews><sheetView workbookViewId="0"/></sheetViews><sheetData><row r="1" spans="1:4"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>46295</v></c><c r="C1" t="str"><f>A1&amp;"x"</f><v>a&lt;b</v></c></row><row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> 甲 </t></is></c><c r="B2"><v>-12.5</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c></row><row r="4"><c r="A4" s="3"><v>1.5E-3</v></c><c r="B4" s="2"/><c r="C4"><f t="shared" si="0"/></c><c r="D4" t="s"><v>3</v></c><c r="F4" t="inlineStr"><is><r><rPr><b/></rPr><t>乙</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>"#;

fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=rng.below(2) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len());
        let length = rng.below(12).min(bytes.len() - at);
        let last = bytes.len() - 1;
        match rng.below(7) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = u8::try_from(rng.below(256)).expect("a byte"),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copied = bytes[at..at + length].to_vec();
                let to = rng.below(bytes.len());
                drop(bytes.splice(to..to, copied));
            }
            4 => drop(bytes.splice(at..at, rng.pick(&PIECES).bytes())),
            5 => drop(bytes.splice(at..at + length, rng.pick(&PIECES).bytes())),
            _ if rng.chance(10) => bytes.truncate(at),
            _ => bytes.swap(at, (at + length).min(last)),
        }
    }
}

/// Differences that are none in the cells.
const KNOWN: [&str; 2] = [
    // How a shared formula is shared: of no interest for the cells.
    "si attribute",
    // Hidden rows are no matter of calamine; beside it they are sought by their marks alone.
    "hidden rows",
];

/// No reader may take so long for some kilobytes.
const LONG: Duration = Duration::from_secs(10);

/// What the tries came to.
#[derive(Default)]
struct Tally {
    same: u64,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, seed: u64, bytes: &[u8], parts: &dyn Fn() -> String) {
        let timed = || {
            let started = Instant::now();
            (compare(bytes), started.elapsed())
        };
        let (verdict, taken) = timed();
        // A busy machine may hold the test up once.
        assert!(taken < LONG || timed().1 < LONG, "seed {seed} takes {taken:?}");
        match verdict {
            Verdict::Same => self.same += 1,
            Verdict::Differ(how) if !KNOWN.iter().any(|reason| how.contains(reason)) => {
                self.failures.push(format!("seed {seed}: {how}\n{}", parts()));
            }
            Verdict::Differ(_) | Verdict::Stopped(_) => {}
        }
    }

    fn assert_none_failed(&self) {
        let first: Vec<&str> = self.failures.iter().take(5).map(String::as_str).collect();
        assert!(first.is_empty(), "{} differ:\n{}", self.failures.len(), first.join("\n\n"));
    }
}

/// The XML is damaged and the package whole, so that the damage reaches the scan.
#[test]
fn damaged_xml_is_read_alike_or_handed_over() {
    let whole = Parts::around(SHEET);
    let names = [
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/workbook.xml",
    ];
    let mut tally = Tally::default();
    let attempts = attempts(4_000);
    for seed in 0..attempts {
        let mut rng = Rng::new(seed);
        let name = rng.pick(&names);
        let mut content = whole.text(name).into_bytes();
        damage(&mut rng, &mut content);
        let parts = whole.clone().with(name, content.clone());
        let shown = || format!("{name}: {}", String::from_utf8_lossy(&content));
        tally.add(seed, &parts.packed_with(Parts::stored()), &shown);
    }
    tally.assert_none_failed();
    assert!(tally.same * 10 > attempts, "only {} of {attempts} were read by both", tally.same);
}

/// The package itself is damaged: one that was zipped and one that was only stored.
#[test]
fn damaged_packages_are_read_alike_or_handed_over() {
    let whole = Parts::around(SHEET);
    let mut tally = Tally::default();
    for (kind, packed) in
        [whole.packed(), whole.packed_with(Parts::stored()), whole.packed_with_descriptors()].iter().enumerate()
    {
        for seed in 0..attempts(600) {
            let mut rng = Rng::new(seed << 2 | kind as u64);
            let mut bytes = packed.clone();
            damage(&mut rng, &mut bytes);
            tally.add(seed, &bytes, &|| format!("package {kind}"));
        }
    }
    tally.assert_none_failed();
}
