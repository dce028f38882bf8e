//! The text of a job file with a comment on every line a person may want to change.

use std::fmt::Write as _;

use super::{RECEIPTS, ROSTER, Request, SUBMISSIONS};
use crate::{
    pack::{Literal, describe},
    toml_text::{one_line, quoted},
};

/// The job file.
pub fn text(request: &Request<'_>) -> String {
    let (pack, period) = (request.pack, request.period);
    let (id, title) = (quoted(&pack.id), &pack.title);
    let prior = period.prior();
    let mut text = format!(
        "# {}：{period} 的作业；路径从本文件所在的文件夹算起\n\
         # A job of {} for {period}; paths are relative to this file\n\n\
         # 规则包 / The rule pack\npack = {id}\n",
        one_line(&title.zh),
        one_line(&title.en),
    );
    if let Some(rules) = &request.rules {
        let _ = write!(text, "# 规则文件夹 / The folder of packs\nrules = {}\n", quoted(rules));
    }
    let _ = write!(
        text,
        "# 报告期：月份如 2026-10，季度如 2026Q3 / The period: a month such as 2026-10, a quarter such as 2026Q3\n\
         period = \"{period}\"\n\
         # 本联社的机构代码和名称，请修改 / Code and name of your institution: please change\n\
         institution = {{ code = \"000000\", name = \"示例农村信用合作联社\" }}\n\
         # 机构名册：每个社部一行 / The roster: one line for each unit\n\
         roster = \"{ROSTER}\"\n\
         # 报送文件：每个社部一个子文件夹，以“代码-名称”命名 / What units hand in: one folder for each, named code-name\n\
         input = \"{SUBMISSIONS}\"\n\
         # 签收记录：每签收一个文件记一行，时间写成 2026-11-04T16:20:00，用来判断迟报；不记可删去本行\n\
         # Receipts: a line for each file received, times like 2026-11-04T16:20:00; tells who is late. Delete if unused\n\
         receipts = \"{RECEIPTS}\"\n\
         # 上一期的作业，用来比较变动；有了以后去掉行首的 # / The job of the period before, for changes; take off the #\n\
         # prior = \"../{prior}/job.toml\"\n\
         # 节假日表，程序自带的年份不够时使用 / Working days, if the program lacks a year\n\
         # calendar = \"workdays.csv\"\n\
         # 加密文件的密码所在的环境变量 / The environment variable that holds the password of encrypted files\n\
         # password_env = \"BAOSONG_PASSWORD\"\n",
    );
    let open: Vec<_> = pack.params.iter().filter(|(_, param)| param.source.assumption).collect();
    if open.is_empty() {
        return text;
    }
    text.push_str(
        "\n# 参数：制度没有规定数值、由联社确定的。要改的去掉行首的 # 后修改，其余按规则包的值\n\
         # Parameters no regulation fixes: take off the # of those you set otherwise; the others are as in the pack\n\
         [params]\n",
    );
    for (name, param) in open {
        let value = literal(&param.value);
        let (unit, source) = (one_line(&param.unit), &param.source);
        let _ = writeln!(text, "# {name} = {value}  # {unit}；{} {}", one_line(&source.doc), one_line(&source.article));
    }
    text
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Text(text) => quoted(text),
        other => describe::number(other),
    }
}
