//! The files of a pack that hold schemes of tiers and cadences.

use std::{collections::BTreeMap, sync::Arc};

use super::{Literal, RulePack, functions::Context};
use crate::{
    cadence::read_cadences,
    problem::{Problems, TomlFile},
    tier::{SchemeScope, read_schemes},
};

const TIERS: &str = "/tiers.toml";
const CADENCES: &str = "/cadence.toml";

/// Whether a file holds no rules but schemes or cadences.
pub(super) fn is_scheme(name: &str) -> bool {
    name.ends_with(TIERS) || name.ends_with(CADENCES)
}

/// Reads the schemes and cadences of `files`, whose parameters were read already, into `pack`.
pub(super) fn read(
    files: &[(String, TomlFile)],
    pack: &mut RulePack,
    params: &BTreeMap<String, Literal>,
    context: &Arc<Context>,
    problems: &mut Problems,
) {
    let scope = SchemeScope { datasets: &pack.datasets, params, context };
    let of = |ending: &'static str| files.iter().filter(move |(name, _)| name.ends_with(ending)).map(|(_, file)| file);
    let mut schemes = Vec::new();
    for file in of(TIERS) {
        schemes.extend(file.parse(problems, |reader, problems| {
            reader.pass_over(&["param"]);
            read_schemes(reader, problems, scope)
        }));
    }
    let mut cadences = Vec::new();
    // A cadence may name a tier of a scheme.
    for file in of(CADENCES) {
        cadences.extend(file.parse(problems, |reader, problems| {
            reader.pass_over(&["param"]);
            read_cadences(reader, problems, scope, &schemes)
        }));
    }
    pack.tiers = schemes;
    pack.cadences = cadences;
}
