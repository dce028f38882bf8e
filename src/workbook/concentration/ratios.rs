//! The sheet 指标: each ratio against its limit, and what is needed for those that cannot be evaluated.

use anyhow::Result;
use rust_xlsxwriter::{Chart, ChartLegendPosition, ChartSolidFill, Workbook};

use super::{Concentration, customer_name, left_out};
use crate::{
    derive::{
        amount::percent_text,
        limits::{
            Base, Measure, Measured, NET_CAPITAL, Position, RATIOS, Ratio, Scope, Standing, Subject, TIER_1_CAPITAL,
        },
    },
    finding::Severity,
    message::{decimal_text, source_text},
    text::Lang,
    workbook::{
        cell::exact_number,
        label::{Label, label},
        style,
        table_sheet::{Column, TableSheet},
    },
};

const SHEET: Label = label("指标", "Ratios");

const COLUMNS: [Column; 12] = [
    (label("指标", "Ratio"), 34),
    (label("对象", "Whose"), 32),
    (label("金额(元)", "Amount (yuan)"), 20),
    (label("基数", "Base"), 14),
    (label("基数(元)", "Base (yuan)"), 20),
    (label("比率", "Ratio"), 10),
    (label("限额", "Limit"), 10),
    (label("限额(元)", "Limit (yuan)"), 20),
    (label("余量(元)", "Headroom (yuan)"), 20),
    (label("预警线", "Warning from"), 10),
    (label("状态", "Standing"), 22),
    (label("依据", "Source"), 40),
];

const RATIO: u16 = 5;
const LIMIT: u16 = 6;

/// Writes the sheet: for each ratio its largest exposure.
pub fn write(workbook: &mut Workbook, shown: &Concentration<'_>, title: &str, lang: Lang) -> Result<()> {
    let derived = shown.derived;
    let mut table = TableSheet::new(workbook, SHEET, &COLUMNS, title, lang)?;
    for (at, ratio) in RATIOS.iter().enumerate() {
        match derived.measured.get(at).and_then(Option::as_ref) {
            Some(measured) => match measured.positions.first() {
                Some(position) => line(&mut table, shown, at, measured, position, lang)?,
                None => empty(&mut table, shown, ratio, label("没有客户", "no customers"), lang)?,
            },
            None => empty(&mut table, shown, ratio, lacking(shown, at, ratio), lang)?,
        }
        table.end_line()?;
    }
    let last = table.row() - 1;
    let mut remarks = vec![scope_remark(shown, lang)];
    let exposures = &derived.exposures;
    remarks.extend(left_out(
        exposures.keyless.into(),
        label("没有客户代码的贷款", "loans without a customer code"),
        lang,
    ));
    remarks.extend(left_out(
        exposures.total.unread.into(),
        label("余额读不出的贷款", "loans whose balance could not be read"),
        lang,
    ));
    remarks.extend(left_out(
        derived.groups.unidentified.into(),
        label("无法识别身份的关联方记录", "records of related parties nothing identifies"),
        lang,
    ));
    table.foot(&remarks)?;
    if derived.measured.iter().any(Option::is_some) {
        // A ratio beyond the scale ends at its edge: one slip of 万元 for 元 would flatten all others.
        let largest = derived.settings.limits.limits_ppm.iter().flatten().max().copied().unwrap_or_default();
        let scale = exact_number(&decimal_text(largest * 6 / 5, 6)).unwrap_or(1.0);
        chart(&mut table, last, scale, lang)?;
    }
    Ok(())
}

fn name(ratio: &Ratio) -> Label {
    match (ratio.scope, ratio.measure, ratio.base, ratio.listing) {
        (_, _, _, true) => label("大额风险暴露列示标准", "Threshold of large exposures"),
        (Scope::Customer, _, Base::NetCapital, _) => label("单一最大客户贷款比率", "Loans to the largest customer"),
        (Scope::Customer, ..) => label("最大单一客户风险暴露", "Exposure to the largest customer"),
        (Scope::Group, Measure::CreditLine, ..) => label("单一集团客户授信集中度", "Credit lines of the largest group"),
        (Scope::Group, ..) => label("最大一组关联客户风险暴露", "Exposure to the largest group"),
        (Scope::TopTen, ..) => label("最大十家客户贷款比率", "Loans to the ten largest customers"),
    }
}

fn base_name(base: Base) -> Label {
    match base {
        Base::NetCapital => label("资本净额", "Net capital"),
        Base::Tier1Capital => label("一级资本净额", "Tier-1 capital"),
    }
}

fn lacking(shown: &Concentration<'_>, at: usize, ratio: &Ratio) -> Label {
    let limits = &shown.derived.settings.limits;
    if limits.limits_ppm.get(at).copied().flatten().is_none() {
        return label("不可判定：参数中没有该限额", "not evaluable: the parameters have no such limit");
    }
    match ratio.base {
        Base::NetCapital => {
            label("不可判定：任务文件未给出资本净额（net_capital）", "not evaluable: the job does not give net_capital")
        }
        Base::Tier1Capital => label(
            "不可判定：任务文件未给出一级资本净额（tier1_capital）",
            "not evaluable: the job does not give tier1_capital",
        ),
    }
}

/// A line without figures, and why.
fn empty(table: &mut TableSheet<'_>, shown: &Concentration<'_>, ratio: &Ratio, why: Label, lang: Lang) -> Result<()> {
    table.text(0, name(ratio).get(lang))?;
    for column in 1..10 {
        table.text(column, if column == 3 { base_name(ratio.base).get(lang) } else { "" })?;
    }
    table.text(10, why.get(lang))?;
    table.text(11, &source(shown, ratio, lang))
}

fn line(
    table: &mut TableSheet<'_>,
    shown: &Concentration<'_>,
    at: usize,
    measured: &Measured,
    position: &Position,
    lang: Lang,
) -> Result<()> {
    let derived = shown.derived;
    let limits = &derived.settings.limits;
    let ratio = &measured.ratio;
    table.text(0, name(ratio).get(lang))?;
    let whose = match position.subject {
        Subject::Customer(id) => customer_name(&derived.directory, id),
        Subject::Group(index) => {
            let anchor = derived.groups.groups.get(index).and_then(|group| group.members.first());
            let anchor = anchor.map(|id| customer_name(&derived.directory, *id)).unwrap_or_default();
            match lang {
                Lang::Zh => format!("集团{}：{anchor}等", index + 1),
                Lang::En => format!("group {}: {anchor} and others", index + 1),
            }
        }
        Subject::TopTen => label("最大十家客户合计", "the ten largest together").get(lang).to_owned(),
    };
    table.text(1, &whose)?;
    table.money(2, position.amount_fen)?;
    table.centred(3, base_name(ratio.base).get(lang))?;
    let base = match ratio.base {
        Base::NetCapital => limits.net_capital_fen,
        Base::Tier1Capital => limits.tier_1_capital_fen,
    };
    table.money(4, base.unwrap_or_default())?;
    table.share(RATIO, position.ratio_ppm)?;
    table.share(LIMIT, limits.limits_ppm.get(at).copied().flatten().unwrap_or_default())?;
    table.money(7, measured.limit_fen)?;
    table.money(8, position.headroom_fen)?;
    match limits.warning_ppm.filter(|_| !ratio.listing) {
        Some(band) => {
            let of_limit = match lang {
                Lang::Zh => format!("限额的{}%", percent_text(band)),
                Lang::En => format!("{} % of it", percent_text(band)),
            };
            table.centred(9, &of_limit)?;
        }
        None => table.centred(9, "—")?,
    }
    let (standing, severity) = standing(measured, position.standing, position.incomplete, lang);
    let format = style::wrapped();
    let format = severity.map_or(format.clone(), |severity| style::shaded(format, severity));
    table.text_as(10, &standing, &format)?;
    table.text(11, &source(shown, ratio, lang))
}

fn standing(measured: &Measured, standing: Standing, incomplete: bool, lang: Lang) -> (String, Option<Severity>) {
    let of = |wanted: Standing| measured.positions.iter().filter(|position| position.standing == wanted).count();
    let (mut text, severity) = match (standing, measured.ratio.listing) {
        (Standing::Within, _) => (label("未超限", "within the limit").get(lang).to_owned(), None),
        (Standing::Warning, _) => (label("预警", "warning").get(lang).to_owned(), Some(Severity::Warning)),
        (Standing::Above, true) => {
            let listed = of(Standing::Above);
            let text = match lang {
                Lang::Zh => format!("须列示{listed}户（组）"),
                Lang::En => format!("{listed} to be listed"),
            };
            (text, Some(Severity::Info))
        }
        (Standing::Above, false) => {
            let (above, warned) = (of(Standing::Above), of(Standing::Warning));
            let text = match lang {
                Lang::Zh => format!("超限{above}户（组），预警{warned}户（组）"),
                Lang::En => format!("{above} above, {warned} in the warning band"),
            };
            (text, Some(Severity::Error))
        }
    };
    if incomplete {
        text.push_str(label("（数据不全）", " (incomplete)").get(lang));
    }
    (text, severity)
}

fn source(shown: &Concentration<'_>, ratio: &Ratio, lang: Lang) -> String {
    shown.pack.params.get(ratio.param).map(|param| source_text(&param.source, lang)).unwrap_or_default()
}

fn scope_remark(shown: &Concentration<'_>, lang: Lang) -> String {
    let customers = shown.derived.directory.len();
    let total = decimal_text(shown.derived.exposures.total.balance_fen, 6);
    match lang {
        Lang::Zh => format!(
            "共{customers}户，贷款余额合计{total}万元；已撤销的借据不计。比率按报送数据计算，数据有差错的（见差错工作簿）先更正。资本净额和一级资本净额由任务文件[params]的{NET_CAPITAL}、\
             {TIER_1_CAPITAL}给出（万元）；限额和预警线是参数，依据见右栏，标“内部口径”的可在任务文件中另设。"
        ),
        Lang::En => format!(
            "{customers} customers owe {total} (10,000 yuan); cancelled loan notes do not count. Ratios are as \
             good as the data: findings come first. Capital is given by {NET_CAPITAL} and \
             {TIER_1_CAPITAL} under [params] of the job (10,000 yuan). Limits and the warning band are parameters; those marked \
             as an assumption may be set otherwise in the job."
        ),
    }
}

/// Ratio beside limit.
fn chart(table: &mut TableSheet<'_>, last: u32, scale: f64, lang: Lang) -> Result<()> {
    let sheet = SHEET.get(lang);
    let mut chart = Chart::new_bar();
    for (column, severity) in [(RATIO, Severity::Info), (LIMIT, Severity::Error)] {
        chart
            .add_series()
            .set_name((sheet, 0, column))
            .set_categories((sheet, 1, 0, last, 0))
            .set_values((sheet, 1, column, last, column))
            .set_format(ChartSolidFill::new().set_color(style::strong(severity)));
    }
    chart.title().set_name(&label("比率与限额", "Ratios and limits").beside(lang)).set_font(&style::chart_title());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    // The first ratio on top, as in the table.
    chart.y_axis().set_reverse();
    chart.x_axis().set_num_format("0%").set_min(0).set_max(scale);
    chart.set_width(900).set_height(380);
    table.sheet.insert_chart(table.row() + 1, 0, &chart)?;
    Ok(())
}
