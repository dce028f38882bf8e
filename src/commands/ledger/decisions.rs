//! Tiers decided by people: recording, withdrawing and listing them.

use anyhow::{Result, anyhow};
use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde_json::json;

use super::{now, pretty, today};
use crate::{
    cli::{Common, Exit, OverrideArgs},
    job,
    ledger::{Decision, DecisionState, Ledger},
    pack::RulePack,
    problem::Problems,
    run,
    terminal::say,
    text::{Lang, Text},
    tier::{Scheme, key_hash},
};

/// Records a decision.
///
/// # Errors
/// If the job or its pack is wrong, has no such scheme or tier, or the ledger does not take it.
pub fn decide(ledger: &mut Ledger, args: &OverrideArgs, common: &Common) -> Result<Exit> {
    let job = job::read_job(&args.job)?;
    let pack = run::load(&job, &run::read_calendar(&job)?)?;
    let scheme = scheme(&pack, args)?;
    let (key, shown) = customer(&pack, scheme, &args.customer)?;
    let since = args.from.unwrap_or_else(today);
    let decision = Decision {
        id: 0,
        pack: pack.id.clone(),
        scheme: scheme.id.clone(),
        key,
        shown,
        tier: args.tier.clone(),
        reason: args.reason.clone(),
        who: args.who.clone(),
        since,
        until: args.until,
        given: now(),
        withdrawn: None,
    };
    let mut book = ledger.begin_run(&job.institution, now())?;
    let number = book.decide(&decision, now())?;
    let touched = book.tiers_since(&pack.id, since)?;
    if common.json {
        say(&pretty(&json!({ "number": number, "quarters": touched }))?)?;
        return Ok(Exit::Clear);
    }
    let until = args.until;
    let mut lines = vec![Text::new(
        format!("已登记第 {number} 号：{} 调整为 {}，{since} 至 {until}", decision.shown, decision.tier),
        format!("registered no. {number}: {} set to {}, {since} to {until}", decision.shown, decision.tier),
    )];
    if !touched.is_empty() {
        let quarters = touched.join(", ");
        lines.push(Text::new(
            format!("生效日期在已计算的季度之内或之前，请重新计算：{quarters}"),
            format!("its first day lies in or before quarters that are calculated; calculate them again: {quarters}"),
        ));
    }
    say(&lines.iter().map(|line| line.get(common.lang)).collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Clear)
}

fn scheme<'p>(pack: &'p RulePack, args: &OverrideArgs) -> Result<&'p Scheme, Problems> {
    let mut problems = Problems::default();
    let names: Vec<&str> = pack.tiers.iter().map(|scheme| scheme.id.as_str()).collect();
    let found = match (&args.scheme, pack.tiers.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(name), all) => all.iter().find(|scheme| scheme.id == *name),
    };
    let Some(scheme) = found else {
        let pack = &pack.id;
        let message = match (&args.scheme, names.is_empty()) {
            (_, true) => {
                Text::new(format!("规则包 {pack} 没有分级方案"), format!("the pack {pack} has no scheme of tiers"))
            }
            (Some(name), _) => Text::new(format!("没有分级方案 {name}"), format!("there is no scheme {name}")),
            (None, _) => Text::new("规则包有几个分级方案，须指明", "the pack has several schemes; one has to be named"),
        };
        let names = names.join(", ");
        let help = (!names.is_empty())
            .then(|| Text::new(format!("--scheme 可以写：{names}"), format!("--scheme is one of: {names}")));
        problems.add(message, help);
        return Err(problems);
    };
    if scheme.tier_index(&args.tier).is_none() {
        let ids: Vec<&str> = scheme.tiers.iter().map(|tier| tier.id.as_str()).collect();
        let tier = &args.tier;
        let message = Text::new(
            format!("方案 {} 没有级别 {tier}", scheme.id),
            format!("the scheme {} has no tier {tier}", scheme.id),
        );
        let listed = ids.join(", ");
        let help = Text::new(format!("可以写：{listed}"), format!("one of: {listed}"));
        problems.add(message, Some(help));
        return Err(problems);
    }
    Ok(scheme)
}

/// The customer's key as the ledger knows it, and masked.
fn customer(pack: &RulePack, scheme: &Scheme, key: &str) -> Result<([u8; 10], String)> {
    let dataset = pack.datasets.get(scheme.on).ok_or_else(|| anyhow!("the scheme's dataset"))?;
    let fields: Vec<_> = scheme.key.iter().filter_map(|field| dataset.fields.get(usize::from(*field))).collect();
    let parts: Vec<&str> = if fields.len() == 1 { vec![key.trim()] } else { key.split('/').map(str::trim).collect() };
    if parts.len() != fields.len() || parts.iter().any(|part| part.is_empty()) {
        let (zh, en): (Vec<_>, Vec<_>) = fields
            .iter()
            .map(|field| (field.headings.first().map_or("", String::as_str), field.title_en.as_str()))
            .unzip();
        let (zh, en) = (zh.join("/"), en.join("/"));
        let mut problems = Problems::default();
        let help = Text::new(format!("写成 {zh}"), format!("written as {en}"));
        problems.add(Text::new("--customer 不是该方案的客户主键", "--customer is no key of the scheme"), Some(help));
        return Err(problems.into());
    }
    let whole = match parts.as_slice() {
        [only] => (*only).to_owned(),
        parts => parts.iter().flat_map(|part| [*part, "\u{1f}"]).collect(),
    };
    let shown = fields.iter().zip(&parts).map(|(field, part)| field.mask.apply(part)).collect::<Vec<_>>().join("/");
    Ok((key_hash(&dataset.id, &whole), shown))
}

/// Withdraws a decision from today on.
///
/// # Errors
/// If no such decision is in force or to come.
pub fn withdraw(ledger: &mut Ledger, number: i64, who: &str, common: &Common) -> Result<Exit> {
    ledger.withdraw_decision(number, who, now())?;
    if common.json {
        say(&pretty(&json!({ "number": number, "state": DecisionState::Withdrawn }))?)?;
    } else {
        let text = Text::new(format!("第 {number} 号自今日起撤销"), format!("no. {number} is withdrawn from today on"));
        say(text.get(common.lang))?;
    }
    Ok(Exit::Clear)
}

/// Lists all decisions and how they stand today.
///
/// # Errors
/// If the ledger cannot be read.
pub fn list(ledger: &Ledger, common: &Common) -> Result<Exit> {
    let decisions = ledger.decisions()?;
    if common.json {
        let lines: Vec<_> = decisions
            .iter()
            .map(|decision| {
                json!({
                    "number": decision.id,
                    "pack": decision.pack,
                    "scheme": decision.scheme,
                    "customer": decision.shown,
                    "tier": decision.tier,
                    "reason": decision.reason,
                    "who": decision.who,
                    "from": decision.since,
                    "until": decision.until,
                    "given": decision.given.date(),
                    "withdrawn": decision.withdrawn.as_ref().map(|(day, _)| day),
                    "withdrawn_by": decision.withdrawn.as_ref().map(|(_, who)| who),
                    "state": decision.state(today()),
                })
            })
            .collect();
        say(&pretty(&lines.into())?)?;
        return Ok(Exit::Clear);
    }
    let lang = common.lang;
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    let heads = [
        ("编号", "no."),
        ("规则包", "pack"),
        ("方案", "scheme"),
        ("客户", "customer"),
        ("调整为", "tier"),
        ("理由", "reason"),
        ("批准人", "by"),
        ("生效日期", "from"),
        ("有效期至", "until"),
        ("状态", "state"),
    ];
    table.set_header(heads.map(|(zh, en)| Text::new(zh, en).get(lang).to_owned()));
    for decision in &decisions {
        table.add_row([
            decision.id.to_string(),
            decision.pack.clone(),
            decision.scheme.clone(),
            decision.shown.clone(),
            decision.tier.clone(),
            decision.reason.clone(),
            decision.who.clone(),
            decision.since.to_string(),
            decision.until.to_string(),
            state(decision, lang),
        ]);
    }
    let expired = decisions.iter().filter(|decision| decision.state(today()) == DecisionState::Expired).count();
    let total = decisions.len();
    let foot =
        Text::new(format!("共 {total} 条，已过期 {expired} 条"), format!("{total} decision(s), {expired} expired"));
    say(&format!("{table}\n{}", foot.get(lang)))?;
    Ok(Exit::Clear)
}

fn state(decision: &Decision, lang: Lang) -> String {
    let text = match decision.state(today()) {
        DecisionState::Later => Text::new("尚未生效", "not yet in force"),
        DecisionState::InForce => Text::new("生效", "in force"),
        DecisionState::Expired => Text::new("已过期", "expired"),
        DecisionState::Withdrawn => {
            let (day, who) = decision.withdrawn.clone().unwrap_or_default();
            Text::new(format!("已撤销（{who}，{day}）"), format!("withdrawn ({who}, {day})"))
        }
    };
    text.get(lang).to_owned()
}
