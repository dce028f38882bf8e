//! Headings and widths of columns a definition says nothing about: the pack's for its fields, the program's for its own
//! tables.

use polars::prelude::DataType;

use crate::{pack::RulePack, text::Text};

/// Columns of the program's own tables.
const TITLES: &[(&str, &str, &str)] = &[
    ("_unit", "社部代码", "Unit"),
    ("_row", "序位", "Record"),
    ("unit", "社部代码", "Unit"),
    ("unit_name", "社部", "Unit name"),
    ("officer", "报送人员", "Officer"),
    ("timeliness", "报送情况", "Submission"),
    ("submitted", "报送情况", "Submission"),
    ("received", "收到时间", "Received"),
    ("files", "文件", "Files"),
    ("file", "文件", "File"),
    ("format", "格式", "Format"),
    ("bytes", "字节", "Bytes"),
    ("unreadable", "读不出", "Unreadable"),
    ("records", "记录", "Records"),
    ("flagged", "有问题记录", "Flagged"),
    ("errors", "强制", "Errors"),
    ("warnings", "提示", "Warnings"),
    ("infos", "信息", "Infos"),
    ("open", "未处理", "Open"),
    ("explained", "已说明", "Explained"),
    ("repeated", "往期已报", "Repeated"),
    ("resolved", "已消除", "Resolved"),
    ("dataset", "数据集", "Dataset"),
    ("rule", "规则", "Rule"),
    ("severity", "级别", "Severity"),
    ("level", "级别", "Severity"),
    ("sheet", "工作表", "Sheet"),
    ("cell", "单元格", "Cell"),
    ("record_key", "记录", "Record"),
    ("value", "值", "Value"),
    ("message", "问题", "Finding"),
    ("fix", "处理办法", "What to do"),
    ("status", "状态", "Status"),
    ("times", "次数", "Times"),
    ("explanation", "说明", "Explanation"),
    ("title", "规则内容", "What it says"),
    ("source", "依据", "Source"),
    ("eligible", "适用", "Eligible"),
    ("violated", "违反", "Violated"),
    ("not_evaluable", "无法判断", "Not evaluable"),
    ("at_risk", "涉及金额(元)", "At risk (yuan)"),
    ("reported", "报送", "Reported"),
    ("reason", "原因", "Reason"),
    ("non_performing", "不良余额(万元)", "Non-performing (10,000 yuan)"),
    ("loans", "笔数", "Loans"),
    ("in_default", "违约", "In default"),
    ("group_no", "集团", "Group"),
    ("circle_no", "担保圈", "Circle"),
    ("members", "成员", "Members"),
    ("path", "关联路径", "Path"),
    ("change", "变动", "Change"),
    ("prior_code", "上期客户代码", "Code before"),
    ("prior_name", "上期客户名称", "Name before"),
    ("prior_balance", "上期余额(万元)", "Balance before (10,000 yuan)"),
    ("difference", "差额", "Difference"),
    ("measure", "项目", "Measure"),
    ("opening", "上期", "Opening"),
    ("new", "＋新增", "+ new"),
    ("gone", "－减少", "- gone"),
    ("moved_in", "＋转入", "+ moved in"),
    ("moved_out", "－转出", "- moved out"),
    ("changed", "＋增减", "+ changed"),
    ("closing", "本期", "Closing"),
    ("period", "报告期", "Period"),
    ("subject", "科目", "Subject"),
    ("quarter", "季度", "Quarter"),
    ("scheme", "分层方案", "Scheme"),
    ("customer", "客户", "Customer"),
    ("customers", "户数", "Customers"),
    ("manager", "客户经理", "Manager"),
    ("tier", "层级", "Tier"),
    ("by_data", "按数据", "By the data"),
    ("since", "自", "Since"),
    ("tier_amount", "金额", "Amount"),
];

/// The heading of a column of that name.
pub fn of(name: &str, pack: &RulePack) -> Text {
    let fields = pack.datasets.iter().filter(|dataset| !dataset.roster).flat_map(|dataset| &dataset.fields);
    let field = fields.into_iter().find(|field| field.id == name);
    let own = || TITLES.iter().find(|(known, ..)| *known == name).map(|(_, zh, en)| Text::new(*zh, *en));
    field.map(crate::pack::Field::title).or_else(own).unwrap_or_else(|| Text::new(name, name))
}

/// The width of a column of that name and type.
pub fn width(name: &str, dtype: &DataType) -> u16 {
    match dtype {
        DataType::String if name.ends_with("name") => 34,
        DataType::String if name.ends_with("_code") || name.ends_with("_no") => 22,
        DataType::String if ["message", "fix", "title", "reason", "path", "explanation"].contains(&name) => 50,
        DataType::String => 14,
        DataType::Date => 12,
        dtype if dtype.is_decimal() => 18,
        _ => 10,
    }
}
