//! The arguments of what is planned and decided: calendar, schedules, tiers set by people.

use std::path::PathBuf;

use clap::Args;

use crate::job::Period;

/// Of which periods the deadlines are shown.
#[derive(Clone, Debug, Args)]
pub struct CalendarArgs {
    /// 报告期，可多次给出，逐日列出；默认上月和本月 / Period, may be repeated, day by day; last month and this one by default
    #[arg(long)]
    pub period: Vec<Period>,
    /// 另写成日历文件，可导入 Outlook、手机 / Also write a calendar file for Outlook and telephones
    #[arg(long, value_name = "FILE")]
    pub ics: Option<PathBuf>,
    /// 工作日历文件，补充程序没有的年份 / Working-day calendar with years the program does not have
    #[arg(long, value_name = "CSV")]
    pub calendar: Option<PathBuf>,
}

/// What a scheduler is to be told.
#[derive(Clone, Debug, Args)]
pub struct ScheduleArgs {
    /// 为哪种计划任务 / For which scheduler
    #[arg(long = "for", value_enum, value_name = "SCHEDULER", required_unless_present = "is")]
    pub scheduler: Option<crate::schedule::Scheduler>,
    /// 各月作业文件夹所在的文件夹 / The folder that holds the months' job folders
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub job: PathBuf,
    /// 从哪天起，默认今天 / From which day on; today by default
    #[arg(long, value_name = "DATE")]
    pub from: Option<chrono::NaiveDate>,
    /// 写成文件放进该文件夹，不显示 / Write files into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    /// 程序的位置 / How the program is called
    #[arg(long, value_name = "PATH", default_value = "baosong")]
    pub program: String,
    /// 工作日历文件，补充程序没有的年份 / Working-day calendar with years the program does not have
    #[arg(long, value_name = "CSV")]
    pub calendar: Option<PathBuf>,
    /// 当天是否该运行：是则显示报告期，退出码 0；否则退出码 1 / Whether the task is due: prints the period, or exits with 1
    #[arg(long, value_enum, value_name = "TASK", conflicts_with_all = ["scheduler", "into"])]
    pub is: Option<crate::schedule::Task>,
    /// 与 --is 同用：哪一天，默认今天 / With --is: which day; today by default
    #[arg(long, value_name = "DATE", requires = "is")]
    pub on: Option<chrono::NaiveDate>,
}

/// A tier someone decided on.
#[derive(Clone, Debug, Args)]
pub struct OverrideArgs {
    /// 作业文件，或它所在的文件夹 / The job file, or its folder
    pub job: PathBuf,
    /// 客户主键，几个字段时用 / 连接 / Key of the customer; several fields with strokes between them
    #[arg(long)]
    pub customer: String,
    /// 调整为哪一级 / The tier
    #[arg(long)]
    pub tier: String,
    /// 理由 / The reason
    #[arg(long)]
    pub reason: String,
    /// 谁批准的 / Who decided
    #[arg(long)]
    pub who: String,
    /// 最后一天，如 2026-12-31 / The last day it holds, such as 2026-12-31
    #[arg(long)]
    pub until: chrono::NaiveDate,
    /// 第一天，默认今天 / The first day it holds; today by default
    #[arg(long)]
    pub from: Option<chrono::NaiveDate>,
    /// 分级方案，规则包有几个时须写 / The scheme, where the pack has several
    #[arg(long)]
    pub scheme: Option<String>,
}
